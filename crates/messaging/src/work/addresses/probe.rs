//! Which keys a look-up asks for, and what it makes of the rows.

use std::collections::HashMap;

use waypost_channels::connector::{Address, AddressKind};
use waypost_core::channel::Channel;
use waypost_core::key::{KeyKind, key};
use waypost_core::msisdn::{Msisdn, PlusRule};

use super::{Resolved, Standing, Wanted, direct};
use crate::records::profile::find::{AppProfileFound, CustomerFound};
use crate::rules::IdType;

/// A look-up and its keys.
#[derive(Clone, Debug)]
pub(super) struct Probes {
    wanted: Wanted,
    /// The id as profiles keep it.
    value: String,
    /// The key of the customer.
    pub customer: Option<i64>,
    /// The key of the app profiles.
    pub app_profile: Option<i64>,
}

/// The rows of a batch by their keys.
#[derive(Debug, Default)]
pub(super) struct Found {
    customers: HashMap<i64, Vec<CustomerFound>>,
    app_profiles: HashMap<i64, Vec<AppProfileFound>>,
}

impl Found {
    pub fn add_customers(&mut self, rows: Vec<CustomerFound>) {
        for row in rows {
            self.customers.entry(row.hash).or_default().push(row);
        }
    }

    pub fn add_app_profiles(&mut self, rows: Vec<AppProfileFound>) {
        for row in rows {
            // The second round may ask for a key of the first.
            let same = self.app_profiles.entry(row.hash).or_default();
            if !same.contains(&row) {
                same.push(row);
            }
        }
    }
}

impl Probes {
    /// The keys of a look-up; `None` when no profile can answer it.
    pub fn of(wanted: &Wanted) -> Option<Self> {
        let value = canonical(wanted.id_type, &wanted.value);
        let of_tenant = |kind| key(kind, wanted.tenant, &value);
        let of_app = |kind| wanted.app.map(|app| key(kind, app, &value));
        let (customer, app_profile) = match wanted.id_type {
            IdType::CustomerId => (Some(of_tenant(KeyKind::CustomerId)), of_app(KeyKind::AppCustomer)),
            IdType::Msisdn => (Some(of_tenant(KeyKind::ProfileMsisdn)), None),
            IdType::Email => (Some(of_tenant(KeyKind::ProfileEmail)), None),
            IdType::UserId if is_mobile(wanted.channel) => (None, of_app(KeyKind::AppUser)),
            IdType::DeviceId if is_mobile(wanted.channel) => (None, of_app(KeyKind::AppDevice)),
            // Who follows it is read when the message leaves.
            IdType::Topic | IdType::Segment => return None,
            IdType::PushId if wanted.channel == Channel::Push => (None, of_app(KeyKind::AppToken)),
            _ => match direct(wanted)?.kind {
                kind if kind.is_push() => (None, of_app(KeyKind::AppToken)),
                _ => (None, of_app(KeyKind::AppUser)),
            },
        };
        let app_profile = app_profile.filter(|_| has_app(wanted.channel));
        (customer.is_some() || app_profile.is_some()).then(|| Self {
            wanted: wanted.clone(),
            value,
            customer,
            app_profile,
        })
    }

    /// The key of the app profiles of the customer found by number or mail address.
    pub fn of_customer(&self, found: &Found) -> Option<i64> {
        let app = self.wanted.app.filter(|_| has_app(self.wanted.channel))?;
        if self.app_profile.is_some() {
            return None;
        }
        let customer = self.the_customer(found)?;
        Some(key(KeyKind::AppCustomer, app, &customer.customer_id))
    }

