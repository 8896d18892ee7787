//! Requests.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use serde_json::{Value, json};

use super::MESSAGING;

/// A request under construction.
pub struct Draft(Request<Body>);

pub fn request(body: impl Into<Body>) -> Draft {
    let request =
        Request::post(MESSAGING).header("content-type", "application/json").body(body.into()).unwrap();
    Draft(request)
}

impl Draft {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: axum::http::HeaderName = name.parse().unwrap();
        self.0.headers_mut().insert(name, value.parse().unwrap());
        self
    }

    pub fn path(mut self, path: &str) -> Self {
        *self.0.uri_mut() = path.parse().unwrap();
        self
    }

    pub fn peer(mut self, peer: &str) -> Self {
        let peer: SocketAddr = peer.parse().unwrap();
        self.0.extensions_mut().insert(ConnectInfo(peer));
        self
    }

    pub fn done(self) -> Request<Body> {
        self.0
    }
}

/// A good SMS with some members replaced, or dropped where the value is `Null`.
pub fn sms(changes: Value) -> String {
    let mut body = json!({
        "deliverychannel": "sms",
        "channels": {"sms": {"text": "Hi"}},
        "destination": [{"msisdn": ["447700900001"]}],
    });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    body.to_string()
}
