//! In-app messaging: the ledger, the broker before it, its listeners and the RT API.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use waypost_core::id::IdGenerator;
use waypost_core::time::Clock;
use waypost_messaging::api::MessagingState;
use waypost_messaging::rt::api::{self, BrokerPorts, RtSettings, RtState};
use waypost_messaging::rt::media::{Media, MediaLinks, MediaRoom, MediaSettings};
use waypost_messaging::rt::{Ledger, LedgerParts};
use waypost_messaging::work::runtime::Shared;
use waypost_realtime::{Broker, Door, Limits, Transport, tls};
use waypost_store::Store;
use waypost_store::directory::DirectoryHandle;
use waypost_store::seal::MasterKey;

use crate::config::Config;
use crate::http;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// Most bodies are a message or a registration.
const BODY_BYTES_MAX: usize = 256 * 1_024;

/// The running broker.
pub struct Realtime {
    broker: Broker,
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
) -> Ledger {
    Ledger::new(LedgerParts {
        store: store.clone(),
        clock: Arc::clone(clock),
        ids: Arc::clone(ids),
        directory: directory.clone(),
        keep_ms: i64::from(config.realtime.keep_days) * DAY_MS,
        media: media(config, master_key),
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
    Ok(bound)
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
    /// Opens the doors of the broker.
    pub fn start(
        config: &Config,
        bound: Bound,
        ledger: Ledger,
        shared: &Arc<Shared>,
        family: MessagingState,
    ) -> Self {
        let limits = Limits { connections_max: config.realtime.connections_max, ..Limits::default() };
        let broker = Broker::new(Arc::new(ledger.clone()), ledger.hub().clone(), limits);
        let mut doors = JoinSet::new();
        for door in bound.doors {
            doors.spawn(broker.clone().serve(door));
        }
        let settings = RtSettings {
            public_host: config.realtime.public_host.clone(),
            ports: bound.ports,
            body_bytes_max: config.server.body_bytes_max.min(BODY_BYTES_MAX),
            body_ms_max: config.server.body_timeout_ms,
        };
        let state = RtState::new(ledger, Arc::clone(shared), settings);
        let router = api::router(state, family).merge(waypost_realtime::router(broker.clone()));
        Self { broker, doors, router, ports: bound.ports }
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
        self.broker.stop();
        while self.doors.join_next().await.is_some() {}
    }
}
