//! The sandbox's push clouds and social providers, and the app assets that lead to them.

use anyhow::Context;
use serde_json::Value;
use waypost_core::time::Micros;
use waypost_simulators::push::PushSims;
use waypost_simulators::sip::SipHandle;
use waypost_simulators::social::{SocialKind, SocialSims};
use waypost_store::directory::admin;
use waypost_store::seal::MasterKey;
use waypost_store::{Ctx, Sql, StoreError};

use super::apps::APPS;

/// Everything that stands at the far end of the IP channels and of voice. Dropping it stops it.
#[derive(Debug)]
pub struct Providers {
    push: PushSims,
    social: SocialSims,
    sip: SipHandle,
}

/// How an app asset reaches its provider in this run.
#[derive(Debug, Clone)]
pub struct Lead {
    app_id: &'static str,
    config: Value,
    secrets: Value,
}

impl Providers {
    /// Starts all of them on free ports of loopback.
    ///
    /// # Errors
    /// When no port is free or no key can be made.
    pub async fn start() -> anyhow::Result<Self> {
        let push = PushSims::start().await.context("starting the simulated push clouds")?;
        let social = SocialSims::start().await.context("starting the simulated social providers")?;
        let home = (std::net::Ipv4Addr::LOCALHOST, 0).into();
        let sip = SipHandle::start(home).await.context("starting the simulated trunk")?;
        Ok(Self { push, social, sip })
    }

    /// The provider of calls.
    #[must_use]
    pub const fn sip(&self) -> &SipHandle {
        &self.sip
    }

    /// The social providers.
    #[must_use]
    pub const fn social(&self) -> &SocialSims {
        &self.social
    }

    /// The push clouds.
    #[must_use]
    pub const fn push(&self) -> &PushSims {
        &self.push
    }

    /// Settings and credentials of the sandbox's app assets.
    #[must_use]
    pub fn leads(&self) -> Vec<Lead> {
        let social = [
            (APPS.fb, SocialKind::Fb),
            (APPS.twitter, SocialKind::Twitter),
            (APPS.wechat, SocialKind::Wechat),
        ];
        let push =
            Lead { app_id: APPS.push, config: self.push.app_config(), secrets: self.push.app_secrets() };
        let social = social.map(|(app_id, kind)| Lead {
            app_id,
            config: self.social.app_config(kind),
            secrets: self.social.app_secrets(kind),
        });
        std::iter::once(push).chain(social).collect()
    }
}

/// Points the app assets to the providers of this run: their ports and keys are new at each start.
pub fn lead(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    leads: &[Lead],
    master: &MasterKey,
) -> Result<(), StoreError> {
    for Lead { app_id, config, secrets } in leads {
        admin::update_app(tx, ctx, now, app_id, |app| app.config = config.to_string())?;
        admin::set_app_secrets(tx, ctx, now, app_id, Some(&secrets.to_string()), master)?;
    }
    Ok(())
}
