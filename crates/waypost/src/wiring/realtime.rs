//! In-app messaging: the ledger, the broker before it, its listeners and the RT API.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use waypost_core::id::IdGenerator;
use waypost_core::time::Clock;
use waypost_messaging::api::MessagingState;
use waypost_messaging::rt::api::{self, BrokerPorts, RtSettings, RtState};
use waypost_messaging::rt::external::{External, Work};
use waypost_messaging::rt::media::{Media, MediaLinks, MediaRoom, MediaSettings};
use waypost_messaging::rt::{Ledger, LedgerParts};
use waypost_messaging::work::runtime::Shared;
use waypost_realtime::{Broker, Door, Limits, Transport, tls};
use waypost_store::Store;
use waypost_store::directory::DirectoryHandle;
use waypost_store::seal::MasterKey;

use crate::config::{Config, Realtime as Settings};
use crate::http;
use crate::wiring::outside;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// Most bodies are a message or a registration.
const BODY_BYTES_MAX: usize = 256 * 1_024;

/// What carries in-app messages.
pub struct Realtime {
    /// The broker inside; `None` with one beside this server.
    broker: Option<Broker>,
    /// The connection to the one beside this server, and what ends it.
    outside: Option<(JoinHandle<()>, CancellationToken)>,
    doors: JoinSet<()>,
    router: Router,
    ports: BrokerPorts,
}

/// The ledger, which the connector and the broker share.
pub fn ledger(
    config: &Config,
    store: &Store,
    clock: &Arc<dyn Clock>,
    ids: &Arc<IdGenerator>,
    directory: &DirectoryHandle,
    master_key: &MasterKey,
    external: Option<External>,
) -> Ledger {
    Ledger::new(LedgerParts {
        store: store.clone(),
        clock: Arc::clone(clock),
        ids: Arc::clone(ids),
        directory: directory.clone(),
        keep_ms: i64::from(config.realtime.keep_days) * DAY_MS,
        media: media(config, master_key),
        payload_secret: master_key.derive("in-app payloads"),
        external,
    })
}

/// Where files of apps lie, and how links to them are signed.
fn media(config: &Config, master_key: &MasterKey) -> Media {
    let settings = &config.realtime;
    let folder = match settings.media_dir.is_empty() {
        true => config.store.data_dir.join("media"),
        false => settings.media_dir.clone().into(),
    };
    let base_url = config.links.base_url(config.server.listen);
    let key = master_key.derive("in-app media");
    Media {
        room: MediaRoom::new(&folder),
        links: MediaLinks::new(&base_url, &key, settings.media_link_minutes),
        settings: Arc::new(MediaSettings {
            bytes_max: settings.media_bytes_max,
            app_bytes_max: settings.media_app_mb_max * 1_000_000,
            days: settings.media_days,
        }),
    }
}

/// Listeners that are bound, before anything else is started.
pub struct Bound {
    doors: Vec<Door>,
    ports: BrokerPorts,
}

/// Binds the listeners: a port in use is told before anything runs.
///
/// # Errors
/// When an address is taken, or the certificate cannot be read.
pub fn bind(config: &Config) -> anyhow::Result<Bound> {
    let settings = &config.realtime;
    let with_tls = !settings.mqtts_listen.is_empty() || !settings.wss_listen.is_empty();
    let acceptor = if with_tls {
        let (certificate, key) = (Path::new(&settings.certificate), Path::new(&settings.private_key));
        Some(tls(certificate, key).context("TLS of the MQTT listeners (realtime.certificate)")?)
    } else {
        None
    };
    let mut bound = Bound { doors: Vec::new(), ports: BrokerPorts::default() };
    for (name, listen, transport, is_tls) in [
        ("mqtt_listen", &settings.mqtt_listen, Transport::Mqtt, false),
        ("mqtts_listen", &settings.mqtts_listen, Transport::Mqtt, true),
        ("ws_listen", &settings.ws_listen, Transport::WebSocket, false),
        ("wss_listen", &settings.wss_listen, Transport::WebSocket, true),
    ] {
        let Some(listener) = listener(name, listen)? else { continue };
        let port = Some(listener.local_addr()?.port());
        match (transport, is_tls) {
            (Transport::Mqtt, false) => bound.ports.mqtt = port,
            (Transport::Mqtt, true) => bound.ports.mqtts = port,
            (Transport::WebSocket, false) => bound.ports.ws = port,
            (Transport::WebSocket, true) => bound.ports.wss = port,
        }
        let tls = acceptor.clone().filter(|_| is_tls);
        bound.doors.push(Door { listener, transport, tls });
    }
    bound.ports = told(settings, bound.ports);
    Ok(bound)
}

