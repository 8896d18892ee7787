//! A receiver of HTTP call-backs.
//!
//! Answers 200 unless a script says otherwise, counts, keeps bodies if asked to, and checks `x-hub-signature`.

mod receiver;
mod signature;

use std::{net::SocketAddr, sync::Arc, time::Duration};

pub use self::receiver::{CallbackHandle, Callbacks, Counts};
pub use self::signature::is_signed_by;

/// A call-back as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// Path and query.
    pub target: String,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// How a call-back is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status; invalid ones become 500.
    pub status: u16,
    /// Pause before answering.
    pub delay: Duration,
}

impl Answer {
    /// 200 at once.
    pub const OK: Self = Self { status: 200, delay: Duration::ZERO };

    /// This status at once.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self { status, delay: Duration::ZERO }
    }
}

/// Decides the answer from the number of the call-back, counted from 0, and its body.
pub type Script = Arc<dyn Fn(u64, &[u8]) -> Answer + Send + Sync>;

/// Sees every body, whether or not it is kept.
pub type OnBody = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// Set-up of a receiver; see [`CallbacksConfig::default`].
#[derive(Clone)]
pub struct CallbacksConfig {
    /// Where to listen. Default 127.0.0.1 on a free port.
    pub address: SocketAddr,
    /// Answers. Default: always 200.
    pub script: Option<Script>,
    /// Sees every body. Default nobody.
    pub on_body: Option<OnBody>,
    /// Call-backs kept at most; the oldest go first. Default 0.
    pub keep_max: usize,
    /// Secret that must have signed the body; others are counted and answered 401. Default none.
    pub secret: Option<String>,
    /// Longest body read, in bytes. Default 1 MiB.
    pub body_bytes_max: usize,
}

impl Default for CallbacksConfig {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            script: None,
            on_body: None,
            keep_max: 0,
            secret: None,
            body_bytes_max: 1024 * 1024,
        }
    }
}
