//! Configuration of one connection, as an operator writes it.

use std::path::PathBuf;

use serde::Deserialize;

use super::{
    outcomes::{OutcomeRows, Outcomes},
    types::Validity,
};

/// One SMPP connection to one provider account.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionConfig {
    /// Name in logs, metrics, pages and as owner of message ids. Keep it when host or account change.
    pub name: String,
    /// Host name or address of the SMSC.
    pub host: String,
    /// TCP port of the SMSC.
    #[serde(default = "defaults::port")]
    pub port: u16,
    /// TLS towards the SMSC.
    #[serde(default)]
    pub tls: TlsConfig,
    /// Account name, at most 15 octets.
    pub system_id: String,
    /// Account password, at most 8 octets.
    #[serde(default)]
    pub password: String,
    /// Kind of client, if the provider asks for one; at most 12 octets.
    #[serde(default)]
    pub system_type: String,
    /// Directions of the bind.
    #[serde(default)]
    pub bind_mode: BindMode,
    /// Version announced; 0x34 is SMPP 3.4.
    #[serde(default = "defaults::interface_version")]
    pub interface_version: u8,
    /// Type of number of the addresses served, in the bind.
    #[serde(default)]
    pub addr_ton: u8,
    /// Numbering plan of the addresses served, in the bind.
    #[serde(default)]
    pub addr_npi: u8,
    /// Pattern of the addresses served, in the bind.
    #[serde(default)]
    pub address_range: String,
    /// Submits in flight at most, 1 to 65535.
    #[serde(default = "defaults::window")]
    pub window: u16,
    /// Seconds of silence after which the link is probed.
    #[serde(default = "defaults::enquire_link_s")]
    pub enquire_link_s: u32,
    /// Milliseconds to wait for any answer but the bind's.
    #[serde(default = "defaults::response_timeout_ms")]
    pub response_timeout_ms: u32,
    /// Milliseconds for connecting with TLS, and as many again for the bind's answer.
    #[serde(default = "defaults::bind_timeout_ms")]
    pub bind_timeout_ms: u32,
    /// First pause before reconnecting, in milliseconds; doubles each time.
    #[serde(default = "defaults::reconnect_min_ms")]
    pub reconnect_min_ms: u32,
    /// Longest pause before reconnecting, in milliseconds.
    #[serde(default = "defaults::reconnect_max_ms")]
    pub reconnect_max_ms: u32,
    /// First pause of all submits after a throttling answer, in milliseconds; doubles each time, at most 64-fold,
    /// and halves with each quiet spell.
    #[serde(default = "defaults::throttle_ms")]
    pub throttle_ms: u32,
    /// Submits per second at most; 0 is unlimited.
    #[serde(default)]
    pub tps: u32,
    /// Type of number sent for every source in place of the submit's own.
    #[serde(default)]
    pub source_ton: Option<u8>,
    /// Numbering plan sent for every source in place of the submit's own.
    #[serde(default)]
    pub source_npi: Option<u8>,
    /// Type of number sent for every destination in place of the submit's own.
    #[serde(default)]
    pub dest_ton: Option<u8>,
    /// Numbering plan sent for every destination in place of the submit's own.
    #[serde(default)]
    pub dest_npi: Option<u8>,
    /// Service type of submits that name none; at most 5 octets.
    #[serde(default)]
    pub service_type: String,
    /// Receipts asked for when a submit does not say: 1 final, 17 final and intermediate.
    #[serde(default = "defaults::registered_delivery")]
    pub registered_delivery: u8,
    /// How the GSM alphabet is packed. Unpacked is the only way SMPP providers take it.
    #[serde(default)]
    pub gsm_packing: GsmPacking,
    /// How long messages are joined; read by whoever splits them.
    #[serde(default)]
    pub concatenation: Concatenation,
    /// Share of the traffic among the connections of a pool, 1 or more.
    #[serde(default = "defaults::weight")]
    pub weight: u32,
    /// Validity of submits that name none, in seconds; 0 leaves it to the provider.
    #[serde(default)]
    pub validity_s: u32,
    /// Messages and receipts being worked on at most; above it the socket is not read.
    #[serde(default = "defaults::deliveries_max")]
    pub deliveries_max: u16,
    /// Routes it serves: `IMMD`, `LCGD`, `LCBE`; empty for all.
    #[serde(default)]
    pub routes: Vec<String>,
    /// How India's DLT ids are sent; without it they are not.
    #[serde(default)]
    pub dlt: Option<DltConfig>,
    /// This provider's own meanings of statuses and receipt errors, ahead of the built-in table.
    #[serde(default)]
    pub outcomes: OutcomeRows,
}

