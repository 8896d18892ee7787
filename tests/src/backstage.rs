//! A stage being built: store, tenant, SMSCs and connections are there before the server is.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;
use waypost::config::{self, Config, Secret};
use waypost::serve;
use waypost_core::time::Micros;
use waypost_simulators::smsc::{Smsc, SmscConfig, SmscHandle};
use waypost_store::directory::{Service, SmppConnection, Tenant};
use waypost_store::testing::Place;
use waypost_store::{Store, StoreConfig};

use crate::desk::{self, Desk, Login};
use crate::engine::Engine;
use crate::hook::Hook;
use crate::http::Http;
use crate::process::Process;
use crate::smsc;
use crate::stage::{Server, Stage, config_file};

/// The sender of the default service.
pub const SENDER: &str = "WAYPOST";

/// A stage being built: the store is there, the server is not yet.
pub struct Backstage {
    place: Place,
    folder: TempDir,
    config: Box<Config>,
    desk: Desk,
    hook: Hook,
    login: Login,
    smscs: Vec<SmscHandle>,
    /// How many of the SMSCs the server is to be bound to before the stage is ready.
    bound: Vec<bool>,
    links: usize,
}

impl Backstage {
    /// A fresh store with one tenant and one service.
    ///
    /// # Panics
    /// When anything of it cannot be had.
    pub async fn new(engine: Engine) -> Self {
        Self::with_hook(engine, Hook::start().await).await
    }

    /// The same with an endpoint that answers otherwise.
    ///
    /// # Panics
    /// See [`Backstage::new`].
    pub async fn with_hook(engine: Engine, hook: Hook) -> Self {
        if let Ok(level) = std::env::var("WAYPOST_SUITE_LOG") {
            waypost::logging::start(&config::Log { format: config::LogFormat::Text, level });
        }
        let place = match engine {
            Engine::Sqlite => Place::sqlite(),
            Engine::Postgres => Place::postgres().await,
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = Box::new(config_on(&place, folder.path()));
        let master = waypost::wiring::master_key(&config).expect("a master key");
        let desk = Desk::new(open(place.config()).await, Arc::new(master));
        let tenant = desk.create_tenant(desk::tenant("acme")).await;
        desk.add_sender(tenant, SENDER).await;
        let service = Service {
            notify_url: Some(hook.url("/dlr")),
            inbound_url: Some(hook.url("/mo")),
            default_sender: Some(SENDER.to_owned()),
            ..desk::service("alerts")
        };
        let login = desk.create_service(tenant, service).await;
        Self { place, folder, config, desk, hook, login, smscs: Vec::new(), bound: Vec::new(), links: 0 }
    }

    /// The operator.
    #[must_use]
    pub const fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The customers' endpoint.
    #[must_use]
    pub const fn hook(&self) -> &Hook {
        &self.hook
    }

    /// The default service.
    #[must_use]
    pub const fn login(&self) -> &Login {
        &self.login
    }

    /// Changes the server's configuration.
    #[must_use]
    pub fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// Starts an SMSC and adds a connection to it that all live tenants use.
    pub async fn smsc(self, config: SmscConfig) -> Self {
        self.linked(config, |_| {}).await
    }

    /// The same, with a connection of other settings.
    ///
    /// # Panics
    /// When no port is free or the connection is refused.
    pub async fn linked(mut self, config: SmscConfig, change: impl FnOnce(&mut SmppConnection)) -> Self {
        let (system_id, password) = (config.system_id.clone(), config.password.clone());
        let smsc = Smsc::start(config).await.expect("a free port");
        self.connect(smsc.address(), &system_id, &password, change).await;
        self.smscs.push(smsc);
        self.bound.push(true);
        self
    }

    /// Adds a connection to an address where nobody need listen.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn link_to(self, address: SocketAddr) -> Self {
        self.link_as(address, |_| {}).await
    }

