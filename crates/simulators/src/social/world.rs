//! All three providers at once, and the accounts that lead to them.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use waypost_core::time::{Clock, Micros, SystemClock};

use super::graph::{Graph, GraphAccount};
use super::hooks::Hook;
use super::server::SimHandle;
use super::wechat::{WechatAccount, WechatSim};
use super::x::{X, XAccount};

/// One of the providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SocialKind {
    /// Messenger.
    Fb,
    /// X.
    Twitter,
    /// WeChat.
    Wechat,
}

/// The running providers. Dropping them stops them.
pub struct SocialSims {
    /// Messenger.
    pub graph: SimHandle,
    /// X.
    pub x: SimHandle,
    /// WeChat.
    pub wechat: SimHandle,
    page: Arc<Graph>,
    user: Arc<X>,
    official: Arc<WechatSim>,
}

impl SocialSims {
    /// Starts all three with their default accounts, each on a free port of loopback.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start() -> io::Result<Self> {
        Self::start_at(Arc::new(SystemClock)).await
    }

    /// The same with a clock in the test's hands.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start_at(clock: Arc<dyn Clock>) -> io::Result<Self> {
        let run = run_number()?;
        let page = Arc::new(Graph {
            account: GraphAccount::default(),
            clock: Arc::clone(&clock),
            run,
            next: AtomicU64::new(1),
        });
        let user = Arc::new(X {
            account: XAccount::default(),
            clock: Arc::clone(&clock),
            // As wide as the real ones, and of no other run.
            next: AtomicU64::new(1_000_000_000_000_000_000 + (run >> 16)),
            nonces: Mutex::new(HashSet::new()),
            media: Mutex::new(HashSet::new()),
        });
        let official = Arc::new(WechatSim {
            account: WechatAccount::default(),
            clock,
            run,
            next: AtomicU64::new(1),
            issued: Mutex::default(),
            media: Mutex::new(HashMap::new()),
        });
        Ok(Self {
            graph: SimHandle::start(Arc::clone(&page) as _).await?,
            x: SimHandle::start(Arc::clone(&user) as _).await?,
            wechat: SimHandle::start(Arc::clone(&official) as _).await?,
            page,
            user,
            official,
        })
    }

    /// The simulator of a kind.
    #[must_use]
    pub const fn of(&self, kind: SocialKind) -> &SimHandle {
        match kind {
            SocialKind::Fb => &self.graph,
            SocialKind::Twitter => &self.x,
            SocialKind::Wechat => &self.wechat,
        }
    }

    /// The settings of an app asset that leads to the simulator.
    #[must_use]
    pub fn app_config(&self, kind: SocialKind) -> Value {
        match kind {
            SocialKind::Fb => json!({
                "base_url": self.graph.base_url(),
                "page_id": self.page.account.page_id,
            }),
            SocialKind::Twitter => json!({
                "base_url": self.x.base_url(),
                "upload_url": self.x.base_url(),
                "user_id": self.user.account.user_id,
            }),
            SocialKind::Wechat => json!({ "base_url": self.wechat.base_url() }),
        }
    }

    /// Its credentials.
    #[must_use]
    pub fn app_secrets(&self, kind: SocialKind) -> Value {
        match kind {
            SocialKind::Fb => json!({
                "page_token": self.page.account.page_token,
                "app_secret": self.page.account.app_secret,
                "verify_token": self.page.account.verify_token,
            }),
            SocialKind::Twitter => json!({
                "consumer_key": self.user.account.consumer_key,
                "consumer_secret": self.user.account.consumer_secret,
                "access_token": self.user.account.access_token,
                "access_token_secret": self.user.account.access_token_secret,
            }),
            SocialKind::Wechat => json!({
                "app_id": self.official.account.app_id,
                "app_secret": self.official.account.app_secret,
                "token": self.official.account.token,
                "encoding_aes_key": self.official.account.encoding_aes_key,
            }),
        }
    }

    /// Messenger's report that messages were delivered.
    #[must_use]
    pub fn fb_delivery(&self, psid: &str, mids: &[&str], watermark: Micros) -> Hook {
        self.page.delivery(psid, mids, watermark)
    }

    /// Messenger's report that everything up to `watermark` was read.
    #[must_use]
    pub fn fb_read(&self, psid: &str, watermark: Micros) -> Hook {
        self.page.read(psid, watermark)
    }

    /// Any event of a user of Messenger: `event` has its `message`, `postback`, ….
    #[must_use]
    pub fn fb_event(&self, psid: &str, at: Micros, event: Value) -> Hook {
        self.page.hook(psid, at, event)
    }

    /// A direct message of a user of X.
    #[must_use]
    pub fn x_message(&self, id: &str, sender: &str, words: &str, at: Micros) -> Hook {
        self.user.inbound(id, sender, words, at)
    }

    /// Any activity of X.
    #[must_use]
    pub fn x_event(&self, body: &Value) -> Hook {
        self.user.hook(body)
    }

    /// A text of a user of WeChat.
    #[must_use]
    pub fn wechat_message(&self, id: &str, open_id: &str, words: &str, at: Micros) -> Hook {
        self.official.inbound(id, open_id, words, at)
    }

    /// Anything a user of WeChat sends; `rest` is what follows the time in the XML.
    #[must_use]
    pub fn wechat_event(&self, open_id: &str, rest: &str, at: Micros, encrypted: bool) -> Hook {
        self.official.hook(open_id, rest, at, encrypted)
    }

    /// Makes WeChat's access token invalid before its time.
    pub fn revoke_wechat_token(&self) {
        self.official.revoke();
    }

    /// How many access tokens WeChat gave out.
    #[must_use]
    pub fn wechat_tokens(&self) -> u64 {
        self.official.tokens()
    }
}

fn run_number() -> io::Result<u64> {
    let mut bytes = [0; 8];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| io::Error::other("no randomness"))?;
    Ok(u64::from_le_bytes(bytes) >> 8)
}

impl std::fmt::Debug for SocialSims {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SocialSims").finish_non_exhaustive()
    }
}
