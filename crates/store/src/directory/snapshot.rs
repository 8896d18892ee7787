//! The whole directory in memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use waypost_core::sender::SenderId;
use waypost_core::time::Zone;

use super::app::Apps;
use super::carrier::{self, CarrierKind, SipTrunk, SmppConnection};
use super::event::Events;
use super::key::{KEY_HASH_BYTES, hash};
use super::link::{self, Link};
use super::policy::Policies;
use super::profile_attribute::{self, ProfileAttribute};
use super::template::Templates;
use super::types::{ApiKey, Partner, Sender, Service, Tenant, TpsLimit, parse_cidr};
use super::{revision, rows};
use crate::seal::MasterKey;
use crate::sql::Sql;
use crate::{Param, StoreError};

/// Everything operators set up, as of one revision. Look-ups by key, id and name are O(1).
#[derive(Debug)]
pub struct Directory {
    revision: i64,
    tenants: HashMap<i64, (Tenant, Zone)>,
    services: HashMap<i64, Service>,
    keys: HashMap<[u8; KEY_HASH_BYTES], ApiKey>,
    senders: HashMap<i64, HashMap<String, Sender>>,
    numbers: HashMap<String, i64>,
    allowlists: HashMap<i64, Vec<IpNet>>,
    limits: HashMap<i64, HashMap<String, TpsLimit>>,
    connections: Vec<SmppConnection>,
    trunks: Vec<SipTrunk>,
    apps: Apps,
    policies: Policies,
    profile_attributes: HashMap<i64, Vec<ProfileAttribute>>,
    partners: Vec<Partner>,
    templates: Templates,
    links: HashMap<i64, Arc<Link>>,
    events: Events,
    utc: Zone,
}

/// What a presented key opens.
#[derive(Clone, Copy, Debug)]
pub struct KeyMatch<'a> {
    /// The key.
    pub key: &'a ApiKey,
    /// Its tenant.
    pub tenant: &'a Tenant,
    /// Its service; `None` for a profile key.
    pub service: Option<&'a Service>,
}

impl Directory {
    /// The revision it was loaded at.
    #[must_use]
    pub const fn revision(&self) -> i64 {
        self.revision
    }

