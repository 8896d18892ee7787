//! The things of the directory.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use waypost_core::time::Micros;

use crate::StoreError;
use crate::seal::Secret;

/// Whether a tenant or a service may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// In use.
    Live,
    /// Requests are answered 7007 (spec 1).
    Suspended,
}

impl Status {
    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Suspended => "suspended",
        }
    }

    pub(super) fn parse(word: &str) -> Result<Self, StoreError> {
        match word {
            "live" => Ok(Self::Live),
            "suspended" => Ok(Self::Suspended),
            other => Err(StoreError::Corrupt(format!("a status is {other}"))),
        }
    }
}

/// One customer of the installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// Its short name in commands and URLs: `a-z`, `0-9`, `-`. Never changes.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whether it may send.
    pub status: Status,
    /// IANA time zone of its notifications.
    pub time_zone: String,
    /// Priority of a message that names none: 1 low, 2 medium, 3 high.
    pub default_priority: u8,
    /// Whether its messages go to simulators only.
    pub sandbox: bool,
    /// Further settings, a JSON object.
    pub settings: String,
    /// When it was created.
    pub created_at: Micros,
}

/// The workspace every outbound message passes through (spec 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// The tenant's row.
    pub tenant: i64,
    /// Its short name, unique in the tenant. Never changes.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whether it may send.
    pub status: Status,
    /// Where delivery notifications go.
    pub notify_url: Option<String>,
    /// Which delivery statuses are notified: a bit mask of the messaging family.
    pub notify_types: i64,
    /// Where inbound messages go.
    pub inbound_url: Option<String>,
    /// Sender of an SMS that names none.
    pub default_sender: Option<String>,
    /// Which routes it uses.
    pub route_group: Option<String>,
    /// Signs its call-backs (`x-hub-signature`); `None` in answers of `admin`.
    pub hub_secret: Option<Secret>,
    /// How they are signed; empty for the default.
    pub hub_algorithm: String,
    /// The service secret of token logins, as the operator entered it; `None` in answers of `admin`.
    pub jwt_secret: Option<Secret>,
    /// Whether a hub secret is stored.
    pub has_hub_secret: bool,
    /// Whether a service secret is stored.
    pub has_jwt_secret: bool,
    /// When it was created.
    pub created_at: Micros,
}

/// What an API key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// Messaging, status and events, for one service.
    Service,
    /// The Profile API, for the tenant.
    Profile,
}

impl KeyKind {
    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Profile => "profile",
        }
    }

    /// What a key of this kind starts with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Service => "wps_",
            Self::Profile => "wpp_",
        }
    }

    pub(super) fn parse(word: &str) -> Result<Self, StoreError> {
        match word {
            "service" => Ok(Self::Service),
            "profile" => Ok(Self::Profile),
            other => Err(StoreError::Corrupt(format!("the kind of a key is {other}"))),
        }
    }
}

/// An API key; the key itself is shown once and stored as its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its row.
    pub id: i64,
    /// The tenant's row.
    pub tenant: i64,
    /// The service's row; `None` for a profile key.
    pub service: Option<i64>,
    /// What it opens.
    pub kind: KeyKind,
    /// Its first characters, to recognise it by.
    pub prefix: String,
    /// When it was created.
    pub created_at: Micros,
    /// When it was revoked.
    pub revoked_at: Option<Micros>,
}

/// A sender id registered for a tenant (7101 for any other).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Its row.
    pub id: i64,
    /// The tenant's row.
    pub tenant: i64,
    /// Digits without `+`, or a name.
    pub address: String,
    /// Messages a second it may send at most; `None` for no limit.
    pub tps: Option<u32>,
}

/// Somebody content is exchanged with (spec of content, 1): may push to us, may be pushed to, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// The tenant's row.
    pub tenant: i64,
    /// Its short name, unique. Never changes.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whether it may push and is pushed to.
    pub enabled: bool,
    /// The user name it pushes to us under; `None`: it does not.
    pub login_name: Option<String>,
    /// What is kept of its password: see [`crate::directory::login`].
    pub login_hash: Option<Vec<u8>>,
    /// What stands before `/hotel` when we push to it; `None`: we do not.
    pub url: Option<String>,
    /// The user name we push with.
    pub url_name: Option<String>,
    /// The password we push with; `None` in answers of `admin`.
    pub url_password: Option<Secret>,
    /// Whether such a password is stored.
    pub has_url_password: bool,
    /// Messages in flight to it, over all properties.
    pub in_flight_max: u32,
    /// Whether it takes conditions of taxes (spec of content, 3.7).
    pub opt_in_taxes: bool,
    /// Whether it takes policies and meal plans of products (spec of content, 3.7).
    pub opt_in_products: bool,
    /// Whether an update carries an array of one in place of the object alone.
    pub array_updates: bool,
    /// Whether what it pushes becomes the tenant's own content, to be pushed on to the other partners.
    pub feeds: bool,
    /// When it was created.
    pub created_at: Micros,
}

impl Partner {
    pub(super) const OPT_IN_TAXES: i64 = 1;
    pub(super) const OPT_IN_PRODUCTS: i64 = 2;

    /// A partner that neither pushes nor is pushed to yet.
    #[must_use]
    pub fn named(slug: &str, name: &str) -> Self {
        Self {
            id: 0,
            tenant: 0,
            slug: slug.to_owned(),
            name: name.to_owned(),
            enabled: true,
            login_name: None,
            login_hash: None,
            url: None,
            url_name: None,
            url_password: None,
            has_url_password: false,
            in_flight_max: 10,
            opt_in_taxes: false,
            opt_in_products: false,
            array_updates: false,
            feeds: false,
            created_at: Micros(0),
        }
    }

    pub(super) const fn opt_in(&self) -> i64 {
        (if self.opt_in_taxes { Self::OPT_IN_TAXES } else { 0 })
            | (if self.opt_in_products { Self::OPT_IN_PRODUCTS } else { 0 })
    }
}

/// A limit of requests per second, by tenant and API (7020 beyond it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TpsLimit {
    /// Requests a second.
    pub per_second: u32,
    /// Whether burst mode may exceed it.
    pub burst_mode: bool,
}

/// Reads `10.0.0.0/8` or a single address.
pub(super) fn parse_cidr(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>()
        .ok()
        .or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
        .map(|net| net.trunc())
}