/// The ports as clients are told them: the listeners', where no others are set.
fn told(settings: &Settings, own: BrokerPorts) -> BrokerPorts {
    let port = |port: u16, own: Option<u16>| if port == 0 { own } else { Some(port) };
    BrokerPorts {
        mqtt: port(settings.public_mqtt, own.mqtt),
        mqtts: port(settings.public_mqtts, own.mqtts),
        ws: port(settings.public_ws, own.ws),
        wss: port(settings.public_wss, own.wss),
    }
}

fn listener(name: &str, listen: &str) -> anyhow::Result<Option<TcpListener>> {
    if listen.is_empty() {
        return Ok(None);
    }
    let told = || format!("listening on {listen} (realtime.{name})");
    let listener = http::bind(listen.parse().with_context(told)?).with_context(told)?;
    tracing::info!(address = %listener.local_addr()?, setting = name, "serving MQTT");
    Ok(Some(listener))
}

impl Realtime {
    /// Opens the doors of the broker, or connects to the one beside this server.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn start(
        config: &Config,
        bound: Bound,
        ledger: Ledger,
        external: Option<(External, Work)>,
        shared: &Arc<Shared>,
        family: MessagingState,
    ) -> anyhow::Result<Self> {
        let limits = Limits { connections_max: config.realtime.connections_max, ..Limits::default() };
        let mut doors = JoinSet::new();
        let is_external = external.is_some();
        let (broker, outside) = match external {
            Some((external, work)) => {
                let stop = CancellationToken::new();
                (None, Some((external.serve(work, ledger.clone(), stop.clone()), stop)))
            }
            None => {
                // What an external broker had is ours again.
                ledger.take_back().await.context("taking up in-app messages")?;
                (Some(Broker::new(Arc::new(ledger.clone()), ledger.hub().clone(), limits)), None)
            }
        };
        if let Some(broker) = &broker {
            for door in bound.doors {
                doors.spawn(broker.clone().serve(door));
            }
        }
        let settings = RtSettings {
            public_host: config.realtime.public_host.clone(),
            ports: bound.ports,
            is_external,
            asker: outside::asker(&config.realtime),
            body_bytes_max: config.server.body_bytes_max.min(BODY_BYTES_MAX),
            body_ms_max: config.server.body_timeout_ms,
        };
        let state = RtState::new(ledger, Arc::clone(shared), settings);
        let mut router = api::router(state, family);
        if let Some(broker) = &broker {
            router = router.merge(waypost_realtime::router(broker.clone()));
        }
        Ok(Self { broker, outside, doors, router, ports: bound.ports })
    }

    /// The RT API, and the broker over WebSocket.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// The ports of the broker's own listeners.
    pub const fn ports(&self) -> BrokerPorts {
        self.ports
    }

    /// Closes the doors and every connection.
    pub async fn close(mut self) {
        if let Some(broker) = &self.broker {
            broker.stop();
        }
        if let Some((connection, stop)) = self.outside.take() {
            stop.cancel();
            if connection.await.is_err() {
                tracing::error!("the connection to the MQTT broker failed");
            }
        }
        while self.doors.join_next().await.is_some() {}
    }
}