/// TLS of a connection. There is no way to turn verification off: give the provider's CA instead.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// Speak TLS.
    #[serde(default)]
    pub enabled: bool,
    /// PEM file of the accepted authorities; without it the public ones.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Name the certificate must bear; without it the host.
    #[serde(default)]
    pub server_name: Option<String>,
}

/// How a provider takes the ids of India's DLT registration. There is no standard: providers give the tags.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DltConfig {
    /// Optional parameter of the template id; 0x1401 with most providers.
    #[serde(default = "defaults::dlt_template_tag")]
    pub template_tag: u16,
    /// Optional parameter of the entity id; 0x1400 with most providers.
    #[serde(default = "defaults::dlt_entity_tag")]
    pub entity_tag: u16,
    /// The sender's registered entity id; sent with every message that has a template id, unless it is empty.
    #[serde(default)]
    pub entity_id: String,
    /// Whether the values end with a NUL octet.
    #[serde(default)]
    pub terminated: bool,
}

/// Directions of a bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BindMode {
    /// Sends and receives over one connection.
    #[default]
    Transceiver,
    /// Sends only: receipts come by another connection.
    Transmitter,
    /// Receives only.
    Receiver,
    /// A transmitter and a receiver, bound side by side.
    Pair,
}

/// How GSM 7-bit text is laid into octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GsmPacking {
    /// One septet per octet.
    #[default]
    Unpacked,
}

/// How the parts of a long message are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concatenation {
    /// User data header with an 8-bit reference.
    #[default]
    Udh8,
    /// User data header with a 16-bit reference.
    Udh16,
    /// `sar_*` parameters.
    Sar,
    /// The whole text in `message_payload`; the provider splits.
    Payload,
}

/// The configuration cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("connection {connection}: {field} {rule}")]
pub struct ConfigError {
    /// Name of the connection.
    pub connection: String,
    /// The field at fault.
    pub field: &'static str,
    /// What it must be.
    pub rule: &'static str,
}

impl ConnectionConfig {
    /// A transceiver with defaults for everything that has one.
    #[must_use]
    pub fn new(name: &str, host: &str, port: u16, system_id: &str, password: &str) -> Self {
        Self {
            name: name.to_owned(),
            host: host.to_owned(),
            port,
            tls: TlsConfig::default(),
            system_id: system_id.to_owned(),
            password: password.to_owned(),
            system_type: String::new(),
            bind_mode: BindMode::default(),
            interface_version: defaults::interface_version(),
            addr_ton: 0,
            addr_npi: 0,
            address_range: String::new(),
            window: defaults::window(),
            enquire_link_s: defaults::enquire_link_s(),
            response_timeout_ms: defaults::response_timeout_ms(),
            bind_timeout_ms: defaults::bind_timeout_ms(),
            reconnect_min_ms: defaults::reconnect_min_ms(),
            reconnect_max_ms: defaults::reconnect_max_ms(),
            throttle_ms: defaults::throttle_ms(),
            tps: 0,
            source_ton: None,
            source_npi: None,
            dest_ton: None,
            dest_npi: None,
            service_type: String::new(),
            registered_delivery: defaults::registered_delivery(),
            gsm_packing: GsmPacking::default(),
            concatenation: Concatenation::default(),
            weight: defaults::weight(),
            validity_s: 0,
            deliveries_max: defaults::deliveries_max(),
            routes: Vec::new(),
            dlt: None,
            outcomes: OutcomeRows::default(),
        }
    }

