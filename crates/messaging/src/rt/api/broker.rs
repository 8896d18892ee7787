//! How clients find the broker: the `broker` member of answers (spec 8.2).

use axum::http::HeaderMap;
use axum::http::header::HOST;
use serde_json::{Value, json};

use super::RtSettings;

/// The broker's ports; `None` where nothing listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BrokerPorts {
    /// MQTT over TCP.
    pub mqtt: Option<u16>,
    /// The same with TLS.
    pub mqtts: Option<u16>,
    /// MQTT over WebSocket.
    pub ws: Option<u16>,
    /// The same with TLS.
    pub wss: Option<u16>,
}

/// The member. `ip`, `ws` and `wss` are what the contract names; `tcp`, `ssl` and `path` are ours. Without a WebSocket
/// port of its own the broker is at `path` of the port that was called.
pub(super) fn member(settings: &RtSettings, headers: &HeaderMap) -> Value {
    let called = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let (host, port) = split(called);
    let host = if settings.public_host.is_empty() { host } else { settings.public_host.as_str() };
    let text = |port: Option<u16>| port.map(|port| port.to_string()).unwrap_or_default();
    let ports = settings.ports;
    let ws = match (ports.ws, ports.wss) {
        (None, None) if !settings.is_external => port.to_owned(),
        (ws, _) => text(ws),
    };
    json!({
        "ip": host, "ws": ws, "wss": text(ports.wss), "tcp": text(ports.mqtt), "ssl": text(ports.mqtts), "path": "/mqtt"
    })
}

/// Host and port of a `Host` header.
fn split(called: &str) -> (&str, &str) {
    match called.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => (host, port),
        _ => (called, ""),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(host: &'static str, public: &str, ports: BrokerPorts) -> Value {
        let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
        let settings = RtSettings {
            public_host: public.to_owned(),
            ports,
            is_external: false,
            asker: None,
            body_bytes_max: 1,
            body_ms_max: 1,
        };
        member(&settings, &headers)
    }

    #[test]
    fn without_a_port_of_its_own_the_broker_is_where_the_client_called() {
        let member = of("127.0.0.1:8080", "", BrokerPorts::default());
        assert_eq!(
            (&member["ip"], &member["ws"], &member["path"]),
            (&json!("127.0.0.1"), &json!("8080"), &json!("/mqtt"))
        );
        let ports = BrokerPorts { mqtt: Some(1883), ws: Some(1884), wss: Some(8884), mqtts: None };
        let member = of("[::1]:8080", "chat.example.org", ports);
        let expected = json!({
            "ip": "chat.example.org", "ws": "1884", "wss": "8884", "tcp": "1883", "ssl": "", "path": "/mqtt"
        });
        assert_eq!(member, expected);
        assert_eq!(split("[::1]:8080"), ("[::1]", "8080"));
        assert_eq!(split("host"), ("host", ""));
    }
}
