//! What a trunk is told: where its far side is, how we present ourselves there, and how much it carries.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::sip::digest::Credentials;
use super::sip::transaction::Timers;

/// How SIP travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Datagrams.
    #[default]
    Udp,
    /// One connection, opened anew when it breaks.
    Tcp,
    /// The same with TLS; the sound is not encrypted.
    Tls,
}

impl Transport {
    /// The word in a `Via`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }

    /// What follows an address of ours, so that requests of the far side come the same way.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Udp => "",
            Self::Tcp => ";transport=tcp",
            Self::Tls => ";transport=tls",
        }
    }
}

/// The settings of a trunk. Their names are on disk and in `waypost admin trunk`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkConfig {
    /// Its name.
    pub name: String,
    /// Host of the provider's proxy; every request of ours goes there.
    pub host: String,
    /// Its port.
    #[serde(default = "port")]
    pub port: u16,
    /// UDP, TCP or TLS.
    #[serde(default)]
    pub transport: Transport,
    /// PEM file of the accepted authorities; without it the public ones.
    #[serde(default)]
    pub tls_ca_file: Option<PathBuf>,
    /// Name the far side's certificate must bear; without it the host.
    #[serde(default)]
    pub tls_server_name: Option<String>,
    /// The domain in addresses; the host when absent.
    #[serde(default)]
    pub domain: Option<String>,
    /// The account, when the provider asks for one.
    #[serde(default)]
    pub username: Option<String>,
    /// Its password.
    #[serde(default)]
    pub password: Option<String>,
    /// Who calls when neither the message nor its service says so.
    #[serde(default)]
    pub caller: Option<String>,
    /// Put before the called number: `+`, `00`, a carrier's code.
    #[serde(default)]
    pub number_prefix: String,
    /// The address of this machine that is bound; chosen by the system when absent.
    #[serde(default)]
    pub bind: Option<IpAddr>,
    /// The address we name in SIP and SDP when the far side sees us under another than we do.
    #[serde(default)]
    pub public_address: Option<IpAddr>,
    /// First port for sound.
    #[serde(default = "rtp_from")]
    pub rtp_port_min: u16,
    /// Last port for sound.
    #[serde(default = "rtp_to")]
    pub rtp_port_max: u16,
    /// Calls at once.
    #[serde(default = "calls")]
    pub calls_max: u32,
    /// Calls begun a second; 0 has no limit.
    #[serde(default = "cps")]
    pub calls_per_second: u32,
    /// How long a phone may ring, in seconds.
    #[serde(default = "ring")]
    pub ring_s: u32,
    /// How long an answered call may last, in seconds.
    #[serde(default = "call")]
    pub call_max_s: u32,
    /// How often the far side is asked whether it is there, in seconds; 0 never.
    #[serde(default = "options")]
    pub options_s: u32,
    /// T1 of RFC 3261: the estimate of the round trip, in milliseconds.
    #[serde(default = "t1")]
    pub t1_ms: u32,
    /// Share of the calls against the tenant's other trunks.
    #[serde(default = "weight")]
    pub weight: u32,
}

const fn port() -> u16 {
    5060
}
const fn rtp_from() -> u16 {
    20_000
}
const fn rtp_to() -> u16 {
    29_999
}
const fn calls() -> u32 {
    30
}
const fn cps() -> u32 {
    5
}
const fn ring() -> u32 {
    45
}
const fn call() -> u32 {
    600
}
const fn options() -> u32 {
    30
}
const fn t1() -> u32 {
    500
}
const fn weight() -> u32 {
    1
}

