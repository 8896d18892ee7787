//! What decides whether a tenant's messages may leave, as one snapshot in memory. Balances and the do-not-disturb lists
//! are not in it.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use waypost_core::channel::Channel;
use waypost_core::policy::{DailyWindow, Money, Phrase, RatePlan, WordList};
use waypost_core::time::{Micros, Zone};

use super::types::Tenant;
use crate::StoreError;
use crate::sql::Sql;

/// Settings of a tenant, or of one service where it differs. Field names are on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicySettings {
    /// The tenant's profile is switched off (7008). Of the tenant only.
    pub switched_off: bool,
    /// Only verified destinations may be sent to (7116). Of the tenant only.
    pub verified_only: bool,
    /// The service sends promotional messages, which keep to the social hours. Of a service only.
    pub promotional: bool,
    /// The social hours, `HH:MM-HH:MM` (7113 outside).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub social_hours: Option<String>,
    /// IANA time zone of the social hours; the tenant's own when none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Most characters of a text (7107 above).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_chars_max: Option<u32>,
}

/// A daily window and the clock it is read from.
#[derive(Clone, Debug)]
pub struct Hours {
    /// The window.
    pub window: DailyWindow,
    /// Whose clock.
    pub zone: Zone,
}

impl Hours {
    /// Whether `at` is inside.
    #[must_use]
    pub fn is_open(&self, at: Micros) -> bool {
        self.window.contains(self.zone.minute_of_day(at))
    }
}

#[derive(Debug, Default)]
struct Scope {
    promotional: bool,
    hours: Option<Hours>,
    text_chars_max: Option<u32>,
}

/// What is set up for one tenant.
#[derive(Debug, Default)]
pub struct TenantPolicies {
    /// Its profile is switched off.
    pub switched_off: bool,
    /// Only verified destinations may be sent to.
    pub verified_only: bool,
    /// Its spam phrases.
    pub spam: WordList,
    /// Its prices.
    pub rates: RatePlan,
    /// Whether its messages are charged.
    pub charged: bool,
    /// Whether it has, or had, a balance: then there may be charges to give back.
    pub has_account: bool,
    verified: HashSet<String>,
    own: Scope,
    services: HashMap<i64, Scope>,
}

impl TenantPolicies {
    /// The social hours that hold for a service; `None` for one that is not promotional, or without any.
    #[must_use]
    pub fn social_hours(&self, service: i64) -> Option<&Hours> {
        let of_service = self.services.get(&service).filter(|scope| scope.promotional)?;
        of_service.hours.as_ref().or(self.own.hours.as_ref())
    }

    /// Most characters of a text of a service.
    #[must_use]
    pub fn text_chars_max(&self, service: i64) -> Option<u32> {
        let of_service = self.services.get(&service).and_then(|scope| scope.text_chars_max);
        of_service.or(self.own.text_chars_max)
    }

    /// Whether a destination is on the tenant's list of verified ones; a `+` in front does not matter.
    #[must_use]
    pub fn is_verified(&self, destination: &str) -> bool {
        self.verified.contains(destination.strip_prefix('+').unwrap_or(destination))
    }
}

/// What is set up for all tenants.
#[derive(Debug, Default)]
pub struct Policies {
    tenants: HashMap<i64, TenantPolicies>,
    platform_spam: WordList,
}

impl Policies {
    /// What is set up for a tenant; `None` for one without any policy.
    #[must_use]
    pub fn of_tenant(&self, tenant: i64) -> Option<&TenantPolicies> {
        self.tenants.get(&tenant)
    }

    /// Spam phrases that hold for all tenants.
    #[must_use]
    pub const fn platform_spam(&self) -> &WordList {
        &self.platform_spam
    }

    /// Reads all policies; `tenants` are those of the same snapshot.
    pub(super) fn load(tx: &mut dyn Sql, tenants: &HashMap<i64, (Tenant, Zone)>) -> Result<Self, StoreError> {
        let mut policies = Self::default();
        policies.settings(tx, tenants)?;
        policies.rates(tx)?;
        policies.spam(tx)?;
        for row in tx.query("SELECT tenant, destination FROM verified", &[])? {
            policies.at(row.int(0)?).verified.insert(row.text(1)?.to_owned());
        }
        for row in tx.query("SELECT tenant, enforced FROM credit", &[])? {
            let tenant = policies.at(row.int(0)?);
            (tenant.charged, tenant.has_account) = (row.flag(1)?, true);
        }
        Ok(policies)
    }

    fn at(&mut self, tenant: i64) -> &mut TenantPolicies {
        self.tenants.entry(tenant).or_default()
    }

    fn settings(
        &mut self,
        tx: &mut dyn Sql,
        tenants: &HashMap<i64, (Tenant, Zone)>,
    ) -> Result<(), StoreError> {
        for row in tx.query("SELECT tenant, service, settings FROM policy", &[])? {
            let (tenant, service) = (row.int(0)?, row.int(1)?);
            let settings = parse(row.text(2)?)?;
            let zone = tenants.get(&tenant).map_or_else(Zone::utc, |(_, zone)| zone.clone());
            let scope = scope(&settings, zone)?;
            let policies = self.at(tenant);
            if service == 0 {
                policies.switched_off = settings.switched_off;
                policies.verified_only = settings.verified_only;
                policies.own = scope;
            } else {
                policies.services.insert(service, scope);
            }
        }
        Ok(())
    }

    fn rates(&mut self, tx: &mut dyn Sql) -> Result<(), StoreError> {
        for row in tx.query("SELECT tenant, channel, prefix, price FROM rate", &[])? {
            let channel =
                Channel::parse(row.text(1)?).ok_or_else(|| StoreError::Corrupt("rate.channel".to_owned()))?;
            self.at(row.int(0)?).rates.set(channel, row.text(2)?, Money(row.int(3)?));
        }
        Ok(())
    }

    fn spam(&mut self, tx: &mut dyn Sql) -> Result<(), StoreError> {
        for row in tx.query("SELECT tenant, phrase FROM spam_phrase", &[])? {
            let phrase = Phrase::parse(row.text(1)?)
                .map_err(|_| StoreError::Corrupt("spam_phrase.phrase".to_owned()))?;
            match row.int(0)? {
                0 => self.platform_spam.add(phrase),
                tenant => self.at(tenant).spam.add(phrase),
            }
        }
        Ok(())
    }
}

/// Reads stored settings.
pub(super) fn parse(settings: &str) -> Result<PolicySettings, StoreError> {
    serde_json::from_str(settings).map_err(|error| StoreError::Corrupt(format!("policy.settings: {error}")))
}

fn scope(settings: &PolicySettings, tenant_zone: Zone) -> Result<Scope, StoreError> {
    let corrupt = |what: String| StoreError::Corrupt(format!("policy.settings: {what}"));
    let zone = match &settings.zone {
        Some(name) => Zone::parse(name).map_err(|error| corrupt(error.to_string()))?,
        None => tenant_zone,
    };
    let window = settings.social_hours.as_deref().map(str::parse::<DailyWindow>).transpose();
    let window = window.map_err(|error| corrupt(error.to_string()))?;
    Ok(Scope {
        promotional: settings.promotional,
        hours: window.map(|window| Hours { window, zone }),
        text_chars_max: settings.text_chars_max,
    })
}
