//! A request as a cloud's rules see it, and what they answer.

use bytes::Bytes;
use http::{HeaderMap, Method, Version};
use serde_json::Value;
use waypost_channels::push::outcomes::{Provider, Row};

/// A request, whole.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) version: Version,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The parts of the path, unescaped.
    pub(super) fn segments(&self) -> Vec<String> {
        let parts = self.path.trim_start_matches('/').split('/');
        parts.map(unescaped).collect()
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
    /// The provider's word for it; empty for a success.
    pub(super) error: String,
    /// The id of the message; empty for a refusal.
    pub(super) id: String,
}

impl Reply {
    pub(super) fn new(status: u16, error: &str, body: String) -> Self {
        let (headers, id) = (Vec::new(), String::new());
        Self { status, headers, body, error: error.to_owned(), id }
    }

    pub(super) fn json(status: u16, error: &str, body: &Value) -> Self {
        Self::new(status, error, body.to_string()).with("content-type", "application/json")
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn taken(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }
}

/// What a cloud's rules made of a request for a message.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) address: String,
    pub(super) content: Value,
    pub(super) reply: Reply,
}

/// What a request is for.
#[derive(Debug)]
pub(super) enum Asks {
    /// A message; goes to the log, and faults apply.
    Message(Verdict),
    /// Something beside, such as a token.
    Other(Reply),
}

/// The rules of a cloud.
pub(super) trait Rules: Send + Sync + 'static {
    /// Whether connections of HTTP/1.1 are taken too.
    const TAKES_HTTP1: bool;

    /// Judges a request.
    fn judge(&self, asked: &Asked) -> Asks;

    /// Whose rows these are.
    const PROVIDER: Provider;

    /// The answer of a row.
    fn answer_of(&self, row: &Row) -> Reply;
}

fn unescaped(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.extend(u8::try_from(high * 16 + low));
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_unescaped_one_by_one() {
        let table = [("a%2Fb", "a/b"), ("%41", "A"), ("%", "%"), ("%4", "%4"), ("%zz1", "%zz1"), ("é", "é")];
        for (part, expected) in table {
            assert_eq!(unescaped(part), expected, "{part}");
        }
    }
}
