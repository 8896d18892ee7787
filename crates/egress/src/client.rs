//! The client itself.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use url::{Position, Url};
use waypost_core::time::{Clock, Micros};

use crate::connect::{Connector, Progress, Protocol, Target};
use crate::error::{EgressError, Stage, UrlProblem};
use crate::h2::Links;
use crate::policy::{EgressPolicy, SetupError};
use crate::pool::{Conn, Driver, Pool};
use crate::resolver::Resolver;
use crate::{retry_after, tls};

const URL_BYTES_MAX: usize = 8_192;
const HEAD_BYTES_MIN: usize = 8_192;

/// Headers that belong to the connection, not to the caller.
const OWN_HEADERS: [HeaderName; 8] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The one door out: every outbound HTTP request goes through here. A clone is a handle to the same client.
///
/// No redirects, no proxies, no cookies, no decompression. A name is resolved once for a connection, every one of its
/// addresses is vetted, and the connection goes to one that was.
#[derive(Clone)]
pub struct Egress {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) policy: EgressPolicy,
    pub(crate) connector: Connector,
    pool: Pool,
    pub(crate) links: Links,
    clock: Arc<dyn Clock>,
    user_agent: HeaderValue,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status, whatever it is: redirects are not followed.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body, as it was sent.
    pub body: Bytes,
    /// When the other side wants to be asked again (`retry-after`, in seconds or as a date).
    pub retry_after: Option<Micros>,
}

impl Egress {
    /// A client with its own connections.
    ///
    /// # Errors
    /// A policy that cannot be used.
    pub fn new(
        policy: EgressPolicy,
        resolver: Arc<dyn Resolver>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        let tls = tls::configs(policy.extra_ca_file.as_deref())?;
        let connector = Connector { resolver, tls };
        let links = Links::new(&policy);
        let pool = Pool::new(policy.idle_per_host_max, policy.idle_max, policy.idle_ms);
        let user_agent = HeaderValue::from_str(&policy.user_agent).map_err(|_| SetupError::UserAgent)?;
        Ok(Self { inner: Arc::new(Inner { policy, connector, pool, links, clock, user_agent }) })
    }

    /// Posts `body`. The deadline spans look-up, connection, TLS, response head and body.
    ///
    /// `headers` are the caller's; those that belong to the connection (`host`, `content-length` …) are replaced.
    ///
    /// # Errors
    /// [`EgressError`]. A status that is no success is not an error.
    pub async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
        deadline_ms: u64,
        response_body_bytes_max: usize,
    ) -> Result<Response, EgressError> {
        self.request(Method::POST, url, headers, body, deadline_ms, response_body_bytes_max).await
    }

    /// Like [`Egress::post`] with any method.
    ///
    /// # Errors
    /// [`EgressError`]. A status that is no success is not an error.
    pub async fn request(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
        deadline_ms: u64,
        response_body_bytes_max: usize,
    ) -> Result<Response, EgressError> {
        let target = self.inner.check(url)?;
        let request = self.inner.request(method, url, headers, body)?;
        let progress = Progress::new();
        let exchange = async {
            let origin = &url[..Position::BeforePath];
            let (response, conn) = self.inner.send(origin, target, request, &progress).await?;
            progress.enter(Stage::Body);
            let response = self.inner.receive(response, response_body_bytes_max).await?;
            self.inner.pool.put(origin, conn);
            Ok(response)
        };
        match tokio::time::timeout(Duration::from_millis(deadline_ms), exchange).await {
            Ok(result) => result,
            Err(_) => Err(EgressError::Timeout { stage: progress.stage() }),
        }
    }

    /// Closes connections that were idle for too long; returns how many idle ones of HTTP/1.1 and how many of HTTP/2,
    /// idle or not, are left. It is also done with each new connection.
    pub fn sweep(&self) -> usize {
        self.inner.pool.sweep() + self.inner.links.sweep()
    }
}

