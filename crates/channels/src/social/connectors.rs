//! The connectors of all social channels, made once and shared: they keep access tokens.

use std::sync::Arc;

use waypost_core::channel::Channel;
use waypost_core::time::Clock;
use waypost_egress::Egress;

use super::{Media, MediaFault};
use crate::connector::{AppAccount, BoxFuture, Connector};
use crate::messenger::Messenger;
use crate::twitter::Twitter;
use crate::wechat::Wechat;

/// One connector per channel.
#[derive(Clone)]
pub struct SocialConnectors {
    messenger: Arc<Messenger>,
    twitter: Arc<Twitter>,
    wechat: Arc<Wechat>,
}

impl SocialConnectors {
    /// Connectors that go out through `egress`.
    #[must_use]
    pub fn new(egress: &Egress, clock: &Arc<dyn Clock>) -> Self {
        Self {
            messenger: Arc::new(Messenger::new(egress.clone(), Arc::clone(clock))),
            twitter: Arc::new(Twitter::new(egress.clone(), Arc::clone(clock))),
            wechat: Arc::new(Wechat::new(egress.clone(), Arc::clone(clock))),
        }
    }

    /// The connector of a channel; `None` for a channel that is none of these.
    #[must_use]
    pub fn of(&self, channel: Channel) -> Option<Arc<dyn Connector>> {
        match channel {
            Channel::Fb => Some(Arc::clone(&self.messenger) as _),
            Channel::Twitter => Some(Arc::clone(&self.twitter) as _),
            Channel::Wechat => Some(Arc::clone(&self.wechat) as _),
            Channel::Sms
            | Channel::Voice
            | Channel::Push
            | Channel::Rt
            | Channel::Email
            | Channel::Whatsapp => None,
        }
    }

    /// Uploads a file to the provider of `channel`; the id by which a message names it. `None` for a channel whose
    /// provider fetches media by their addresses, or has none.
    #[must_use]
    pub fn upload(
        &self,
        channel: Channel,
        account: Arc<AppAccount>,
        media: Media,
        deadline_ms: u64,
    ) -> Option<BoxFuture<'static, Result<String, MediaFault>>> {
        match channel {
            Channel::Twitter => Some(self.twitter.upload(account, media, deadline_ms)),
            Channel::Wechat => Some(self.wechat.upload(account, media, deadline_ms)),
            _ => None,
        }
    }
}

impl std::fmt::Debug for SocialConnectors {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SocialConnectors").finish_non_exhaustive()
    }
}
