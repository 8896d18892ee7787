//! One exchange on a shared connection.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::header::HeaderMap;
use http::{Method, Request, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use url::{Position, Url};

use super::link::{Link, Slot};
use crate::client::{Egress, Inner, Response, protocol};
use crate::connect::{Progress, Protocol, Target};
use crate::error::{EgressError, Stage, UrlProblem};
use crate::pool::Driver;

/// Connections that are tried when one after the other goes away before it handles the request.
const ROUNDS_MAX: usize = 4;
/// What a far side may send ahead of being read, for one exchange and for a connection.
const STREAM_WINDOW_BYTES: u32 = 65_535;
const CONNECTION_WINDOW_BYTES: u32 = 1 << 20;
/// A connection that does not answer a ping is dead.
const PING_EVERY: Duration = Duration::from_secs(30);
const PING_WAIT: Duration = Duration::from_secs(10);

impl Egress {
    /// Like [`Egress::request`], over HTTP/2: agreed on in the TLS handshake for `https`, known beforehand for `http`.
    /// Exchanges share connections.
    ///
    /// # Errors
    /// [`EgressError`]; a far side that does not speak HTTP/2 is [`EgressError::Tls`] or [`EgressError::Protocol`]. A
    /// status that is no success is not an error.
    pub async fn request_h2(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
        deadline_ms: u64,
        response_body_bytes_max: usize,
    ) -> Result<Response, EgressError> {
        let inner = &*self.inner;
        let target = inner.check(url)?;
        let request = inner.request_h2(method, url, headers, body)?;
        let progress = Progress::new();
        let exchange = async {
            let origin = &url[..Position::BeforePath];
            let (response, mut slot) = inner.send_h2(origin, &target, request, &progress).await?;
            slot.answered();
            progress.enter(Stage::Body);
            inner.receive(response, response_body_bytes_max).await
        };
        match tokio::time::timeout(Duration::from_millis(deadline_ms), exchange).await {
            Ok(result) => result,
            Err(_) => Err(EgressError::Timeout { stage: progress.stage() }),
        }
    }
}

impl Inner {
    fn request_h2(
        &self,
        method: Method,
        url: &Url,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, UrlProblem> {
        let uri: Uri = url[..Position::AfterQuery].parse().map_err(|_| UrlProblem::Unsendable)?;
        self.own(&mut headers);
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// Sends, over another connection when one certainly has not handled the request.
    async fn send_h2(
        &self,
        origin: &str,
        target: &Target<'_>,
        request: Request<Full<Bytes>>,
        progress: &Progress,
    ) -> Result<(http::Response<Incoming>, Slot), EgressError> {
        let mut last = EgressError::Protocol("no connection stays".to_owned());
        for _ in 0..ROUNDS_MAX {
            let slot = self.links.slot(origin, || self.connect_h2(target, progress)).await?;
            progress.enter(Stage::Head);
            match slot.sender().try_send_request(request.clone()).await {
                Ok(response) => return Ok((response, slot)),
                Err(mut error) => {
                    let is_unsent = error.take_message().is_some();
                    last = protocol(error.error());
                    if !is_unsent && !is_unhandled(error.error()) {
                        return Err(last);
                    }
                }
            }
        }
        Err(last)
    }

    async fn connect_h2(&self, target: &Target<'_>, progress: &Progress) -> Result<Link, EgressError> {
        let stream = self.connector.connect(&self.policy, target.clone(), Protocol::Http2, progress).await?;
        progress.enter(Stage::Head);
        let head_bytes_max = u32::try_from(self.policy.head_bytes_max).unwrap_or(u32::MAX);
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_WAIT)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_header_list_size(head_bytes_max)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| protocol(&error))?;
        let driver = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "an outbound HTTP/2 connection ended");
            }
        });
        Ok(Link::new(sender, Driver(driver.abort_handle()), self.links.slots_max()))
    }
}

/// Whether the far side says that it has not handled the request (RFC 9113, sections 6.8 and 8.7): the stream was
/// refused, or the connection goes away and the stream is above the last it handles.
fn is_unhandled(error: &hyper::Error) -> bool {
    let Some(error) = error.source().and_then(|source| source.downcast_ref::<h2::Error>()) else {
        return false;
    };
    match error.reason() {
        Some(h2::Reason::REFUSED_STREAM) => error.is_reset() && error.is_remote(),
        Some(h2::Reason::NO_ERROR) => error.is_go_away() && error.is_remote(),
        _ => false,
    }
}