    /// The same, with other settings.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn link_as(mut self, address: SocketAddr, change: impl FnOnce(&mut SmppConnection)) -> Self {
        let defaults = SmscConfig::default();
        self.connect(address, &defaults.system_id, &defaults.password, change).await;
        self
    }

    async fn connect(
        &mut self,
        address: SocketAddr,
        system_id: &str,
        password: &str,
        change: impl FnOnce(&mut SmppConnection),
    ) {
        let name = format!("link-{}", self.links);
        self.links += 1;
        let config = json!({
            "host": address.ip().to_string(),
            "port": address.port(),
            "system_id": system_id,
            "reconnect_min_ms": 20,
            "reconnect_max_ms": 200,
        });
        let mut connection = SmppConnection {
            id: 0,
            name,
            tenant: None,
            sandbox: false,
            config: config.to_string(),
            password: None,
            has_password: false,
            enabled: true,
            created_at: Micros(0),
        };
        change(&mut connection);
        self.desk.create_connection(connection, password).await;
    }

    /// Adds a tenant.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn tenant(&self, tenant: Tenant) -> i64 {
        self.desk.create_tenant(tenant).await
    }

    /// The last SMSC will not be bound to: the stage does not wait for it.
    #[must_use]
    pub fn unbound(mut self) -> Self {
        *self.bound.last_mut().expect("an SMSC") = false;
        self
    }

    /// Starts the server in this process.
    ///
    /// # Panics
    /// When it does not start or does not bind to its SMSCs.
    pub async fn start(mut self) -> Stage {
        self.close_desk().await;
        let running = Box::pin(serve::start(&self.config)).await.expect("a server that starts");
        let address = running.address();
        self.ready(Server::Here(running), address).await
    }

    /// Starts the server as a process of its own.
    ///
    /// # Panics
    /// See [`Backstage::start`].
    pub async fn start_process(mut self, program: &str) -> Stage {
        self.config.server.listen = free_address();
        let file = config_file(self.folder.path());
        std::fs::write(&file, toml::to_string(&*self.config).expect("TOML")).expect("a writable folder");
        self.close_desk().await;
        let process = Process::start(Path::new(program), &file).await;
        let address = process.address();
        self.ready(Server::There(process), address).await
    }

    /// One server only may own the store.
    async fn close_desk(&mut self) {
        self.desk.clone().close().await;
    }

    async fn ready(self, server: Server, address: SocketAddr) -> Stage {
        let desk = self.desk.beside(open(self.place.config().admin()).await);
        for (smsc, _) in self.smscs.iter().zip(&self.bound).filter(|(_, bound)| **bound) {
            smsc::counted(smsc, "a bind", |counts| counts.binds > 0).await;
        }
        Stage {
            _place: self.place,
            folder: self.folder,
            config: self.config,
            server: Some(server),
            http: Http::new(address),
            desk,
            hook: self.hook,
            login: self.login,
            smscs: self.smscs,
        }
    }
}

/// An address of loopback on which nobody listens now.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address")
}

async fn open(config: StoreConfig) -> Store {
    let opened = tokio::task::spawn_blocking(move || Store::open(&config)).await;
    opened.expect("no panic").expect("a store that opens")
}

/// Short pauses, so that what is retried is retried within a test.
fn config_on(place: &Place, folder: &Path) -> Config {
    let mut config = Config::default();
    config.server.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    match place.config().location {
        waypost_store::Location::Sqlite(file) => {
            config.store.data_dir = file.parent().expect("a folder").to_owned();
        }
        waypost_store::Location::Postgres(url) => {
            config.store.engine = config::Engine::Postgres;
            config.store.data_dir = folder.join("data");
            config.store.url = Secret::new(as_url(&url));
        }
    }
    config.callbacks.allow_cidrs = config.metrics.allow_cidrs.clone();
    config.callbacks.retry_delays_s = vec![1, 1, 1];
    config.sms.retry_delays_s = vec![1];
    config.delivery.drain_ms = 5_000;
    config
}

/// The connection string of key-value pairs as a URL, the only form a configuration file takes.
fn as_url(pairs: &str) -> String {
    if pairs.contains("://") {
        return pairs.to_owned();
    }
    let value = |name: &str| {
        let found =
            pairs.split_whitespace().filter_map(|pair| pair.split_once('=')).rfind(|(key, _)| *key == name);
        found.map_or("", |(_, value)| value)
    };
    let host = value("host").replace('/', "%2F");
    format!("postgres://{}@{host}/{}", value("user"), value("dbname"))
}
