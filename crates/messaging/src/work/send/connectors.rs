//! Which connector carries which channel.

use std::sync::Arc;

use waypost_channels::connector::{BoxFuture, Connector, Handed, Outgoing};
use waypost_channels::social::SocialConnectors;
use waypost_core::channel::Channel;

/// The connectors this server has. A clone is a handle to the same ones.
#[derive(Clone, Default)]
pub struct Connectors {
    /// Mobile and web push.
    pub push: Option<Arc<dyn Connector>>,
    /// Messenger.
    pub fb: Option<Arc<dyn Connector>>,
    /// X.
    pub twitter: Option<Arc<dyn Connector>>,
    /// WeChat.
    pub wechat: Option<Arc<dyn Connector>>,
    /// In-app messages.
    pub rt: Option<Arc<dyn Connector>>,
    /// Where files of the social channels are uploaded.
    pub media: Option<SocialConnectors>,
}

impl Connectors {
    /// The same with those of the social channels.
    #[must_use]
    pub fn with_social(mut self, social: &SocialConnectors) -> Self {
        self.fb = social.of(Channel::Fb);
        self.twitter = social.of(Channel::Twitter);
        self.wechat = social.of(Channel::Wechat);
        self.media = Some(social.clone());
        self
    }

    /// The connector of a channel; `None` when nothing carries it (7106). In the sandbox every channel is carried.
    #[must_use]
    pub fn of(&self, channel: Channel, sandbox: bool) -> Option<Arc<dyn Connector>> {
        let real = match channel {
            Channel::Push => self.push.clone(),
            Channel::Fb => self.fb.clone(),
            Channel::Twitter => self.twitter.clone(),
            Channel::Wechat => self.wechat.clone(),
            Channel::Rt => self.rt.clone(),
            Channel::Sms | Channel::Voice | Channel::Email | Channel::Whatsapp => None,
        };
        match (real, sandbox) {
            (Some(real), true) => Some(Arc::new(WithStandIn(real))),
            (None, true) => Some(Self::stand_in()),
            (real, false) => real,
        }
    }

    /// The sandbox's other side: it takes everything.
    #[must_use]
    pub fn stand_in() -> Arc<dyn Connector> {
        Arc::new(StandIn)
    }
}

/// In the sandbox, the other side of a channel that has no connector, and of every destination that names its outcome.
struct StandIn;

/// In the sandbox, a connector that leads to a simulator, where an app says where that is.
struct WithStandIn(Arc<dyn Connector>);

impl Connector for WithStandIn {
    fn hand_over(&self, outgoing: Outgoing) -> BoxFuture<'static, Handed> {
        let account = &outgoing.account;
        let has_settings = account.config.as_object().is_some_and(|config| !config.is_empty());
        // An in-app message needs no settings: its other side is the broker, once clients can get in.
        let has_clients = account.secrets.get("client_key").is_some();
        if has_settings || has_clients { self.0.hand_over(outgoing) } else { StandIn.hand_over(outgoing) }
    }
}

impl Connector for StandIn {
    fn hand_over(&self, outgoing: Outgoing) -> BoxFuture<'static, Handed> {
        let provider_ref = format!("sandbox-{}", outgoing.tid);
        Box::pin(std::future::ready(Handed::Taken { provider_ref, receipt_follows: true }))
    }
}
