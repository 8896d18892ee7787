//! What the endpoints need from the rest of the server, so that they can be tested without it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use ipnet::IpNet;
use thiserror::Error;
use waypost_core::channel::Channel;
use waypost_core::id::{MessageId, TransactionId, TransactionRef};
use waypost_core::time::Micros;
use waypost_store::{Actor, TenantId};

use crate::records::idempotency::{Known, Once};
use crate::rules::{Plan, ServiceView};

/// A future behind a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Who calls: one service of one tenant, as the directory knows it at this moment.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant.
    pub tenant: TenantId,
    /// Row id of the service.
    pub service: i64,
    /// For the audit: the key, or the system when a token was used.
    pub actor: Actor,
    /// `clientid` of status records.
    pub client_id: String,
    /// Whether tenant and service are live; otherwise 7007.
    pub is_active: bool,
    /// Whether the tenant's profile is switched off; then 7008.
    pub profile_off: bool,
    /// What the rules need to know.
    pub view: ServiceView,
    /// Addresses that may call; empty for any.
    pub allowlist: Vec<IpNet>,
    /// Limit of the Messaging API; `None` for none.
    pub messaging_tps: Option<Tps>,
    /// Further limits of the Messaging API, by channel; few.
    pub channel_tps: Vec<(Channel, Tps)>,
    /// Limit of the Transaction Status API; `None` for none.
    pub status_tps: Option<Tps>,
    /// Limit of the Events API; `None` for none.
    pub event_tps: Option<Tps>,
}

/// A limit of transactions (requests) per second, counted per tenant and API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tps {
    /// Requests a second.
    pub per_second: u32,
    /// Whether burst mode may exceed it (spec 1).
    pub burst_mode: bool,
}

/// A service that may log in with tokens.
#[derive(Clone, Debug)]
pub struct ServiceLogin {
    /// Who it is.
    pub caller: Arc<Caller>,
    /// The service secret, decoded from its base64 form.
    pub secret: Arc<[u8]>,
}

/// The current keys and services.
pub trait DirectoryView: Send + Sync {
    /// The service of a presented key; `None` unless it is a current service key. Takes the same time for every wrong key.
    fn by_key(&self, presented: &str) -> Option<Arc<Caller>>;
    /// The service with this id (`iss` of a token) and its secret; `None` when it is unknown or has no secret.
    fn by_service_id(&self, service_id: &str) -> Option<ServiceLogin>;
    /// Called when a key is unknown, for it may have been made a moment ago: brings the view up to date now, or decides
    /// that it is too soon to look again. The caller asks [`Self::by_key`] once more either way.
    fn refresh(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// An accepted request, on its way into the ledger.
#[derive(Clone, Debug)]
pub struct Submission {
    /// What was asked. At least one unit is accepted.
    pub plan: Plan,
    /// Who asked.
    pub caller: Arc<Caller>,
    /// Transaction id of the request; units of several add their place in it ([`Plan::suffix`]).
    pub transid: TransactionId,
    /// Id of the first message; value `n` of all accepted values in order has id `first.nth(n)`.
    pub first: MessageId,
    /// When it arrived.
    pub received_at: Micros,
}

/// Keeps accepted requests.
pub trait Accept: Send + Sync {
    /// Writes the request, its messages and their work; resolves when they are durable.
    fn accept(&self, submission: Submission) -> BoxFuture<'static, Result<(), AcceptError>>;
    /// The same under an idempotency key; what is known of it when it was taken before, and nothing is written then.
    fn accept_once(
        &self,
        submission: Submission,
        once: OnceAnswer,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>>;
    /// What the caller's tenant has done under an idempotency key.
    fn known(
        &self,
        caller: &Caller,
        once: Once,
        now: Micros,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>>;
    /// Keeps the answer of what was done elsewhere and writes no rows of ours; what is known of the key when it was taken
    /// meanwhile.
    fn keep_answer(
        &self,
        caller: &Caller,
        once: OnceAnswer,
        now: Micros,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>>;
}

/// An idempotency key and the answer that is kept under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnceAnswer {
    /// The key.
    pub once: Once,
    /// The body of the answer.
    pub answer: String,
}

/// Why a request could not be kept. Nothing of it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AcceptError {
    /// The queue of the store is full.
    #[error("too many requests are waiting for the store")]
    Busy,
    /// The store failed.
    #[error("the store is unavailable")]
    Unavailable,
}

/// Finds what became of a transaction.
pub trait Lookup: Send + Sync {
    /// The records of a transaction, one per destination value, in the order of the request.
    fn find(
        &self,
        caller: Arc<Caller>,
        asked: TransactionRef,
    ) -> BoxFuture<'static, Result<Vec<StatusRecord>, LookupError>>;
}

/// One record of Transaction Status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusRecord {
    /// Its transaction id with the suffix of its unit.
    pub transid: TransactionRef,
    /// Sender.
    pub from: String,
    /// Destination as the client wrote it.
    pub to: String,
    /// Text sent.
    pub body: String,
    /// Channel.
    pub channel: Channel,
    /// The call flow, on voice.
    pub callflow: Option<String>,
    /// Last code of the message; `None` while it is queued.
    pub code: Option<u16>,
    /// When it was accepted.
    pub created_at: Micros,
    /// When it last changed.
    pub updated_at: Micros,
}

/// Why a look-up has no records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LookupError {
    /// Nobody knows the transaction, or it is past its retention (7600).
    #[error("the transaction is unknown")]
    Unknown,
    /// It belongs to another service (7601).
    #[error("the transaction belongs to another service")]
    Foreign,
    /// The store failed (7006).
    #[error("the store is unavailable")]
    Unavailable,
}

/// Randomness for transaction ids.
pub trait Entropy: Send + Sync {
    /// 64 unpredictable bits; `None` when the source fails.
    fn next(&self) -> Option<u64>;
}

/// The operating system's generator, buffered by the cryptographic library.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn next(&self) -> Option<u64> {
        let mut bytes = [0; 8];
        aws_lc_rs::rand::fill(&mut bytes).ok()?;
        Some(u64::from_le_bytes(bytes))
    }
}