    /// The tenant and service of a presented key; `None` when it is unknown or revoked. The time it takes depends on
    /// the presented text only: keys are found by their hash.
    #[must_use]
    pub fn key(&self, presented: &str) -> Option<KeyMatch<'_>> {
        let key = self.keys.get(&hash(presented))?;
        let service = match key.service {
            Some(id) => Some(self.service(id)?),
            None => None,
        };
        Some(KeyMatch { key, tenant: self.tenant(key.tenant)?, service })
    }

    /// A tenant by its row.
    #[must_use]
    pub fn tenant(&self, id: i64) -> Option<&Tenant> {
        self.tenants.get(&id).map(|(tenant, _)| tenant)
    }

    /// All tenants, in no order.
    pub fn tenants(&self) -> impl Iterator<Item = &Tenant> {
        self.tenants.values().map(|(tenant, _)| tenant)
    }

    /// The time zone of a tenant's notifications; UTC for an unknown tenant.
    #[must_use]
    pub fn zone(&self, tenant: i64) -> &Zone {
        self.tenants.get(&tenant).map_or(&self.utc, |(_, zone)| zone)
    }

    /// A service by its row.
    #[must_use]
    pub fn service(&self, id: i64) -> Option<&Service> {
        self.services.get(&id)
    }

    /// All services, in no order.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.values()
    }

    /// A sender registered for the tenant; `+` in front of a number does not matter.
    #[must_use]
    pub fn sender(&self, tenant: i64, address: &str) -> Option<&Sender> {
        let of_tenant = self.senders.get(&tenant)?;
        of_tenant.get(address).or_else(|| of_tenant.get(canonical_sender(address)?.as_str()))
    }

    /// The senders of a tenant, in no order.
    pub fn senders(&self, tenant: i64) -> impl Iterator<Item = &Sender> {
        self.senders.get(&tenant).into_iter().flat_map(HashMap::values)
    }

    /// The service that gets what is sent to `number`: the one whose default sender it is; else, when the number is
    /// registered for one tenant only, that tenant's oldest service with an inbound URL.
    #[must_use]
    pub fn owner_of_number(&self, number: &str) -> Option<&Service> {
        let number = canonical_sender(number)?;
        self.numbers.get(&number).and_then(|id| self.service(*id))
    }

    /// Addresses a tenant's requests may come from; empty for any.
    #[must_use]
    pub fn allowlist(&self, tenant: i64) -> &[IpNet] {
        self.allowlists.get(&tenant).map_or(&[], Vec::as_slice)
    }

    /// Whether a request of the tenant may come from `address` (7010 otherwise).
    #[must_use]
    pub fn allows(&self, tenant: i64, address: IpAddr) -> bool {
        let list = self.allowlist(tenant);
        let address = address.to_canonical();
        list.is_empty() || list.iter().any(|net| net.contains(&address))
    }

    /// The limit of a tenant on an API; `None` for none.
    #[must_use]
    pub fn limit(&self, tenant: i64, api: &str) -> Option<TpsLimit> {
        self.limits.get(&tenant)?.get(api).copied()
    }

    /// All connections, also the disabled ones, by row.
    #[must_use]
    pub fn connections(&self) -> &[SmppConnection] {
        &self.connections
    }

    /// All trunks, also the disabled ones, by row.
    #[must_use]
    pub fn trunks(&self) -> &[SipTrunk] {
        &self.trunks
    }

    /// What the tenant has added to its master profile store.
    #[must_use]
    pub fn profile_attributes(&self, tenant: i64) -> &[ProfileAttribute] {
        self.profile_attributes.get(&tenant).map_or(&[], Vec::as_slice)
    }

    /// The app assets of all tenants.
    #[must_use]
    pub const fn apps(&self) -> &Apps {
        &self.apps
    }

    /// What decides whether messages may leave.
    #[must_use]
    pub const fn policies(&self) -> &Policies {
        &self.policies
    }

    /// A smart link of the tenant, by its `linkid`, whether enabled or not.
    #[must_use]
    pub fn link(&self, tenant: i64, id: i64) -> Option<&Arc<Link>> {
        self.links.get(&id).filter(|link| link.tenant == tenant)
    }

    /// Events and rules.
    #[must_use]
    pub const fn events(&self) -> &Events {
        &self.events
    }

    /// The approved templates.
    #[must_use]
    pub const fn templates(&self) -> &Templates {
        &self.templates
    }

    /// All content partners, also the disabled ones, by row.
    #[must_use]
    pub fn partners(&self) -> &[Partner] {
        &self.partners
    }

    /// A content partner by its row.
    #[must_use]
    pub fn partner(&self, id: i64) -> Option<&Partner> {
        self.partners.iter().find(|partner| partner.id == id)
    }
}

/// A sender id as it is stored; `None` when it is none.
pub(super) fn canonical_sender(address: &str) -> Option<String> {
    SenderId::parse(address).ok().map(|sender| sender.as_str().to_owned())
}

pub(super) fn load(tx: &mut dyn Sql, master: &MasterKey) -> Result<Directory, StoreError> {
    let all = [Param::Int(0)];
    let services = list(tx, rows::SERVICE, &all, |row| rows::service(row, Some(master)))?;
    let senders = list(tx, rows::SENDER, &all, rows::sender)?;
    let tenants = tenants(tx)?;
    Ok(Directory {
        revision: revision(tx)?,
        policies: Policies::load(tx, &tenants)?,
        tenants,
        numbers: numbers(&services, &senders),
        services: services.into_iter().map(|service| (service.id, service)).collect(),
        keys: keys(tx)?,
        senders: by_tenant(senders),
        allowlists: allowlists(tx)?,
        limits: limits(tx)?,
        connections: carrier::all(tx, CarrierKind::Connection, Some(master))?,
        trunks: carrier::all(tx, CarrierKind::Trunk, Some(master))?,
        apps: Apps::load(tx, master)?,
        profile_attributes: profile_attribute::load(tx)?,
        templates: Templates::load(tx)?,
        links: link::load(tx)?,
        events: Events::load(tx)?,
        partners: list(tx, rows::PARTNER, &all, |row| rows::partner(row, Some(master)))?,
        utc: zone("UTC")?,
    })
}

