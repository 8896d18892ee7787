//! The HTTP side.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle, time::sleep};

use super::{Answer, Callback, CallbacksConfig, is_signed_by};

/// The receiver.
#[derive(Debug)]
pub struct Callbacks;

/// Counts since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Requests read.
    pub received: u64,
    /// Those answered with 2xx.
    pub accepted: u64,
    /// Those whose signature was missing or wrong.
    pub unsigned: u64,
}

/// A running receiver. Dropping it stops listening.
pub struct CallbackHandle {
    address: SocketAddr,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

struct Inner {
    config: CallbacksConfig,
    received: AtomicU64,
    accepted: AtomicU64,
    unsigned: AtomicU64,
    kept: Mutex<VecDeque<Callback>>,
    changed: Notify,
}

impl Callbacks {
    /// Listens and answers until the handle is dropped.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(config: CallbacksConfig) -> io::Result<CallbackHandle> {
        let listener = TcpListener::bind(config.address).await?;
        let address = listener.local_addr()?;
        let inner = Arc::new(Inner {
            config,
            received: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            unsigned: AtomicU64::new(0),
            kept: Mutex::default(),
            changed: Notify::new(),
        });
        let router = Router::new().fallback(receive).with_state(Arc::clone(&inner));
        let server = tokio::spawn(async move {
            // Ends with the runtime or the handle only; accept errors are retried inside.
            drop(axum::serve(listener, router).await);
        });
        Ok(CallbackHandle { address, inner, server })
    }
}

impl CallbackHandle {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A URL of this receiver.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Counts since the start.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.inner.counts()
    }

    /// The call-backs kept, oldest first.
    #[must_use]
    pub fn kept(&self) -> Vec<Callback> {
        let kept = self.inner.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().cloned().collect()
    }

    /// Waits until `count` call-backs were answered with 2xx. Told, not polled; give it a deadline.
    pub async fn wait_for(&self, count: u64) -> Counts {
        self.wait(|counts| counts.accepted >= count).await
    }

    /// Waits until the counts satisfy `reached`.
    pub async fn wait(&self, reached: impl Fn(&Counts) -> bool) -> Counts {
        loop {
            let mut changed = pin!(self.inner.changed.notified());
            changed.as_mut().enable();
            let counts = self.inner.counts();
            if reached(&counts) {
                return counts;
            }
            changed.await;
        }
    }
}

impl Drop for CallbackHandle {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl std::fmt::Debug for CallbackHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallbackHandle").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Inner {
    fn counts(&self) -> Counts {
        Counts {
            received: self.received.load(SeqCst),
            accepted: self.accepted.load(SeqCst),
            unsigned: self.unsigned.load(SeqCst),
        }
    }

    fn is_trusted(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let Some(secret) = &self.config.secret else { return true };
        let signature = headers.get("x-hub-signature").and_then(|value| value.to_str().ok());
        signature.is_some_and(|signature| is_signed_by(secret, body, signature))
    }

    fn keep(&self, target: String, headers: &HeaderMap, body: &Bytes) {
        if self.config.keep_max == 0 {
            return;
        }
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers =
            headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
        let callback = Callback { target, headers, body: body.to_vec() };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= self.config.keep_max {
            kept.pop_front();
        }
        kept.push_back(callback);
    }

    fn answer(&self, number: u64, headers: &HeaderMap, body: &[u8]) -> Answer {
        if !self.is_trusted(headers, body) {
            self.unsigned.fetch_add(1, SeqCst);
            return Answer::status(401);
        }
        self.config.script.as_ref().map_or(Answer::OK, |script| script(number, body))
    }
}

async fn receive(State(inner): State<Arc<Inner>>, request: Request) -> StatusCode {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, inner.config.body_bytes_max).await else {
        return StatusCode::PAYLOAD_TOO_LARGE;
    };
    let number = inner.received.fetch_add(1, SeqCst);
    inner.keep(head.uri.to_string(), &head.headers, &body);
    if let Some(on_body) = &inner.config.on_body {
        on_body(&body);
    }
    let answer = inner.answer(number, &head.headers, &body);
    if !answer.delay.is_zero() {
        sleep(answer.delay).await;
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_success() {
        inner.accepted.fetch_add(1, SeqCst);
    }
    inner.changed.notify_waiters();
    status
}
