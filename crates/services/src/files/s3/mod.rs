//! Published contents in a bucket of an S3 store: put, got, copied and deleted, one signed request each.
//!
//! A content goes up in one request, its length and SHA-256 told beforehand, so that the store refuses what did not arrive whole.

mod sign;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use http::header::HOST;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::{Either, Empty, StreamBody};
use hyper::body::Frame;
use tokio::fs::File;
use url::{Position, Url};
use waypost_core::time::Clock;
use waypost_egress::{Egress, EgressError, Streamed, Upload};

use self::sign::{EMPTY_HASH, Signed, Signer};
use super::{Content, Quarantined};

/// Bytes of a short body that are looked at for an error.
const ERROR_BYTES_MAX: usize = 4_096;

/// Where the bucket is and who signs.
#[derive(Clone)]
pub struct S3Settings {
    /// Its address, with the bucket and perhaps a prefix as the path.
    pub url: Url,
    /// Its region, such as `ca-central-1`.
    pub region: String,
    /// The id of the access key.
    pub key_id: String,
    /// The secret of the access key.
    pub secret: String,
    /// Longest time of one request up to its answer's head, and of each piece after it, milliseconds.
    pub timeout_ms: u64,
}

impl std::fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Settings").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

/// A bucket.
#[derive(Clone)]
pub(super) struct Bucket {
    settings: Arc<S3Settings>,
    signer: Signer,
    egress: Egress,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.settings.fmt(f)
    }
}

/// What goes up: a file piece by piece, or nothing.
type Body = Either<StreamBody<BoxStream<'static, io::Result<Frame<Bytes>>>>, Empty<Bytes>>;

/// One request.
struct Ask<'a> {
    method: Method,
    key: &'a str,
    copied_from: Option<&'a str>,
    hash: &'a str,
    upload: Upload<Body>,
}

impl<'a> Ask<'a> {
    const fn without_body(method: Method, key: &'a str) -> Self {
        let upload = Upload { body: Either::Right(Empty::new()), length: 0 };
        Self { method, key, copied_from: None, hash: EMPTY_HASH, upload }
    }
}

/// A content that the store sends.
pub struct Download(Streamed);

impl Download {
    /// The next piece; empty at the end.
    pub(super) async fn piece(&mut self) -> io::Result<Bytes> {
        loop {
            match self.0.piece().await.map_err(|error| away(&error))? {
                None => return Ok(Bytes::new()),
                Some(piece) if piece.is_empty() => {}
                Some(piece) => return Ok(piece),
            }
        }
    }
}

impl Bucket {
    pub fn new(settings: S3Settings, egress: Egress, clock: Arc<dyn Clock>) -> Self {
        let signer = Signer {
            region: settings.region.clone(),
            key_id: settings.key_id.clone(),
            secret: settings.secret.clone(),
        };
        Self { settings: Arc::new(settings), signer, egress, clock }
    }

    /// Puts a content up under a key.
    pub async fn put(&self, key: &str, content: &Quarantined) -> io::Result<()> {
        let pieces = Content::File(File::open(content.path()).await?).pieces();
        let frames = pieces.map(|piece| piece.map(Frame::data)).boxed();
        let body = Either::Left(StreamBody::new(frames));
        let upload = Upload { body, length: content.size() };
        let ask = Ask { method: Method::PUT, key, copied_from: None, hash: content.hash(), upload };
        self.done(ask).await
    }

    /// Opens a content.
    pub async fn get(&self, key: &str) -> io::Result<Content> {
        let answer = self.ask(Ask::without_body(Method::GET, key)).await?;
        Ok(Content::Download(Box::new(Download(succeeded(answer).await?))))
    }

    /// Moves a content to another key.
    pub async fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let source = format!("{}/{from}", self.settings.url.path().trim_end_matches('/'));
        self.done(Ask { copied_from: Some(&source), ..Ask::without_body(Method::PUT, to) }).await?;
        self.delete(from).await
    }

    /// Removes a content; one that is not there is no failure.
    pub async fn delete(&self, key: &str) -> io::Result<()> {
        match self.done(Ask::without_body(Method::DELETE, key)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    async fn done(&self, ask: Ask<'_>) -> io::Result<()> {
        let mut answer = succeeded(self.ask(ask).await?).await?;
        // A copy may fail after the head was sent; the body tells.
        let code = code(&mut answer).await?;
        match code.is_empty() {
            true => Ok(()),
            false => Err(io::Error::other(format!("the S3 store said {code}"))),
        }
    }

    async fn ask(&self, ask: Ask<'_>) -> io::Result<Streamed> {
        let mut url = self.settings.url.clone();
        url.set_path(&format!("{}/{}", url.path().trim_end_matches('/'), ask.key));
        let mut headers = vec![("host", url[Position::BeforeHost..Position::AfterPort].to_owned())];
        headers.extend(ask.copied_from.map(|source| ("x-amz-copy-source", source.to_owned())));
        let signed =
            Signed { method: ask.method.as_str(), path: url.path(), headers, content_hash: ask.hash };
        let headers = sent(self.signer.sign(signed, self.clock.now()))?;
        let patience = (self.settings.timeout_ms, self.settings.timeout_ms);
        let answer = self.egress.stream((ask.method, &url, headers), ask.upload, patience).await;
        answer.map_err(|error| away(&error))
    }
}

/// The headers as they go out; the connection adds the host itself.
fn sent(headers: Vec<(String, String)>) -> io::Result<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in headers.into_iter().filter(|(name, _)| name != HOST.as_str()) {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a key or region that is no header"));
        };
        map.insert(name, value);
    }
    Ok(map)
}

/// The store cannot be reached, or went away: it may be there again.
fn away(error: &EgressError) -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, format!("the S3 store: {error}"))
}

async fn succeeded(mut answer: Streamed) -> io::Result<Streamed> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    let kind = match answer.status {
        StatusCode::NOT_FOUND => io::ErrorKind::NotFound,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => io::ErrorKind::NotConnected,
        _ => io::ErrorKind::Other,
    };
    let status = answer.status;
    let code = code(&mut answer).await.unwrap_or_default();
    Err(io::Error::new(kind, format!("the S3 store answered {status} {code}")))
}

/// The code of the error that a short body tells; empty when it tells none.
async fn code(answer: &mut Streamed) -> io::Result<String> {
    let mut told = Vec::new();
    while told.len() < ERROR_BYTES_MAX {
        match answer.piece().await.map_err(|error| away(&error))? {
            Some(piece) => told.extend_from_slice(&piece),
            None => break,
        }
    }
    let told = String::from_utf8_lossy(&told);
    let code = told.split_once("<Error>").and_then(|(_, error)| error.split_once("<Code>"));
    Ok(code.and_then(|(_, code)| code.split_once("</Code>")).map_or("", |(code, _)| code).to_owned())
}