    /// The oldest customer with this id, number or address.
    fn the_customer<'a>(&self, found: &'a Found) -> Option<&'a CustomerFound> {
        let rows = found.customers.get(&self.customer?)?;
        rows.iter().find(|row| {
            let text = match self.wanted.id_type {
                IdType::CustomerId => Some(&row.customer_id),
                IdType::Msisdn => row.msisdn.as_ref(),
                _ => row.email.as_ref(),
            };
            row.tenant == self.wanted.tenant && text == Some(&self.value)
        })
    }

    fn the_profiles<'a>(
        &self,
        found: &'a Found,
        customer: Option<&CustomerFound>,
    ) -> Vec<&'a AppProfileFound> {
        let hash = self.app_profile.or_else(|| self.of_customer(found));
        let rows = hash.and_then(|hash| found.app_profiles.get(&hash)).map_or(&[][..], Vec::as_slice);
        let by_customer = matches!(self.wanted.id_type, IdType::CustomerId | IdType::Msisdn | IdType::Email);
        let is_meant = |row: &&AppProfileFound| {
            let (text, value) = match self.wanted.id_type {
                _ if by_customer => {
                    (row.customer_id.as_ref(), customer.map_or(&self.value, |found| &found.customer_id))
                }
                IdType::DeviceId => (row.device_id.as_ref(), &self.value),
                IdType::UserId | IdType::Psid | IdType::TwitterId | IdType::WechatId => {
                    (row.user_id.as_ref(), &self.value)
                }
                _ => (row.token.as_ref(), &self.value),
            };
            row.tenant == self.wanted.tenant && Some(row.app) == self.wanted.app && text == Some(value)
        };
        rows.iter().filter(is_meant).collect()
    }

    /// What the rows say.
    pub fn resolve(&self, found: &Found) -> Resolved {
        let customer = self.the_customer(found);
        if !has_app(self.wanted.channel) {
            return self.by_number(customer);
        }
        let profiles = self.the_profiles(found, customer);
        let customer_active = customer.is_none_or(|customer| customer.active);
        let active: Vec<_> = profiles.iter().copied().filter(|profile| profile.active).collect();
        let is_active = !active.is_empty() && customer_active;
        // Of a user whose devices are all inactive the addresses are told too; the standing says what they are worth.
        let usable = if active.is_empty() { &profiles } else { &active };
        let mut addresses: Vec<Address> =
            usable.iter().filter_map(|profile| address(self.wanted.channel, profile)).collect();
        addresses.dedup_by(|a, b| a == b);
        if profiles.is_empty() {
            let standing = customer.map(|customer| Standing {
                active: customer.active,
                verified: customer.verified,
                has_os: false,
            });
            return Resolved { addresses: direct(&self.wanted).into_iter().collect(), profile: standing };
        }
        if let Some(own) = direct(&self.wanted).filter(|own| own.kind != AddressKind::UserId) {
            addresses = vec![own];
        }
        let standing = Standing {
            active: is_active,
            verified: usable.iter().any(|profile| profile.verified)
                || customer.is_some_and(|customer| customer.verified),
            has_os: profiles.iter().any(|profile| profile.os.as_deref().and_then(platform).is_some()),
        };
        Resolved { addresses, profile: Some(standing) }
    }

    /// SMS and voice: the customer's number.
    fn by_number(&self, customer: Option<&CustomerFound>) -> Resolved {
        let own = direct(&self.wanted);
        let number = customer.and_then(|customer| customer.msisdn.as_ref());
        let from_profile =
            number.map(|value| Address { kind: AddressKind::Msisdn, value: value.clone(), device: None });
        let standing = customer.map(|customer| Standing {
            active: customer.active,
            verified: customer.verified,
            has_os: false,
        });
        Resolved { addresses: own.or(from_profile).into_iter().collect(), profile: standing }
    }
}

const fn is_mobile(channel: Channel) -> bool {
    matches!(channel, Channel::Push | Channel::Rt)
}

const fn has_app(channel: Channel) -> bool {
    matches!(channel, Channel::Push | Channel::Rt | Channel::Fb | Channel::Twitter | Channel::Wechat)
}

/// An id as profiles keep it: numbers without `+`, mail addresses in small letters.
fn canonical(id_type: IdType, value: &str) -> String {
    match id_type {
        IdType::Msisdn => Msisdn::parse(value, PlusRule::Optional)
            .map_or_else(|_| value.to_owned(), |number| number.to_string()),
        IdType::Email => value.trim().to_lowercase(),
        _ => value.to_owned(),
    }
}

/// The address of an app profile on a channel.
fn address(channel: Channel, profile: &AppProfileFound) -> Option<Address> {
    let device = profile.device_id.clone();
    let (kind, value, device) = match channel {
        Channel::Push => (platform(profile.os.as_deref()?)?, profile.token.clone()?, device),
        Channel::Rt => (AddressKind::UserId, profile.user_id.clone()?, device),
        Channel::Fb => (AddressKind::Psid, profile.user_id.clone()?, None),
        Channel::Twitter => (AddressKind::TwitterId, profile.user_id.clone()?, None),
        Channel::Wechat => (AddressKind::WechatId, profile.user_id.clone()?, None),
        Channel::Sms | Channel::Voice | Channel::Email | Channel::Whatsapp => return None,
    };
    Some(Address { kind, value, device })
}

/// Which gateway a device's token is for. Browsers name themselves before the system they run on.
pub(crate) fn platform(os: &str) -> Option<AddressKind> {
    const WORDS: &[(&str, AddressKind)] = &[
        ("chrome", AddressKind::ChromePush),
        ("firefox", AddressKind::FirefoxPush),
        ("safari", AddressKind::SafariPush),
        ("hms", AddressKind::HmsPush),
        ("huawei", AddressKind::HmsPush),
        ("harmony", AddressKind::HmsPush),
        ("android", AddressKind::AndroidPush),
        ("ios", AddressKind::IosPush),
        ("iphone", AddressKind::IosPush),
        ("ipad", AddressKind::IosPush),
    ];
    let os = os.to_ascii_lowercase();
    WORDS.iter().find(|(word, _)| os.contains(word)).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_told_by_its_name_and_an_unknown_one_is_none() {
        assert_eq!(platform("Android 14"), Some(AddressKind::AndroidPush));
        assert_eq!(platform("iOS"), Some(AddressKind::IosPush));
        assert_eq!(platform("chrome/android"), Some(AddressKind::ChromePush));
        assert_eq!(platform("HarmonyOS"), Some(AddressKind::HmsPush));
        assert_eq!(platform("Symbian"), None);
    }

    #[test]
    fn an_id_of_another_channel_asks_for_nothing() {
        let wanted =
            |channel, id_type| Wanted { tenant: 1, channel, app: Some(1), id_type, value: "x".into() };
        assert!(Probes::of(&wanted(Channel::Sms, IdType::UserId)).is_none());
        assert!(Probes::of(&wanted(Channel::Fb, IdType::TwitterId)).is_none());
        assert!(Probes::of(&wanted(Channel::Fb, IdType::Psid)).is_some());
        assert!(
            Probes::of(&wanted(Channel::Sms, IdType::CustomerId)).is_some_and(|p| p.app_profile.is_none())
        );
    }
}
