//! A whole world on loopback: the server, a simulated SMSC and a receiver of call-backs.
//!
//! The world makes its own tenant, flagged sandbox, and its own connection, flagged sandbox, to its own simulator. The
//! gateway serves such a tenant by such connections only, and takes such a connection only when its host is loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use tempfile::TempDir;
use waypost_simulators::clamd::{ClamdConfig, ClamdHandle, SimulatedClamd};
use waypost_simulators::partner::{Faults, PartnerConfig, PartnerHandle, SimulatedPartner};
use waypost_simulators::smsc::{Smsc, SmscConfig, SmscHandle};

use super::apps::APPS;
use super::phone::Phone;
use super::seed::{self, Around, Keys, Target};
use super::{
    Observer, Post, Providers, Ready, ReadyChat, ReadyContent, Receiver, calls, chat, customer, events,
    services,
};
use crate::config::Config;
use crate::serve::{self, Running};

/// How long the server may take to bind to the simulator.
const BIND_PATIENCE: Duration = Duration::from_secs(15);

/// What a world can be told.
#[derive(Clone, Default)]
pub struct Options {
    /// Keep the data here; none: a temporary folder that goes with the world.
    pub data_dir: Option<PathBuf>,
    /// Port of the server; 0: a free one.
    pub port: u16,
    /// Told of every call-back.
    pub observer: Option<Observer>,
    /// Ask partners at once what they hold, and say again after a second what they did not answer: for a demo, where nobody
    /// waits for minutes.
    pub quick_content: bool,
}

/// A running world.
pub struct World {
    ready: Ready,
    server: Running,
    smsc: SmscHandle,
    receiver: Receiver,
    partners: Vec<PartnerHandle>,
    providers: Providers,
    scanner: ClamdHandle,
    phone: Phone,
    post: Post,
    folder: Option<TempDir>,
}

impl World {
    /// Starts everything; returns once a message sent now would be delivered.
    ///
    /// # Errors
    /// When a port or the data folder cannot be had, or the server does not bind to the simulator.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let folder = match &options.data_dir {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("waypost-sandbox-").tempdir()?),
        };
        let data_dir =
            options.data_dir.clone().or_else(|| folder.as_ref().map(|folder| folder.path().to_owned()));
        let receiver = Receiver::start(options.observer).context("starting the call-back receiver")?;
        let smsc = Smsc::start(SmscConfig::default().with_forced_codes()).await?;
        let scanner =
            SimulatedClamd::start(ClamdConfig::default()).await.context("starting the simulated scanner")?;
        let data_dir = data_dir.unwrap_or_default();
        let mut config = config(data_dir.clone(), options.port);
        if options.quick_content {
            config.content.retry_delays_s = vec![1; 10];
            config.content.audit_delay_s = 1;
            config.content.audit_again_s = Vec::new();
        }
        let post = Post::start(&data_dir, &mut config).await?;
        config.services.clamd = scanner.address().to_string();
        let partners = simulated_partners().await.context("starting the simulated partners")?;
        let providers = Providers::start().await?;
        let around = Around {
            smsc: &smsc,
            notify_url: receiver.url(),
            targets: targets(&partners),
            leads: providers.leads(),
            sip: providers.sip().address(),
        };
        let keys = seed::prepare(&config, around).await?;
        let desk = services::prepare(&config).await?;
        let settings = chat::Settings {
            app_id: APPS.rt,
            client_key: keys.client.clone(),
            service_key: keys.service.clone(),
        };
        let server = serve::start_with(&config, chat::router(settings, receiver.kept())).await?;
        let mut ready = ready(&config, &keys, &server, (&smsc, &post), &receiver, &partners);
        ready.services = desk.at(&ready.http);
        let phone = Phone::start(server.address(), ready.chat.mqtt, &keys.client);
        let world = Self { ready, server, smsc, receiver, partners, providers, scanner, phone, post, folder };
        match world.answers().await {
            Ok(()) => Ok(world),
            Err(error) => {
                world.stop().await?;
                Err(error)
            }
        }
    }

    async fn answers(&self) -> anyhow::Result<()> {
        let bound = tokio::time::timeout(BIND_PATIENCE, self.smsc.wait(|counts| counts.binds > 0)).await;
        bound.context("the server did not bind to the simulated SMSC")?;
        let readiness = self.server.house().readiness().await;
        anyhow::ensure!(readiness.ready, "the server is not ready: {}", readiness.because.join("; "));
        Ok(())
    }

    /// Where everything is.
    #[must_use]
    pub const fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Address of the server.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The simulated SMSC.
    #[must_use]
    pub const fn smsc(&self) -> &SmscHandle {
        &self.smsc
    }

    /// The simulated partners: the first behaves, the second forgets to delete products.
    #[must_use]
    pub fn partners(&self) -> &[PartnerHandle] {
        &self.partners
    }

    /// The simulated push clouds and social providers.
    #[must_use]
    pub const fn providers(&self) -> &Providers {
        &self.providers
    }

    /// The simulated mail relay.
    #[must_use]
    pub const fn post(&self) -> &Post {
        &self.post
    }

    /// The receiver of call-backs.
    #[must_use]
    pub const fn receiver(&self) -> &Receiver {
        &self.receiver
    }

    /// Drains the server, then ends the other side.
    ///
    /// # Errors
    /// When the server failed while it stopped.
    pub async fn stop(self) -> anyhow::Result<()> {
        let Self { server, smsc, receiver, partners, providers, scanner, phone, post, folder, .. } = self;
        phone.stop().await;
        let stopped = server.stop().await;
        drop((smsc, partners, providers, scanner, post));
        receiver.stop().await;
        if let Some(folder) = folder {
            folder.close().context("removing the sandbox's folder")?;
        }
        stopped
    }
}

