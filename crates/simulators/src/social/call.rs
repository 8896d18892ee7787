//! A request to a simulator, and its answer.

use bytes::Bytes;
use serde_json::Value;

use super::hooks::Hook;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Call {
    /// `GET`, `POST`, ….
    pub method: String,
    /// The whole address, as the client signed it.
    pub url: url::Url,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Call {
    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A query parameter.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
    }

    /// The body as JSON; `Null` when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The JSON body.
    pub body: Value,
    /// The provider's id of a message that was taken.
    pub taken: Option<String>,
    /// Webhooks that follow, in order.
    pub hooks: Vec<Hook>,
}

impl Reply {
    /// A success.
    #[must_use]
    pub fn ok(body: Value) -> Self {
        Self::status(200, body)
    }

    /// Any status.
    #[must_use]
    pub const fn status(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body, taken: None, hooks: Vec::new() }
    }

    /// The same with a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// A request and what was answered.
#[derive(Debug, Clone)]
pub struct Received {
    /// The path.
    pub path: String,
    /// The JSON body; `Null` for another.
    pub body: Value,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub answer: Value,
    /// The provider's id of a message that was taken.
    pub taken: Option<String>,
}
