//! The HTTP side: one listener per provider, a log of what came, answers on request, webhooks.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use url::Url;
use waypost_core::time::SystemClock;
use waypost_egress::{Egress, EgressError, EgressPolicy, SystemResolver};

use super::call::{Call, Received, Reply};
use super::hooks::{self, Hook};

/// Longest body read.
const BODY_BYTES_MAX: usize = 20 << 20;
/// Requests kept; the oldest go first.
const KEPT_MAX: usize = 10_000;

/// Decides the answer to a request.
pub(super) trait Provider: Send + Sync + 'static {
    fn answer(&self, call: &Call) -> Reply;
}

struct Inner {
    base: String,
    provider: Arc<dyn Provider>,
    received: Mutex<VecDeque<Received>>,
    planned: Mutex<VecDeque<Reply>>,
    webhook: Mutex<Option<Url>>,
    /// Webhooks that followed a message, with their answers.
    told: Mutex<Vec<(u16, String)>>,
    changed: Notify,
    egress: Egress,
}

/// A running simulator. Dropping it stops listening.
pub struct SimHandle {
    address: SocketAddr,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

impl SimHandle {
    pub(super) async fn start(provider: Arc<dyn Provider>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let resolver = Arc::new(SystemResolver::default());
        let egress = Egress::new(EgressPolicy::sandbox(), resolver, Arc::new(SystemClock));
        let inner = Arc::new(Inner {
            base: format!("http://{address}"),
            provider,
            received: Mutex::default(),
            planned: Mutex::default(),
            webhook: Mutex::default(),
            told: Mutex::default(),
            changed: Notify::new(),
            egress: egress.map_err(io::Error::other)?,
        });
        let router = Router::new().fallback(receive).with_state(Arc::clone(&inner));
        let server = tokio::spawn(async move {
            // Ends with the runtime or the handle only; accept errors are retried inside.
            drop(axum::serve(listener, router).await);
        });
        Ok(Self { address, inner, server })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base address for an account's settings.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.inner.base
    }

    /// What came, oldest first.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        lock(&self.inner.received).iter().cloned().collect()
    }

    /// The messages that were taken, oldest first.
    #[must_use]
    pub fn taken(&self) -> Vec<Received> {
        lock(&self.inner.received).iter().filter(|one| one.taken.is_some()).cloned().collect()
    }

    /// Answers the next request with `reply`, whatever it is; called again, the one after it.
    pub fn plan(&self, reply: Reply) {
        lock(&self.inner.planned).push_back(reply);
    }

    /// Where webhooks go after a message was taken; none until it is set.
    pub fn set_webhook(&self, url: Option<Url>) {
        *lock(&self.inner.webhook) = url;
    }

    /// Posts a webhook to `url`; the status and body of the answer.
    ///
    /// # Errors
    /// Those of the exchange.
    pub async fn post_hook(&self, url: &Url, hook: &Hook) -> Result<(u16, String), EgressError> {
        hooks::post(&self.inner.egress, url, hook).await
    }

    /// The answers to webhooks that followed messages.
    #[must_use]
    pub fn told(&self) -> Vec<(u16, String)> {
        lock(&self.inner.told).clone()
    }

    /// Waits until `reached` holds of the messages taken and the webhooks answered. Told, not polled; give it a deadline.
    pub async fn wait(&self, reached: impl Fn(usize, usize) -> bool) {
        loop {
            let mut changed = pin!(self.inner.changed.notified());
            changed.as_mut().enable();
            let (taken, told) = (self.taken().len(), lock(&self.inner.told).len());
            if reached(taken, told) {
                return;
            }
            changed.await;
        }
    }
}

impl Drop for SimHandle {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl std::fmt::Debug for SimHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimHandle").field("address", &self.address).finish_non_exhaustive()
    }
}

async fn receive(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let Ok(url) = Url::parse(&format!("{}{}", inner.base, head.uri)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let call = Call { method: head.method.to_string(), url, headers, body };
    let planned = lock(&inner.planned).pop_front();
    let reply = planned.unwrap_or_else(|| inner.provider.answer(&call));
    note(&inner, &call, &reply);
    follow_up(&inner, reply.hooks.clone());
    respond(&reply)
}

fn note(inner: &Inner, call: &Call, reply: &Reply) {
    let mut received = lock(&inner.received);
    if received.len() >= KEPT_MAX {
        received.pop_front();
    }
    received.push_back(Received {
        path: call.path().to_owned(),
        body: call.json(),
        status: reply.status,
        answer: reply.body.clone(),
        taken: reply.taken.clone(),
    });
    drop(received);
    inner.changed.notify_waiters();
}

fn follow_up(inner: &Arc<Inner>, hooks: Vec<Hook>) {
    let webhook = lock(&inner.webhook).clone();
    let Some(url) = webhook.filter(|_| !hooks.is_empty()) else { return };
    let inner = Arc::clone(inner);
    tokio::spawn(async move {
        for hook in &hooks {
            let told = hooks::post(&inner.egress, &url, hook).await;
            lock(&inner.told).push(told.unwrap_or_else(|error| (0, error.to_string())));
            inner.changed.notify_waiters();
        }
    });
}

fn respond(reply: &Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, reply.body.to_string()).into_response();
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (axum::http::HeaderName::try_from(name), HeaderValue::try_from(value))
        {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // These sections cannot panic half-way; a poisoned lock still guards whole data.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
