//! hyper's connection loop, with a bound on everything a peer can make grow.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::config::Server;

/// Connections the kernel may hold before they are accepted.
const BACKLOG: u32 = 1_024;

/// Pause after a failed accept (usually: out of file descriptors), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Most bytes of a request's head.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// The bounds of one server.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest time from a request's head to its answer.
    pub request_timeout: Duration,
    /// Longest time to receive a head, idle time included.
    pub header_timeout: Duration,
    /// Most connections at once.
    pub connections_max: usize,
    /// How long a stop waits for requests under way.
    pub drain: Duration,
}

impl Limits {
    /// The bounds given by the configuration; a stop waits for `drain_ms`.
    #[must_use]
    pub fn new(server: &Server, drain_ms: u64) -> Self {
        Self {
            request_timeout: Duration::from_millis(server.request_timeout_ms),
            header_timeout: Duration::from_millis(server.header_timeout_ms),
            connections_max: server.connections_max,
            drain: Duration::from_millis(drain_ms),
        }
    }
}

/// How a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Every request under way was answered.
    Drained,
    /// The drain time passed with this many connections still open; they were cut.
    Cut(usize),
}

/// Listens on `address`.
///
/// # Errors
/// When the address is taken or not this machine's.
pub fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves `router` until `stop` is cancelled, then lets requests under way end within the drain time.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: CancellationToken,
) -> Stopped {
    let tasks = TaskTracker::new();
    let cut = CancellationToken::new();
    let slots = Arc::new(Semaphore::new(limits.connections_max));
    let connection = Connection { router, limits, stop: stop.clone(), cut: cut.clone() };
    while let Some((stream, peer, slot)) = accept(&listener, &slots, &stop).await {
        let connection = connection.clone();
        tasks.spawn(async move {
            connection.run(stream, peer).await;
            drop(slot);
        });
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(limits.drain, tasks.wait()).await.is_ok() {
        return Stopped::Drained;
    }
    let open = tasks.len();
    cut.cancel();
    tasks.wait().await;
    Stopped::Cut(open)
}

/// The next connection and its slot; none once stopping.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    loop {
        let slot = tokio::select! {
            () = stop.cancelled() => return None,
            slot = Arc::clone(slots).acquire_owned() => slot.ok()?,
        };
        tokio::select! {
            () = stop.cancelled() => return None,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => return Some((stream, peer, slot)),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    metrics::counter!("waypost_http_accept_errors_total").increment(1);
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
}

#[derive(Clone)]
struct Connection {
    router: Router,
    limits: Limits,
    stop: CancellationToken,
    cut: CancellationToken,
}

impl Connection {
    async fn run(self, stream: TcpStream, peer: SocketAddr) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        let (router, limits) = (self.router, self.limits);
        let service = service_fn(move |request| answer(router.clone(), limits, peer, request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_timeout)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service)
            // For MQTT over WebSocket.
            .with_upgrades();
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = &mut connection => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    ended = &mut connection => ended,
                    () = self.cut.cancelled() => Ok(()),
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, %peer, "a connection ended early");
        }
    }
}

/// One request through the router. The families bound bodies themselves, with codes; the time-out here is a backstop that
/// is answered without a body, for there is no code to give.
async fn answer(
    router: Router,
    limits: Limits,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    match tokio::time::timeout(limits.request_timeout, router.oneshot(request)).await {
        Ok(answer) => answer,
        Err(_) => {
            metrics::counter!("waypost_http_timeouts_total").increment(1);
            Ok(closing(StatusCode::SERVICE_UNAVAILABLE))
        }
    }
}

fn closing(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONNECTION, http::HeaderValue::from_static("close"));
    response
}
