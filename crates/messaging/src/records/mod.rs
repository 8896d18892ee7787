//! The family's queries, one module per table family. Each function takes the transaction and says for which
//! tenant it acts; the writer commits it together with the work it causes.

pub mod accept;
pub mod call;
pub mod happening;
pub mod idempotency;
pub mod inbound;
pub mod message;
pub mod profile;
pub mod receipt_held;
pub mod social_inbound;
pub mod status;
pub mod story;
pub mod sweep;
pub mod target;
pub mod trace;

use waypost_core::id::{MessageId, TransactionId, TransactionRef};
use waypost_core::key::{KeyKind, key};
use waypost_core::time::Micros;

/// What a request says once, for all its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// The id of its first message; also the row's key.
    pub id: MessageId,
    /// Whose it is.
    pub tenant: i64,
    /// The service whose key was used.
    pub service: i64,
    /// The key that was used.
    pub api_key: i64,
    /// What the client knows it by.
    pub transid: TransactionId,
    /// `sms`, …
    pub channel: String,
    /// The channel's content as JSON, as [`crate::rules`] writes it.
    pub content: String,
    /// Overrides the service's URL; kept even when it is not usable, so that the story can say so.
    pub notify_url: Option<String>,
    /// Returned untouched in every notification (at most 2,000 characters).
    pub callback_data: Option<String>,
    /// After this moment no first attempt is made.
    pub expires_at: Option<Micros>,
    /// 1 low, 2 medium, 3 high.
    pub priority: u8,
    /// `IMMD`, `LCGD`, `LCBE` or none.
    pub route: Option<String>,
    /// Destination objects in the request.
    pub units: u16,
}

impl RequestRecord {
    /// When the request was accepted.
    #[must_use]
    pub const fn accepted_at(&self) -> Micros {
        self.id.time()
    }

    /// The transaction id as answered for destination object `unit`.
    #[must_use]
    pub fn transaction(&self, unit: u16) -> TransactionRef {
        TransactionRef { transid: self.transid, unit: (self.units > 1).then_some(unit) }
    }
}

/// One destination value of a request: what is submitted, reported on and looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Its id; consecutive within the request.
    pub id: MessageId,
    /// Which destination object it came from, from 0.
    pub unit: u16,
    /// `msisdn`, `customerid`, …
    pub dest_type: String,
    /// The value as the client wrote it.
    pub destination: String,
    /// The client's own reference, if any.
    pub correlation: Option<String>,
}

/// A request with its messages, shared in memory between acceptance and submission without a copy.
#[derive(Debug)]
pub struct Accepted {
    /// The request.
    pub request: RequestRecord,
    /// Its messages, in order.
    pub messages: Vec<MessageRecord>,
}

/// The most destination values of a request (spec 2.4).
pub const VALUES_MAX: i64 = 1_000;

/// The search key of a client's correlation id.
#[must_use]
pub fn correlation_key(tenant: i64, correlation: &str) -> i64 {
    key(KeyKind::CorrelationId, tenant, correlation)
}

/// The search key of a destination; a leading `+` makes no difference.
#[must_use]
pub fn destination_key(tenant: i64, destination: &str) -> i64 {
    key(KeyKind::Destination, tenant, destination.strip_prefix('+').unwrap_or(destination))
}
