//! `[realtime]`: the broker of in-app messaging, inside or beside this server.

use serde::{Deserialize, Serialize};

use super::Secret;

/// `[realtime]`: in-app messaging over MQTT. The broker is always at `/mqtt` of `server.listen`, over WebSocket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Realtime {
    /// Address of a listener for MQTT over TCP; empty: none.
    pub mqtt_listen: String,
    /// The same with TLS.
    pub mqtts_listen: String,
    /// Address of a listener for MQTT over WebSocket; empty: none.
    pub ws_listen: String,
    /// The same with TLS.
    pub wss_listen: String,
    /// PEM file with the certificate chain of the listeners with TLS.
    pub certificate: String,
    /// PEM file with its private key.
    pub private_key: String,
    /// The host clients are told to connect to; empty: the one they called.
    pub public_host: String,
    /// `embedded`, or `mqtt://host:port` of a broker beside this server; `mqtts://host:port` with TLS.
    pub broker: String,
    /// What a broker beside this server is.
    pub broker_kind: BrokerKind,
    /// PEM file with the authorities that vouch for a broker with TLS; empty: the public ones.
    pub broker_ca: String,
    /// Our own account there; Mosquitto's must be one that may change accounts.
    pub broker_user: String,
    /// The password of that account.
    pub broker_password: Secret,
    /// EMQX: where its REST API is, `http://host:18083`.
    pub broker_api: String,
    /// EMQX: the API key.
    pub broker_api_key: String,
    /// EMQX: the secret of the API key.
    pub broker_api_secret: Secret,
    /// EMQX: what it shows us, as `Bearer`, when it asks whom it may let in.
    pub broker_asks_with: Secret,
    /// The port for MQTT over TCP that clients are told; 0: the listener's.
    pub public_mqtt: u16,
    /// The same with TLS.
    pub public_mqtts: u16,
    /// The port for MQTT over WebSocket that clients are told; 0: the listener's.
    pub public_ws: u16,
    /// The same with TLS.
    pub public_wss: u16,
    /// How long a message without an expiry waits for its device, in days.
    pub keep_days: u32,
    /// Most MQTT connections at once, over all listeners; more are closed at once.
    pub connections_max: usize,
    /// Folder of the files of apps; empty: `media` in `store.data_dir`. Servers on one PostgreSQL share it.
    pub media_dir: String,
    /// Largest file an app or service may upload, in bytes.
    pub media_bytes_max: usize,
    /// All files of one app together, in megabytes.
    pub media_app_mb_max: u64,
    /// How long a file is kept, in days.
    pub media_days: u32,
    /// How long a link to a file is good, in minutes.
    pub media_link_minutes: u32,
}

/// A broker beside this server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BrokerKind {
    /// Mosquitto, whose accounts are kept by its dynamic security.
    #[default]
    Mosquitto,
    /// EMQX, which asks whom it may let in.
    Emqx,
}

/// Where a broker beside this server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerAddress {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether it is spoken to with TLS.
    pub with_tls: bool,
}

/// [`Realtime::broker`] for the broker inside.
pub const EMBEDDED: &str = "embedded";

impl Realtime {
    /// The broker beside this server; `None` for the one inside, and for what is no such address.
    #[must_use]
    pub fn external(&self) -> Option<BrokerAddress> {
        let url: url::Url = self.broker.parse().ok()?;
        let (with_tls, usual_port) = match url.scheme() {
            "mqtt" => (false, 1883),
            "mqtts" => (true, 8883),
            _ => return None,
        };
        let plain = url.username().is_empty() && matches!(url.path(), "" | "/");
        let host = url.host_str().filter(|_| plain)?.trim_matches(['[', ']']).to_owned();
        Some(BrokerAddress { host, port: url.port().unwrap_or(usual_port), with_tls })
    }

    /// Where the REST API of a broker that asks is; `None` for another broker, and for what is no such address.
    #[must_use]
    pub fn broker_api(&self) -> Option<url::Url> {
        let url: url::Url = self.broker_api.parse().ok()?;
        let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        let is_http = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
        (self.broker_kind == BrokerKind::Emqx && is_http && plain).then_some(url)
    }
}

impl Default for Realtime {
    fn default() -> Self {
        Self {
            mqtt_listen: String::new(),
            mqtts_listen: String::new(),
            ws_listen: String::new(),
            wss_listen: String::new(),
            certificate: String::new(),
            private_key: String::new(),
            public_host: String::new(),
            broker: EMBEDDED.to_owned(),
            broker_kind: BrokerKind::default(),
            broker_ca: String::new(),
            broker_user: String::new(),
            broker_password: Secret::default(),
            broker_api: String::new(),
            broker_api_key: String::new(),
            broker_api_secret: Secret::default(),
            broker_asks_with: Secret::default(),
            public_mqtt: 0,
            public_mqtts: 0,
            public_ws: 0,
            public_wss: 0,
            keep_days: 7,
            connections_max: 20_000,
            media_dir: String::new(),
            media_bytes_max: 10_485_760,
            media_app_mb_max: 1_000,
            media_days: 90,
            media_link_minutes: 1_440,
        }
    }
}