impl Inner {
    pub(crate) fn check<'a>(&self, url: &'a Url) -> Result<Target<'a>, UrlProblem> {
        let tls = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return Err(UrlProblem::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlProblem::Credentials);
        }
        if url.as_str().len() > URL_BYTES_MAX {
            return Err(UrlProblem::Unsendable);
        }
        let host = url.host().ok_or(UrlProblem::NoHost)?;
        let port = url.port_or_known_default().ok_or(UrlProblem::NoHost)?;
        if self.policy.ports.as_ref().is_some_and(|ports| !ports.contains(&port)) {
            return Err(UrlProblem::Port(port));
        }
        Ok(Target { host, port, tls })
    }

    fn request(
        &self,
        method: Method,
        url: &Url,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, UrlProblem> {
        let path = &url[Position::BeforePath..Position::AfterQuery];
        let path: PathAndQuery = path.parse().map_err(|_| UrlProblem::Unsendable)?;
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        let host = HeaderValue::from_str(authority).map_err(|_| UrlProblem::Unsendable)?;
        self.own(&mut headers);
        headers.insert(header::HOST, host);
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = Uri::from(path);
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// Takes away what belongs to the connection, and adds what is ours.
    pub(crate) fn own(&self, headers: &mut HeaderMap) {
        OWN_HEADERS.iter().for_each(|name| {
            headers.remove(name);
        });
        headers.entry(header::USER_AGENT).or_insert_with(|| self.user_agent.clone());
    }

    /// Sends over an idle connection, or a new one when there is none that takes the request. A request that an idle
    /// connection may have passed on is not repeated: the caller decides.
    async fn send(
        &self,
        origin: &str,
        target: Target<'_>,
        mut request: Request<Full<Bytes>>,
        progress: &Progress,
    ) -> Result<(http::Response<Incoming>, Conn), EgressError> {
        while let Some(mut conn) = self.pool.take(origin) {
            progress.enter(Stage::Head);
            if conn.sender.ready().await.is_err() {
                continue;
            }
            match conn.sender.try_send_request(request).await {
                Ok(response) => return Ok((response, conn)),
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(protocol(error.error())),
                },
            }
        }
        let mut conn = self.connect(target, progress).await?;
        progress.enter(Stage::Head);
        match conn.sender.send_request(request).await {
            Ok(response) => Ok((response, conn)),
            Err(error) => Err(protocol(&error)),
        }
    }

    async fn connect(&self, target: Target<'_>, progress: &Progress) -> Result<Conn, EgressError> {
        self.pool.sweep();
        let stream = self.connector.connect(&self.policy, target, Protocol::Http1, progress).await?;
        let mut builder = http1::Builder::new();
        builder.max_buf_size(self.policy.head_bytes_max.max(HEAD_BYTES_MIN));
        let (sender, connection) =
            builder.handshake(TokioIo::new(stream)).await.map_err(|error| protocol(&error))?;
        let driver = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "an outbound connection ended");
            }
        });
        Ok(Conn { sender, _driver: Driver(driver.abort_handle()) })
    }

    pub(crate) async fn receive(
        &self,
        response: http::Response<Incoming>,
        bytes_max: usize,
    ) -> Result<Response, EgressError> {
        let (head, body) = response.into_parts();
        let status = head.status;
        let body = read(body, bytes_max).await?;
        let body = body.ok_or(EgressError::BodyTooLarge { status, body_bytes_max: bytes_max })?;
        let retry_after = head.headers.get(header::RETRY_AFTER);
        let retry_after =
            retry_after.and_then(|value| retry_after::parse(value.to_str().ok()?, self.clock.now()));
        Ok(Response { status, headers: head.headers, body, retry_after })
    }
}

/// The whole body; `None` when it is longer than the bound.
async fn read(mut body: Incoming, bytes_max: usize) -> Result<Option<Bytes>, EgressError> {
    if body.size_hint().lower() > bytes_max as u64 {
        return Ok(None);
    }
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| protocol(&error))?.into_data() else { continue };
        if first.len() + rest.len() + data.len() > bytes_max {
            return Ok(None);
        }
        if first.is_empty() {
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
    }
    if rest.is_empty() {
        return Ok(Some(first));
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(Some(whole.freeze()))
}

/// The error with its causes: hyper's own text says little.
pub(crate) fn protocol(error: &hyper::Error) -> EgressError {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    EgressError::Protocol(text)
}