fn list<T>(
    tx: &mut dyn Sql,
    sql: &'static str,
    params: &[Param<'_>],
    read: impl Fn(&crate::Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    tx.query(sql, params)?.iter().map(read).collect()
}

fn zone(name: &str) -> Result<Zone, StoreError> {
    Zone::parse(name).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn tenants(tx: &mut dyn Sql) -> Result<HashMap<i64, (Tenant, Zone)>, StoreError> {
    let tenants = list(tx, rows::TENANT, &[], rows::tenant)?;
    tenants
        .into_iter()
        .map(|tenant| {
            let zone = zone(&tenant.time_zone)?;
            Ok((tenant.id, (tenant, zone)))
        })
        .collect()
}

fn keys(tx: &mut dyn Sql) -> Result<HashMap<[u8; KEY_HASH_BYTES], ApiKey>, StoreError> {
    let mut keys = HashMap::new();
    for row in tx.query(rows::API_KEY, &[Param::Int(0)])? {
        let key = rows::api_key(&row)?;
        if key.revoked_at.is_none() {
            let hash = row.blob(7)?.try_into().map_err(|_| StoreError::Corrupt("api_key.hash".to_owned()))?;
            keys.insert(hash, key);
        }
    }
    Ok(keys)
}

fn by_tenant(senders: Vec<Sender>) -> HashMap<i64, HashMap<String, Sender>> {
    let mut by_tenant: HashMap<i64, HashMap<String, Sender>> = HashMap::new();
    for sender in senders {
        by_tenant.entry(sender.tenant).or_default().insert(sender.address.clone(), sender);
    }
    by_tenant
}

/// Which service owns each number; `services` come by row, so the oldest comes first.
fn numbers(services: &[Service], senders: &[Sender]) -> HashMap<String, i64> {
    let mut tenants_of: HashMap<&str, Vec<i64>> = HashMap::new();
    for sender in senders {
        tenants_of.entry(&sender.address).or_default().push(sender.tenant);
    }
    let mut owners = HashMap::new();
    for (address, tenants) in tenants_of {
        let [tenant] = tenants[..] else { continue };
        let mut candidates = services.iter().filter(|service| service.tenant == tenant);
        if let Some(service) = candidates.find(|service| service.inbound_url.is_some()) {
            owners.insert(address.to_owned(), service.id);
        }
    }
    for service in services.iter().rev() {
        if let Some(address) = service.default_sender.as_deref().and_then(canonical_sender) {
            owners.insert(address, service.id);
        }
    }
    owners
}

fn allowlists(tx: &mut dyn Sql) -> Result<HashMap<i64, Vec<IpNet>>, StoreError> {
    let mut lists: HashMap<i64, Vec<IpNet>> = HashMap::new();
    for row in tx.query("SELECT tenant, cidr FROM ip_allow ORDER BY id", &[])? {
        let net = parse_cidr(row.text(1)?).ok_or_else(|| StoreError::Corrupt("ip_allow.cidr".to_owned()))?;
        lists.entry(row.int(0)?).or_default().push(net);
    }
    Ok(lists)
}

fn limits(tx: &mut dyn Sql) -> Result<HashMap<i64, HashMap<String, TpsLimit>>, StoreError> {
    let mut limits: HashMap<i64, HashMap<String, TpsLimit>> = HashMap::new();
    for row in tx.query("SELECT tenant, api, per_second, burst_mode FROM tps_limit", &[])? {
        let per_second = u32::try_from(row.int(2)?).unwrap_or(u32::MAX);
        let limit = TpsLimit { per_second, burst_mode: row.flag(3)? };
        limits.entry(row.int(0)?).or_default().insert(row.text(1)?.to_owned(), limit);
    }
    Ok(limits)
}
