//! Bodies too long for memory: sent and received piece by piece, each on a connection of its own.

use std::error::Error as StdError;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use url::{Position, Url};

use crate::client::{Egress, protocol};
use crate::connect::{Progress, Protocol};
use crate::error::{EgressError, Stage, UrlProblem};
use crate::pool::Driver;

/// A body and its length in bytes, which is told beforehand.
pub struct Upload<B> {
    /// What is sent; it must yield exactly `length` bytes.
    pub body: B,
    /// How long it is.
    pub length: u64,
}

/// A response whose body is still to come. Dropping it ends the connection.
pub struct Streamed {
    /// The status, whatever it is: redirects are not followed.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    body: Incoming,
    patience: Duration,
    _driver: Driver,
}

impl Egress {
    /// Sends a request whose body may be of any length. `head_ms` spans look-up, connection, TLS, the whole upload and the
    /// response's head; each piece of the response's body then has `piece_ms`. Connections are neither taken from nor given to
    /// those that are kept.
    ///
    /// # Errors
    /// [`EgressError`]. A status that is no success is not an error.
    pub async fn stream<B>(
        &self,
        (method, url, headers): (Method, &Url, HeaderMap),
        upload: Upload<B>,
        (head_ms, piece_ms): (u64, u64),
    ) -> Result<Streamed, EgressError>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let target = self.inner.check(url)?;
        let request = self.head(method, url, headers, upload)?;
        let progress = Progress::new();
        let exchange = async {
            let stream = self.inner.connector.connect(&self.inner.policy, target, Protocol::Http1, &progress);
            let (mut sender, connection) =
                http1::handshake(TokioIo::new(stream.await?)).await.map_err(|error| protocol(&error))?;
            let driver = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "an outbound connection ended");
                }
            });
            let driver = Driver(driver.abort_handle());
            progress.enter(Stage::Head);
            let response = sender.send_request(request).await.map_err(|error| protocol(&error))?;
            Ok((response, driver))
        };
        let exchange = tokio::time::timeout(Duration::from_millis(head_ms), exchange);
        let (response, driver) =
            exchange.await.unwrap_or_else(|_| Err(EgressError::Timeout { stage: progress.stage() }))?;
        let (head, body) = response.into_parts();
        let patience = Duration::from_millis(piece_ms);
        Ok(Streamed { status: head.status, headers: head.headers, body, patience, _driver: driver })
    }

    fn head<B>(
        &self,
        method: Method,
        url: &Url,
        mut headers: HeaderMap,
        upload: Upload<B>,
    ) -> Result<Request<B>, UrlProblem> {
        let path = &url[Position::BeforePath..Position::AfterQuery];
        let path: PathAndQuery = path.parse().map_err(|_| UrlProblem::Unsendable)?;
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        let host = HeaderValue::from_str(authority).map_err(|_| UrlProblem::Unsendable)?;
        self.inner.own(&mut headers);
        headers.insert(HOST, host);
        headers.insert(CONTENT_LENGTH, upload.length.into());
        let mut request = Request::new(upload.body);
        *request.method_mut() = method;
        *request.uri_mut() = Uri::from(path);
        *request.headers_mut() = headers;
        Ok(request)
    }
}

impl Streamed {
    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// When it does not come in time, or the connection breaks before the end.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, EgressError> {
        loop {
            let frame = tokio::time::timeout(self.patience, self.body.frame()).await;
            match frame.map_err(|_| EgressError::Timeout { stage: Stage::Body })? {
                None => return Ok(None),
                Some(frame) => {
                    if let Ok(piece) = frame.map_err(|error| protocol(&error))?.into_data() {
                        return Ok(Some(piece));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http_body_util::{Empty, Full};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use waypost_core::time::SystemClock;

    use super::*;
    use crate::{EgressPolicy, SystemResolver};

    fn egress(policy: EgressPolicy) -> Egress {
        Egress::new(policy, Arc::new(SystemResolver::default()), Arc::new(SystemClock)).unwrap()
    }

    /// A server for one exchange that reads until `until` and then says `answer`; what it read.
    async fn far(until: &'static str, answer: &'static str) -> (Url, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/a/b?c=d", listener.local_addr().unwrap()).parse().unwrap();
        let told = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut read = Vec::new();
            while !String::from_utf8_lossy(&read).ends_with(until) {
                assert_ne!(socket.read_buf(&mut read).await.unwrap(), 0);
            }
            socket.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(read).unwrap()
        });
        (url, told)
    }

    #[tokio::test]
    async fn a_body_is_sent_with_its_length_and_the_answer_comes_in_pieces() {
        let (url, told) = far("content", "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd").await;
        let upload = Upload { body: Full::new(Bytes::from_static(b"content")), length: 7 };
        let sent = (Method::PUT, &url, HeaderMap::new());
        let mut answer = egress(EgressPolicy::sandbox()).stream(sent, upload, (5_000, 5_000)).await.unwrap();
        let mut body = Vec::new();
        while let Some(piece) = answer.piece().await.unwrap() {
            body.extend_from_slice(&piece);
        }
        assert_eq!((answer.status, body.as_slice()), (StatusCode::OK, b"abcd".as_slice()));
        let head = told.await.unwrap();
        assert!(
            head.starts_with("PUT /a/b?c=d HTTP/1.1\r\n") && head.contains("content-length: 7\r\n"),
            "{head}"
        );
        assert!(!head.contains("transfer-encoding"), "{head}");
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_an_error_not_an_end() {
        let (url, _told) = far("\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabcd").await;
        let upload = Upload { body: Empty::new(), length: 0 };
        let sent = (Method::GET, &url, HeaderMap::new());
        let mut answer = egress(EgressPolicy::sandbox()).stream(sent, upload, (5_000, 5_000)).await.unwrap();
        assert_eq!(answer.piece().await.unwrap().as_deref(), Some(b"abcd".as_slice()));
        assert!(matches!(answer.piece().await, Err(EgressError::Protocol(_))));
    }

    #[tokio::test]
    async fn an_address_that_is_not_allowed_is_not_connected() {
        let url = "http://127.0.0.1:9/".parse().unwrap();
        let upload = Upload { body: Empty::new(), length: 0 };
        let sent = (Method::GET, &url, HeaderMap::new());
        let refused = egress(EgressPolicy::default()).stream(sent, upload, (5_000, 5_000)).await;
        assert!(matches!(refused.err(), Some(EgressError::Refused { .. })));
    }
}
