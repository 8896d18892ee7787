//! A small HTTP client for one server on loopback: one connection, kept alive.

use std::net::SocketAddr;

use anyhow::Context;
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Largest answer that is read.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// One connection; requests go one after another.
pub struct Client {
    address: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a client connection ended");
            }
        });
        Ok(Self { address, sender })
    }

    /// Posts JSON with a service key; the answer's body.
    ///
    /// # Errors
    /// When the connection breaks, or the answer is not 200.
    pub async fn post(&mut self, path: &str, key: &str, body: Vec<u8>) -> anyhow::Result<Bytes> {
        let request = Request::post(path).header("key", key).header(header::CONTENT_TYPE, "application/json");
        self.send(request, body).await
    }

    /// Gets a page.
    ///
    /// # Errors
    /// When the connection breaks, or the answer is not 200.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Bytes> {
        self.send(Request::get(path), Vec::new()).await
    }

    /// Sends any request.
    ///
    /// # Errors
    /// When the connection breaks, or the answer is not 200.
    pub async fn send(&mut self, request: http::request::Builder, body: Vec<u8>) -> anyhow::Result<Bytes> {
        let answer = self.exchange(request, body).await?;
        let (status, body) = (answer.status(), answer.into_body());
        anyhow::ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        Ok(body)
    }

    /// Sends any request and returns its answer, whatever it says.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn exchange(
        &mut self,
        request: http::request::Builder,
        body: Vec<u8>,
    ) -> anyhow::Result<Response<Bytes>> {
        let request = request.header(header::HOST, self.address.to_string()).body(Full::new(body.into()))?;
        self.sender.ready().await?;
        let (head, body) = self.sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!("reading an answer: {error}"))?.to_bytes();
        Ok(Response::from_parts(head, body))
    }
}
