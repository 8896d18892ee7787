//! A broker of its own beside this server.

use super::super::realtime::{BrokerKind, EMBEDDED};
use super::super::{Config, Realtime};
use super::Check;

/// Shortest key that a broker may ask with: what it opens is a look at who may come in.
const KEY_BYTES_MIN: usize = 16;

impl Check<'_> {
    pub(super) fn external_broker(&mut self, config: &Config) {
        let realtime = &config.realtime;
        if realtime.broker == EMBEDDED {
            if realtime.broker_kind == BrokerKind::Emqx {
                self.fault(
                    "realtime.broker_kind",
                    "the broker is the one inside",
                    "give the address of the EMQX in realtime.broker, or leave realtime.broker_kind out",
                );
            }
            return;
        }
        let address = realtime.external();
        if address.is_none() {
            self.fault(
                "realtime.broker",
                "neither `embedded` nor the address of a broker",
                "give embedded, or for example mqtt://127.0.0.1:1883 or mqtts://mqtt.example.org:8883",
            );
        }
        let api_with_tls = realtime.broker_api().is_some_and(|api| api.scheme() == "https");
        let with_tls = api_with_tls || address.is_none_or(|address| address.with_tls);
        if !with_tls && !realtime.broker_ca.is_empty() {
            self.fault(
                "realtime.broker_ca",
                "the broker is spoken to without TLS, so that nobody vouches for it",
                "give realtime.broker as mqtts://, or leave realtime.broker_ca empty",
            );
        }
        if realtime.broker_user.is_empty() || realtime.broker_password.is_empty() {
            self.fault(
                "realtime.broker_user",
                "a broker of its own needs an account of ours",
                "give realtime.broker_user and realtime.broker_password",
            );
        }
        let listens =
            [&realtime.mqtt_listen, &realtime.mqtts_listen, &realtime.ws_listen, &realtime.wss_listen];
        if listens.into_iter().any(|listen| !listen.is_empty()) {
            self.fault(
                "realtime.broker",
                "with a broker of its own this server has no MQTT listeners",
                "leave realtime.mqtt_listen and its kin empty",
            );
        }
        match realtime.broker_kind {
            BrokerKind::Mosquitto => self.mosquitto(realtime),
            BrokerKind::Emqx => self.emqx(realtime),
        }
    }

    /// What only an EMQX has is not silently ignored.
    fn mosquitto(&mut self, realtime: &Realtime) {
        let given = [&realtime.broker_api, &realtime.broker_api_key].into_iter().any(|text| !text.is_empty());
        if given || !realtime.broker_api_secret.is_empty() || !realtime.broker_asks_with.is_empty() {
            self.fault(
                "realtime.broker_kind",
                "realtime.broker_api and its kin are for EMQX",
                "give broker_kind = \"emqx\", or leave them empty",
            );
        }
    }

    fn emqx(&mut self, realtime: &Realtime) {
        if realtime.broker_api().is_none() {
            self.fault(
                "realtime.broker_api",
                "not the address of a REST API, by which the sessions of removed devices are ended",
                "give for example http://127.0.0.1:18083, without user, password and query",
            );
        }
        if realtime.broker_api_key.is_empty() || realtime.broker_api_secret.is_empty() {
            self.fault(
                "realtime.broker_api_key",
                "the REST API is called with a key",
                "give realtime.broker_api_key and realtime.broker_api_secret",
            );
        }
        if realtime.broker_asks_with.expose().len() < KEY_BYTES_MIN {
            self.fault(
                "realtime.broker_asks_with",
                format!("fewer than {KEY_BYTES_MIN} bytes: anybody could ask in the broker's name"),
                "make one with: openssl rand -hex 32, and set it in the broker's HTTP headers",
            );
        }
    }
}
