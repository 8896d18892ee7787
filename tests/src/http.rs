//! The client of the server under test.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::answer::Answer;
use crate::bound::within;

/// Path of the Messaging endpoint.
pub const MESSAGING: &str = "/resources/v1/messaging";

/// A client of one server. Cheap to clone; requests may run side by side.
#[derive(Clone)]
pub struct Http {
    address: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Http {
    /// A client of the server at `address`.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// Where the server listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends one request as it is.
    ///
    /// # Panics
    /// When there is no whole answer in time.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        self.try_send(method, path, headers, body.into()).await.expect("an answer")
    }

    /// Like [`Http::send`], for a server that may be gone.
    ///
    /// # Errors
    /// When the connection breaks before the whole answer is there.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> anyhow::Result<Answer> {
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).expect("a well-formed request");
        let sent = async {
            let response = self.client.request(request).await?;
            let (head, body) = response.into_parts();
            let body = body.collect().await?.to_bytes();
            anyhow::Ok(Answer { http: head.status.as_u16(), headers: head.headers, body })
        };
        within("an HTTP answer", sent).await
    }

    /// Posts `body` to the Messaging endpoint with a service key.
    ///
    /// # Panics
    /// See [`Http::send`].
    pub async fn post(&self, key: &str, body: &Value) -> Answer {
        let headers = [("key", key), ("content-type", "application/json")];
        self.send(Method::POST, MESSAGING, &headers, body.to_string()).await
    }

    /// Uploads a file for an app asset; the body of the answer.
    ///
    /// # Panics
    /// See [`Http::send`].
    pub async fn upload(&self, key: &str, app_id: &str, file_name: &str, bytes: &[u8]) -> Value {
        let head = format!(
            "--form\r\ncontent-disposition: form-data; name=\"media\"; filename=\"{file_name}\"\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, b"\r\n--form--\r\n"].concat();
        let headers = [("key", key), ("content-type", "multipart/form-data; boundary=form")];
        self.send(Method::POST, &format!("/resources/v1/media/{app_id}"), &headers, body).await.json()
    }

    /// Looks a transaction up with a service key.
    ///
    /// # Panics
    /// See [`Http::send`].
    pub async fn status(&self, key: &str, transid: &str) -> Answer {
        self.send(Method::GET, &format!("{MESSAGING}/status/{transid}"), &[("key", key)], "").await
    }

    /// Gets a page without a key.
    ///
    /// # Panics
    /// See [`Http::send`].
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }
}
