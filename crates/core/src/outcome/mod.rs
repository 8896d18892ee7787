//! What became of a message: codes, the words for them, and the one function that moves a message forward.
//!
//! Architecture invariant 6: a status only moves forward. [`apply`] is the only way a stored
//! [`MessageProgress`] changes; what comes too late is kept as history by the caller and not applied.

mod apply;
mod progress;
mod words;

pub use apply::{Event, PartOutcome, Transition, apply, receipt_outcome};
pub use progress::{
    MessageProgress, MessageState, PROVIDER_REF_BYTES_MAX, PartProgress, PartState, ProgressError,
    ProviderRef, ProviderRefTooLong,
};
pub use words::{DeliveryStatus, Origin, TransactionStatus, delivery_status, is_expiry, transaction_status};

/// The outcome codes the rules themselves choose (spec 9.1).
pub mod code {
    /// Delivered to handset, device or user.
    pub const DELIVERED: u16 = 7500;
    /// Handed to the operator or provider.
    pub const SUBMITTED: u16 = 7501;
    /// Read by the user.
    pub const READ: u16 = 7502;
    /// A link or button in it was used (spec 9.6).
    pub const CLICKED: u16 = 7528;
    /// Expired in our queue.
    pub const EXPIRED_IN_QUEUE: u16 = 7503;
    /// Expired in our queue, on voice.
    pub const VOICE_EXPIRED: u16 = 7005;
    /// Voice: the far side has the call.
    pub const OFFERED: u16 = 7407;
    /// Voice: the network accepted it.
    pub const ACCEPTED: u16 = 7408;
    /// Voice: somebody picked up.
    pub const ANSWERED: u16 = 7519;
    /// The operator gave up within the validity period.
    pub const EXPIRED_AT_OPERATOR: u16 = 7208;
    /// No receipt came within the receipt window.
    pub const RECEIPT_EXPIRED: u16 = 7303;
    /// A part of a long message failed.
    pub const MULTIPART: u16 = 7209;
    /// The provider's outcome cannot be mapped.
    pub const UNKNOWN_STATUS: u16 = 7200;
    /// The operator rejected.
    pub const FAILED_AT_OPERATOR: u16 = 7201;
    /// The aggregator or platform could not deliver.
    pub const FAILED_AT_PLATFORM: u16 = 7202;
}

/// What the client is told: the code and its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// The code of section 9.
    pub code: u16,
    /// The `deliveryStatus` of the notification.
    pub status: DeliveryStatus,
}
