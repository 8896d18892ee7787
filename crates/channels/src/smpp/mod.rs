//! SMPP 3.4 client.
//!
//! ```text
//! Pool ── weighted choice, failover ──▶ ConnectionHandle ── window permit, queue ──▶ link (tokio task)
//!                                                                                     │ bytes, time
//!                                                                                     ▼
//!                                                            session (pure state machine), wire (codec)
//! ```
//!
//! What is deliberately absent: text encoding and splitting (parts arrive encoded), the reading of receipt texts
//! (they leave as raw [`DeliverSm`]), persistence and retries (the delivery engine's), and the sending of `query_sm`,
//! `cancel_sm` and `replace_sm`, which no outcome depends on.

pub mod config;
pub mod outcomes;
pub mod pool;
pub mod session;
pub mod wire;

mod link;
mod types;

pub use config::{BindMode, ConnectionConfig, TlsConfig};
pub use link::{
    Closed, Connection, ConnectionHandle, Dial, Duplex, Inbound, LinkState, Permit, ReserveError, Seams,
    Status, SubmitFuture, SubmitSink,
};
pub use outcomes::{Outcome, Outcomes, OutcomesError, Retry};
pub use pool::{Pool, PoolSettings, Submission};
pub use types::{
    DeliverAnswer, DeliverSm, NotSent, Sar, Submit, SubmitError, SubmitResult, Submitted, Unknown, Validity,
};
pub use wire::{Address, Tlv};
