//! What can go wrong on the way out.

use std::net::IpAddr;

use http::StatusCode;
use thiserror::Error;

use crate::address::Why;

/// What is wrong with a URL, before any name is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UrlProblem {
    /// Neither `http` nor `https`.
    #[error("the scheme must be http or https")]
    Scheme,
    /// A user name or password in the URL: it would end up in logs.
    #[error("the URL must not contain credentials")]
    Credentials,
    /// No host.
    #[error("the URL has no host")]
    NoHost,
    /// A port the operator has not allowed.
    #[error("port {0} is not allowed")]
    Port(u16),
    /// Longer than the bound, or not to be written on the wire.
    #[error("the URL is too long or has characters that cannot be sent")]
    Unsendable,
}

/// Where the deadline struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Looking the name up.
    Resolve,
    /// Connecting.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The request was sent, in part or in whole, and no response head came.
    Head,
    /// The response's body was on its way.
    Body,
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EgressError {
    /// The URL cannot be used; trying again changes nothing.
    #[error("invalid URL: {0}")]
    InvalidUrl(#[from] UrlProblem),
    /// The host has an address that must not be spoken to. Nothing was connected.
    #[error("the host's address {addr} is refused: {why}")]
    Refused {
        /// The first such address.
        addr: IpAddr,
        /// What it is.
        why: Why,
    },
    /// The host's name has no address, or could not be looked up.
    #[error("the host could not be resolved: {0}")]
    Resolve(String),
    /// No address took the connection.
    #[error("the host could not be connected: {0}")]
    Connect(String),
    /// The TLS handshake failed: a certificate that is not valid, or no common version.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The deadline over everything has passed.
    #[error("the deadline passed while in stage {stage:?}")]
    Timeout {
        /// Where.
        stage: Stage,
    },
    /// The connection broke, or what came back is not HTTP.
    #[error("the exchange failed: {0}")]
    Protocol(String),
    /// The response's head came, and its body is longer than allowed.
    #[error("the response ({status}) has a body of more than {body_bytes_max} bytes")]
    BodyTooLarge {
        /// The response's status, which may be all the caller needs.
        status: StatusCode,
        /// The bound.
        body_bytes_max: usize,
    },
}

impl EgressError {
    /// A bounded word for metrics.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::InvalidUrl(_) => "invalid_url",
            Self::Refused { .. } => "refused",
            Self::Resolve(_) => "resolve",
            Self::Connect(_) => "connect",
            Self::Tls(_) => "tls",
            Self::Timeout { .. } => "timeout",
            Self::Protocol(_) => "protocol",
            Self::BodyTooLarge { .. } => "body_too_large",
        }
    }
}
