//! The providers of the social channels beside the server, and assets that lead to them.

use std::sync::Arc;

use serde_json::Value;
use url::Url;
use waypost_simulators::social::{Hook, SocialKind, SocialSims};

use crate::backstage::Backstage;
use crate::bound::within;
use crate::desk::{self, Login};
use crate::engine::Engine;
use crate::stage::Stage;

/// A stage with one live tenant whose service has an asset for each social channel.
pub struct Social {
    /// The server and everything else around it.
    pub stage: Stage,
    /// The providers.
    pub sims: Arc<SocialSims>,
    /// The service: notified of everything, inbound messages to `/mo`.
    pub login: Login,
}

/// Channel, the kind of its provider, the id of its asset.
pub const SOCIAL: [(&str, SocialKind, &str); 3] = [
    ("fb", SocialKind::Fb, "FB20000001"),
    ("twitter", SocialKind::Twitter, "TW20000001"),
    ("wechat", SocialKind::Wechat, "WC20000001"),
];

/// A second asset of Messenger, which no service uses.
pub const SECOND_PAGE: &str = "FB20000002";

impl Social {
    /// A running server.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(engine: Engine) -> Self {
        Self::prepared(engine, async |_, _| {}).await
    }

    /// The same, with what `prepare` does before the server starts.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn prepared(engine: Engine, prepare: impl AsyncFnOnce(&Backstage, &Login)) -> Self {
        let sims = Arc::new(SocialSims::start().await.expect("free ports"));
        let backstage = Backstage::new(engine).await;
        let tenant = backstage.tenant(desk::tenant("social")).await;
        let service = waypost_store::directory::Service {
            notify_url: Some(backstage.hook().url("/dlr")),
            inbound_url: Some(backstage.hook().url("/mo")),
            ..desk::service("social")
        };
        let login = backstage.desk().create_service(tenant, service).await;
        for (channel, kind, app_id) in SOCIAL {
            let desk = backstage.desk();
            desk.create_social_app(tenant, app_id, kind, &sims).await;
            desk.default_app(tenant, login.service, channel, app_id).await;
        }
        backstage.desk().create_social_app(tenant, SECOND_PAGE, SocialKind::Fb, &sims).await;
        prepare(&backstage, &login).await;
        Self { stage: backstage.start().await, sims, login }
    }

    /// The address of a webhook.
    ///
    /// # Panics
    /// When it is no address.
    #[must_use]
    pub fn webhook(&self, kind: SocialKind) -> Url {
        let (provider, app_id) = match kind {
            SocialKind::Fb => ("messenger", SOCIAL[0].2),
            SocialKind::Twitter => ("twitter", SOCIAL[1].2),
            SocialKind::Wechat => ("wechat", SOCIAL[2].2),
        };
        let address = self.stage.http.address();
        Url::parse(&format!("http://{address}/webhooks/{provider}/{app_id}")).expect("an address")
    }

    /// Posts a webhook, which is taken.
    ///
    /// # Panics
    /// When it is not.
    pub async fn tell(&self, kind: SocialKind, hook: &Hook) {
        let url = self.webhook(kind);
        let told = within("a webhook", self.sims.of(kind).post_hook(&url, hook)).await.expect("an answer");
        assert_eq!(told.0, 200, "{}", told.1);
    }

    /// Sends `block` on a channel, which is queued; its transaction id.
    ///
    /// # Panics
    /// When it is not.
    pub async fn send(&self, channel: &str, to: &Value, block: &Value) -> String {
        let request = serde_json::json!({
            "deliverychannel": channel,
            "channels": {"OTT-Messaging": {channel: block}},
            "destination": [to],
        });
        self.stage.http.post(&self.login.key, &request).await.queued()
    }
}