    /// Checks what types cannot say.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field at fault.
    pub fn check(&self) -> Result<(), ConfigError> {
        let rules = [
            (self.name.is_empty(), "name", "must not be empty"),
            (self.host.is_empty(), "host", "must not be empty"),
            (self.system_id.len() > 15, "system_id", "must be at most 15 octets"),
            (self.password.len() > 8, "password", "must be at most 8 octets"),
            (self.system_type.len() > 12, "system_type", "must be at most 12 octets"),
            (self.address_range.len() > 40, "address_range", "must be at most 40 octets"),
            (self.service_type.len() > 5, "service_type", "must be at most 5 octets"),
            (!self.routes.iter().all(|route| is_route(route)), "routes", "must be of IMMD, LCGD, LCBE"),
            (self.window == 0, "window", "must be at least 1"),
            (self.weight == 0, "weight", "must be at least 1"),
            (self.deliveries_max == 0, "deliveries_max", "must be at least 1"),
            (self.enquire_link_s == 0, "enquire_link_s", "must be at least 1"),
            (self.response_timeout_ms == 0, "response_timeout_ms", "must be at least 1"),
            (self.bind_timeout_ms == 0, "bind_timeout_ms", "must be at least 1"),
            (self.reconnect_min_ms == 0, "reconnect_min_ms", "must be at least 1"),
            (
                self.reconnect_max_ms < self.reconnect_min_ms,
                "reconnect_max_ms",
                "must not be below the minimum",
            ),
        ];
        let outcomes_broken = Outcomes::with_overrides(&self.outcomes).is_err();
        let outcomes = (outcomes_broken, "outcomes", "must not name a status, or a stat and err, twice");
        match rules.into_iter().chain([outcomes]).find(|(broken, ..)| *broken) {
            Some((_, field, rule)) => Err(ConfigError { connection: self.name.clone(), field, rule }),
            None => Ok(()),
        }
    }

    /// Whether it serves a route; `None` is a message that names none.
    #[must_use]
    pub fn serves(&self, route: Option<&str>) -> bool {
        self.routes.is_empty() || route.is_none_or(|route| self.routes.iter().any(|served| served == route))
    }

    /// The validity of submits that name none.
    #[must_use]
    pub fn validity(&self) -> Option<Validity> {
        (self.validity_s > 0).then_some(Validity::Seconds(self.validity_s))
    }
}

/// Whether it is a route of the contract.
fn is_route(route: &str) -> bool {
    matches!(route, "IMMD" | "LCGD" | "LCBE")
}

impl std::fmt::Debug for ConnectionConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionConfig")
            .field("name", &self.name)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("system_id", &self.system_id)
            .field("password", &"***")
            .field("bind_mode", &self.bind_mode)
            .field("window", &self.window)
            .field("tps", &self.tps)
            .finish_non_exhaustive()
    }
}

mod defaults {
    pub(super) const fn port() -> u16 {
        2775
    }
    pub(super) const fn interface_version() -> u8 {
        0x34
    }
    pub(super) const fn window() -> u16 {
        100
    }
    pub(super) const fn enquire_link_s() -> u32 {
        30
    }
    pub(super) const fn response_timeout_ms() -> u32 {
        10_000
    }
    pub(super) const fn bind_timeout_ms() -> u32 {
        10_000
    }
    pub(super) const fn reconnect_min_ms() -> u32 {
        500
    }
    pub(super) const fn reconnect_max_ms() -> u32 {
        30_000
    }
    pub(super) const fn throttle_ms() -> u32 {
        200
    }
    pub(super) const fn registered_delivery() -> u8 {
        1
    }
    pub(super) const fn weight() -> u32 {
        1
    }
    pub(super) const fn dlt_template_tag() -> u16 {
        0x1401
    }
    pub(super) const fn dlt_entity_tag() -> u16 {
        0x1400
    }
    pub(super) const fn deliveries_max() -> u16 {
        2_000
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