fn config(data_dir: PathBuf, port: u16) -> Config {
    let mut config = Config::default();
    config.store.data_dir = data_dir;
    config.server.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    config.realtime.mqtt_listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).to_string();
    // The world's receiver is on loopback, which no call-back may reach otherwise.
    config.callbacks.allow_cidrs = config.metrics.allow_cidrs.clone();
    config.delivery.drain_ms = 5_000;
    config.services.show_codes = true;
    config
}

/// One that behaves and one that forgets to delete products.
async fn simulated_partners() -> std::io::Result<Vec<PartnerHandle>> {
    let forgetful = Faults { keep_products: true, ..Faults::default() };
    let mut partners = Vec::new();
    for faults in [Faults::default(), forgetful] {
        partners.push(SimulatedPartner::start(PartnerConfig { faults, ..PartnerConfig::default() }).await?);
    }
    Ok(partners)
}

fn targets(partners: &[PartnerHandle]) -> Vec<Target> {
    let target = |(slug, partner): (&'static str, &PartnerHandle)| {
        let (user, password) = partner.credentials();
        Target { slug, url: partner.url(), user: user.to_owned(), password: password.to_owned() }
    };
    ["partner-good", "partner-forgetful"].into_iter().zip(partners).map(target).collect()
}

fn ready(
    config: &Config,
    keys: &Keys,
    server: &Running,
    (smsc, post): (&SmscHandle, &Post),
    receiver: &Receiver,
    partners: &[PartnerHandle],
) -> Ready {
    Ready {
        http: format!("http://{}", server.address()),
        tenant: seed::TENANT.to_owned(),
        service_key: keys.service.clone(),
        profile_key: keys.profile.clone(),
        sender: seed::SENDER.to_owned(),
        smpp: smsc.address(),
        callback_url: receiver.url(),
        content: ReadyContent {
            base_url: format!("http://{}{}", server.address(), waypost_content::api::PREFIX),
            username: seed::CONTENT_USER.to_owned(),
            password: keys.content.clone(),
            partner_urls: partners.iter().map(PartnerHandle::url).collect(),
        },
        chat: ReadyChat {
            url: format!("http://{}/demo/chat", server.address()),
            client_key: keys.client.clone(),
            mqtt: server.house().mqtt_ports().mqtt.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
        },
        mail: post.ready(),
        data_dir: config.store.data_dir.clone(),
        apps: APPS,
        customer_id: customer::CUSTOMER_ID,
        event_id: keys.event.clone(),
        template_id: events::TEMPLATE_ID,
        callflow_id: calls::FLOW_ID,
        second_service_key: keys.second_service.clone(),
        inactive_service_key: keys.inactive_service.clone(),
        services: services::ReadyServices::default(),
    }
}