impl std::fmt::Debug for TrunkConfig {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The password is in no log.
        out.debug_struct("TrunkConfig")
            .field("name", &self.name)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// A setting that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting `{field}`: {rule}")]
pub struct TrunkConfigError {
    /// Its name.
    pub field: &'static str,
    /// What it must be.
    pub rule: &'static str,
}

impl TrunkConfig {
    /// What is wrong with it.
    ///
    /// # Errors
    /// The first setting that cannot be.
    pub fn check(&self) -> Result<(), TrunkConfigError> {
        let bad = |field, rule| Err(TrunkConfigError { field, rule });
        if !is_host(&self.host) {
            return bad("host", "must be a host name or an address");
        }
        if self.domain.as_deref().is_some_and(|domain| !is_host(domain)) {
            return bad("domain", "must be a host name or an address");
        }
        let user = |text: &String| !is_user(text);
        if self.caller.as_ref().is_some_and(user) {
            return bad("caller", "must be a telephone number or a name of letters, digits and +-_.");
        }
        if !self.number_prefix.is_empty() && !is_user(&self.number_prefix) {
            return bad("number_prefix", "must be digits, + or letters");
        }
        if self.username.as_deref().is_some_and(|name| name.contains(['"', '\\', '\r', '\n'])) {
            return bad("username", "must not hold quotes, backslashes or line breaks");
        }
        let ranges = [
            ("port", u32::from(self.port), 1, 65_535, "must be 1 to 65535"),
            ("rtp_port_min", u32::from(self.rtp_port_min), 1_024, 65_534, "must be 1024 to 65534"),
            ("calls_max", self.calls_max, 1, 10_000, "must be 1 to 10000"),
            ("calls_per_second", self.calls_per_second, 0, 1_000, "must be 0 to 1000"),
            ("ring_s", self.ring_s, 1, 180, "must be 1 to 180"),
            ("call_max_s", self.call_max_s, 1, 14_400, "must be 1 to 14400"),
            ("options_s", self.options_s, 0, 3_600, "must be 0 to 3600"),
            ("t1_ms", self.t1_ms, 5, 5_000, "must be 5 to 5000"),
            ("weight", self.weight, 1, 1_000, "must be 1 to 1000"),
        ];
        if let Some((field, .., rule)) =
            ranges.into_iter().find(|(_, value, min, max, _)| !(min..=max).contains(&value))
        {
            return bad(field, rule);
        }
        if u32::from(self.rtp_port_max) < u32::from(self.rtp_port_min) + 2 {
            return bad("rtp_port_max", "must be at least 2 more than rtp_port_min");
        }
        Ok(())
    }

    /// The domain of addresses.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.domain.as_deref().unwrap_or(&self.host)
    }

    /// The base times.
    #[must_use]
    pub const fn timers(&self) -> Timers {
        Timers::of_t1(self.t1_ms as u64)
    }

    /// The account.
    #[must_use]
    pub fn credentials(&self) -> Option<Credentials> {
        let username = self.username.clone()?;
        Some(Credentials { username, password: self.password.clone().unwrap_or_default() })
    }
}

fn is_host(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    !text.is_empty() && text.len() <= 253 && text.bytes().all(good)
}

/// Whether a text may stand before the `@` of an address.
#[must_use]
pub fn is_user(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"+-_.*".contains(&byte);
    !text.is_empty() && text.len() <= 64 && text.bytes().all(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(more: &str) -> Result<(), String> {
        let text = format!("name = \"one\"\nhost = \"sip.example\"\n{more}");
        let config: TrunkConfig = toml::from_str(&text).map_err(|error| error.to_string())?;
        config.check().map_err(|error| error.to_string())
    }

    #[test]
    fn a_name_and_a_host_are_enough() {
        assert_eq!(config(""), Ok(()));
        assert_eq!(
            config("transport = \"tcp\"\nusername = \"u\"\npassword = \"p\"\nnumber_prefix = \"+\""),
            Ok(())
        );
    }

    #[test]
    fn what_cannot_be_is_named() {
        let wrong = |more: &str| config(more).unwrap_err();
        assert!(wrong("hots = \"x\"").contains("hots"));
        assert_eq!(wrong("calls_max = 0"), "setting `calls_max`: must be 1 to 10000");
        assert_eq!(
            wrong("rtp_port_max = 20001"),
            "setting `rtp_port_max`: must be at least 2 more than rtp_port_min"
        );
        assert!(wrong("caller = \"a@b\"").starts_with("setting `caller`"));
        assert!(wrong("domain = \"a b\"").starts_with("setting `domain`"));
        assert!(wrong("username = 'a\"b'").starts_with("setting `username`"));
    }

    #[test]
    fn a_password_is_never_shown() {
        let config: TrunkConfig = toml::from_str("name=\"one\"\nhost=\"h\"\npassword=\"hunter2\"").unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
