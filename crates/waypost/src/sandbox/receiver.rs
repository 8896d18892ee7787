//! The sandbox's receiver of call-backs: answers 200, keeps the newest, shows them to people and passes them on.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, Uri};
use serde::Serialize;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use waypost_core::time::{Clock, Micros, SystemClock};

use crate::http::{self as door, Limits, Stopped};

/// Call-backs kept; the oldest go first.
const KEPT_MAX: usize = 1_000;

const LIMITS: Limits = Limits {
    request_timeout: Duration::from_secs(30),
    header_timeout: Duration::from_secs(120),
    connections_max: 1_024,
    drain: Duration::from_secs(1),
};

/// A call-back as it came.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Received {
    /// When, Unix microseconds.
    pub at_us: i64,
    /// Path and query.
    pub target: String,
    /// `x-hub-signature`, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The body; a string when it is not JSON.
    pub body: Value,
}

/// Told of every call-back before it is answered. Must be quick.
pub type Observer = Arc<dyn Fn(&Received) + Send + Sync>;

/// The call-backs kept. A clone is a handle to the same ones.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<Mutex<VecDeque<Received>>>);

impl Kept {
    /// All of them, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Received> {
        self.lock().iter().cloned().collect()
    }

    /// The oldest of those that came after a moment (Unix microseconds), at most `max`.
    #[must_use]
    pub fn after(&self, at_us: i64, max: usize) -> Vec<Received> {
        self.lock().iter().filter(|received| received.at_us > at_us).take(max).cloned().collect()
    }

    /// No two have the same time, so that who asks for those after one misses none.
    fn keep(&self, mut received: Received) {
        let mut kept = self.lock();
        if let Some(last) = kept.back() {
            received.at_us = received.at_us.max(last.at_us + 1);
        }
        if kept.len() == KEPT_MAX {
            kept.pop_front();
        }
        kept.push_back(received);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Received>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running receiver.
pub struct Receiver {
    address: SocketAddr,
    kept: Kept,
    stop: CancellationToken,
    task: JoinHandle<Stopped>,
}

#[derive(Clone)]
struct Shared {
    kept: Kept,
    observer: Option<Observer>,
}

impl Receiver {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When there is none.
    pub fn start(observer: Option<Observer>) -> std::io::Result<Self> {
        let listener = door::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let address = listener.local_addr()?;
        let kept = Kept::default();
        let shared = Shared { kept: kept.clone(), observer };
        let router = Router::new().route("/received", get(list)).fallback(receive).with_state(shared);
        let stop = CancellationToken::new();
        let task = tokio::spawn(door::serve(listener, router, LIMITS, stop.clone()));
        Ok(Self { address, kept, stop, task })
    }

    /// Base URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The call-backs kept, oldest first.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.kept.all()
    }

    /// A handle to the call-backs kept.
    #[must_use]
    pub fn kept(&self) -> Kept {
        self.kept.clone()
    }

    /// Stops listening.
    pub async fn stop(self) {
        self.stop.cancel();
        if self.task.await.is_err() {
            tracing::error!("the call-back receiver failed");
        }
    }
}

/// Oldest first.
async fn list(State(shared): State<Shared>) -> Json<Vec<Received>> {
    Json(shared.kept.all())
}

async fn receive(State(shared): State<Shared>, target: Uri, headers: HeaderMap, body: Bytes) -> &'static str {
    let Micros(at_us) = SystemClock.now();
    let signature = headers.get("x-hub-signature").and_then(|value| value.to_str().ok());
    let text = || Value::String(String::from_utf8_lossy(&body).into_owned());
    let received = Received {
        at_us,
        target: target.to_string(),
        signature: signature.map(str::to_owned),
        body: serde_json::from_slice(&body).unwrap_or_else(|_| text()),
    };
    if let Some(observer) = &shared.observer {
        observer(&received);
    }
    shared.kept.keep(received);
    "ok\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::Client;

    #[tokio::test]
    async fn call_backs_are_kept_shown_and_passed_on() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let observer: Observer = Arc::new(move |received| sink.lock().unwrap().push(received.body.clone()));
        let receiver = Receiver::start(Some(observer)).unwrap();
        let mut client = Client::connect(receiver.address()).await.unwrap();
        client.post("/dlr?x=1", "", br#"{"code":"7500"}"#.to_vec()).await.unwrap();
        client.post("/", "", b"plain".to_vec()).await.unwrap();
        let shown: Value = serde_json::from_slice(&client.get("/received").await.unwrap()).unwrap();
        assert_eq!(shown[0]["target"], "/dlr?x=1");
        assert_eq!(shown[0]["body"]["code"], "7500");
        assert_eq!(shown[1]["body"], "plain");
        assert_eq!(serde_json::to_value(receiver.received()).unwrap(), shown);
        assert_eq!(*seen.lock().unwrap(), [serde_json::json!({"code":"7500"}), "plain".into()]);
        drop(client);
        receiver.stop().await;
    }

    #[tokio::test]
    async fn only_the_newest_call_backs_are_kept() {
        let receiver = Receiver::start(None).unwrap();
        let mut client = Client::connect(receiver.address()).await.unwrap();
        for number in 0..=KEPT_MAX {
            client.post(&format!("/{number}"), "", Vec::new()).await.unwrap();
        }
        let received = receiver.received();
        assert_eq!((received.len(), received[0].target.as_str()), (KEPT_MAX, "/1"));
        let after = receiver.kept().after(received[KEPT_MAX - 3].at_us, 1);
        assert_eq!(after, received[KEPT_MAX - 2..KEPT_MAX - 1]);
    }
}
