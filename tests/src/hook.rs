//! The customers' side: an endpoint for call-backs.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;
use waypost_simulators::callbacks::{Answer, Callback, CallbackHandle, Callbacks, CallbacksConfig};

use crate::bound::within;
use crate::notification::Notification;

/// Decides the answer from the number of the call-back, counted from 0, and its body.
pub type HookScript = Arc<dyn Fn(u64, &[u8]) -> Answer + Send + Sync>;

/// A running endpoint that keeps what it is told.
pub struct Hook {
    handle: CallbackHandle,
    /// Changes after a call-back was kept.
    kept: watch::Receiver<u64>,
}

impl Hook {
    /// Answers 200 to everything.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn start() -> Self {
        Self::scripted(None).await
    }

    /// Answers as the script says.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn answering(script: impl Fn(u64, &[u8]) -> Answer + Send + Sync + 'static) -> Self {
        Self::scripted(Some(Arc::new(script))).await
    }

    async fn scripted(script: Option<HookScript>) -> Self {
        let (count, kept) = watch::channel(0);
        let config = CallbacksConfig {
            script,
            // It is called after the call-back was kept and before it is answered.
            on_body: Some(Arc::new(move |_| count.send_modify(|count| *count += 1))),
            keep_max: 1_000_000,
            ..CallbacksConfig::default()
        };
        Self { handle: Callbacks::start(config).await.expect("a free port"), kept }
    }

    /// A URL of this endpoint.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.handle.url(path)
    }

    /// Every call-back so far.
    #[must_use]
    pub fn callbacks(&self) -> Vec<Callback> {
        self.handle.kept()
    }

    /// Every delivery notification so far.
    #[must_use]
    pub fn notifications(&self) -> Vec<Notification> {
        self.callbacks().into_iter().filter_map(Notification::of).collect()
    }

    /// Waits until `found` finds what it looks for among the call-backs.
    ///
    /// # Panics
    /// When it does not in time.
    pub async fn wait<T>(&self, what: &str, mut found: impl FnMut(&[Callback]) -> Option<T>) -> T {
        let mut kept = self.kept.clone();
        let search = async {
            loop {
                kept.borrow_and_update();
                if let Some(value) = found(&self.callbacks()) {
                    return value;
                }
                kept.changed().await.expect("the endpoint runs");
            }
        };
        within(what, search).await
    }

    /// Waits for the first notification that satisfies `wanted`.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn notification(&self, what: &str, wanted: impl Fn(&Notification) -> bool) -> Notification {
        let search =
            |kept: &[Callback]| kept.iter().cloned().filter_map(Notification::of).find(|n| wanted(n));
        self.wait(what, search).await
    }

    /// Waits for the notification of `code` about `to`.
    ///
    /// # Panics
    /// When it does not come in time.
    pub async fn outcome(&self, to: &str, code: u16) -> Notification {
        let what = format!("the notification {code} about {to}");
        self.notification(&what, |n| n.to() == to && n.code() == code).await
    }

    /// Waits for the two notifications of a message that was submitted and ended with `code`; the second. They are
    /// posted side by side, so either may come first.
    ///
    /// # Panics
    /// When they do not come in time.
    pub async fn both(&self, to: &str, code: u16) -> Notification {
        self.outcome(to, 7501).await;
        self.outcome(to, code).await
    }

    /// Waits until `count` call-backs have come.
    ///
    /// # Panics
    /// When they do not come in time.
    pub async fn count(&self, count: usize) {
        self.wait(&format!("{count} call-backs"), |kept| (kept.len() >= count).then_some(())).await;
    }

    /// Waits until `count` notifications have one of the final words, each message once.
    ///
    /// # Panics
    /// When they do not come in time.
    pub async fn finals(&self, count: usize) -> Vec<Notification> {
        let what = format!("{count} final notifications");
        let finals = |kept: &[Callback]| {
            let all = kept.iter().cloned().filter_map(Notification::of);
            let finals: Vec<Notification> = all.filter(|n| n.status() != "Submitted").collect();
            (finals.len() >= count).then_some(finals)
        };
        self.wait(&what, finals).await
    }

    /// Waits for `count` forwarded messages, of numbers (`oa`) or of apps (`event`); their bodies.
    ///
    /// # Panics
    /// When they do not come in time.
    pub async fn inbound(&self, count: usize) -> Vec<Value> {
        let is_forwarded = |json: &Value| ["oa", "event"].into_iter().any(|name| json.get(name).is_some());
        let bodies = |kept: &[Callback]| {
            let all = kept.iter().filter_map(|callback| serde_json::from_slice::<Value>(&callback.body).ok());
            let forwarded: Vec<Value> = all.filter(is_forwarded).collect();
            (forwarded.len() >= count).then_some(forwarded)
        };
        self.wait(&format!("{count} forwarded messages"), bodies).await
    }
}
