//! The running rooms behind the HTTP door.

use std::sync::Arc;

use axum::Router;
use ipnet::IpNet;
use waypost_core::time::{Clock, SystemClock};
use waypost_messaging::rt::api::BrokerPorts;
use waypost_store::Store;
use waypost_store::seal::MasterKey;

use super::content::Content;
use super::email::Mail;
use super::family::Family;
use super::{StoreProbe, services, statuses, storage};
use crate::config::{Cidr, Config};
use crate::http::{Pages, Readiness, operations};
use crate::{master_key, metering};

/// Everything that runs, apart from the door.
pub struct House {
    store: Store,
    probe: Arc<StoreProbe>,
    pages: Pages,
    family: Family,
    services: Router,
    content: Content,
    mail: Option<Mail>,
    master_key: Arc<MasterKey>,
}

impl House {
    /// Opens the store and starts every room.
    ///
    /// # Errors
    /// When the master key, the store or a room cannot be had; nothing is left running then.
    pub async fn build(config: &Config) -> anyhow::Result<Self> {
        let settings = config.clone();
        let (master_key, store) = tokio::task::spawn_blocking(move || {
            anyhow::Ok((master_key::load_or_create(&settings)?, storage::open_server(&settings)?))
        })
        .await??;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let master_key = Arc::new(master_key);
        let probe = Arc::new(StoreProbe::new(store.clone(), Arc::clone(&clock)));
        // Before the family: its instruments find the recorder installed.
        let pages = pages(config, Arc::clone(&probe))?;
        let family = Family::start(config, &store, &master_key, Arc::clone(&clock)).await?;
        let mail = Mail::start(config, family.shared(), &master_key).await?;
        let outbox = mail.as_ref().map(Mail::outbox);
        let statuses = Arc::new(statuses::Rules(Arc::clone(family.shared())));
        let services = services::router(config, &store, &master_key, clock, (outbox, statuses))?;
        let content = Content::start(config, family.shared(), outbox).await?;
        Ok(Self { store, probe, pages, family, services, content, mail, master_key })
    }

    /// The store, for commands that run inside the process.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Seals provider passwords and call-back secrets at rest.
    #[must_use]
    pub fn master_key(&self) -> &Arc<MasterKey> {
        &self.master_key
    }

    /// Every page and endpoint.
    pub fn router(&self) -> Router {
        operations(self.pages.clone())
            .merge(self.family.router())
            .merge(self.services.clone())
            .merge(self.content.router())
    }

    /// The content receiver's endpoints at the root, for a listener of their own.
    pub fn content_router(&self) -> Router {
        self.content.root_router()
    }

    /// The ports of the MQTT listeners.
    pub const fn mqtt_ports(&self) -> BrokerPorts {
        self.family.mqtt_ports()
    }

    /// Whether messages can be taken now.
    pub async fn readiness(&self) -> Readiness {
        readiness(&self.probe).await
    }

    /// Ends attempts under way within `drain_ms`, unbinds, commits what waits and closes the store.
    pub async fn close(self, drain_ms: u64) {
        self.content.close(drain_ms).await;
        if let Some(mail) = self.mail {
            mail.close(drain_ms).await;
        }
        self.family.close(drain_ms).await;
        self.store.close().await;
    }
}

fn pages(config: &Config, probe: Arc<StoreProbe>) -> anyhow::Result<Pages> {
    let metrics = if config.metrics.enabled { Some(metering::recorder()?) } else { None };
    Ok(Pages {
        ready: Arc::new(move || {
            let probe = Arc::clone(&probe);
            Box::pin(async move { readiness(&probe).await })
        }),
        metrics,
        metrics_allow: networks(&config.metrics.allow_cidrs),
        trusted_proxies: networks(&config.server.trusted_proxies),
        openapi: Arc::from(crate::http::document().to_json()?),
    })
}

fn networks(cidrs: &[Cidr]) -> Vec<IpNet> {
    cidrs.iter().map(|cidr| cidr.0).collect()
}

async fn readiness(probe: &StoreProbe) -> Readiness {
    let because: Vec<String> = probe.check().await.err().into_iter().collect();
    Readiness { ready: because.is_empty(), because }
}
