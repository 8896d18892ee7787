//! What the pusher's queries need besides the transaction.

use std::sync::Arc;

use waypost_core::id::{IdGenerator, MessageId, TransactionId};
use waypost_core::time::Micros;
use waypost_store::directory::Directory;

/// Ids, settings and the partners as they are now. Cheap to clone.
#[derive(Clone)]
pub struct Env {
    /// Makes ids.
    pub ids: Arc<IdGenerator>,
    /// Tenants and partners.
    pub directory: Arc<Directory>,
    /// When.
    pub now: Micros,
    /// Settings.
    pub timing: Arc<Timing>,
}

/// When things are tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Pauses before each retry of a push, milliseconds.
    pub retry_ms: Vec<u64>,
    /// The longest pause a partner's `Retry-After` may ask for, milliseconds.
    pub retry_after_max_ms: u64,
    /// How long after its acceptance a push is audited, milliseconds.
    pub audit_delay_ms: u64,
    /// Pauses before an audit that found a difference is repeated, milliseconds.
    pub audit_again_ms: Vec<u64>,
    /// How often a property is audited whole, milliseconds; 0: never.
    pub full_audit_ms: u64,
    /// How soon a repaired object may be repaired again, milliseconds (spec 4.3: an hour).
    pub repair_pause_ms: u64,
    /// How long a lane's work is this process's between two messages, milliseconds.
    pub lease_ms: u64,
}

impl Default for Timing {
    /// As the spec has it: 3 retries 20 s apart, audits after 5 s, 60 s and 10 min, whole ones daily.
    fn default() -> Self {
        Self {
            retry_ms: vec![20_000; 3],
            retry_after_max_ms: 300_000,
            audit_delay_ms: 5_000,
            audit_again_ms: vec![60_000, 600_000],
            full_audit_ms: 86_400_000,
            repair_pause_ms: 3_600_000,
            lease_ms: 60_000,
        }
    }
}

impl Env {
    /// A fresh id.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.ids.next_range(self.now, 1).0
    }

    /// A moment from now.
    #[must_use]
    pub fn after(&self, ms: u64) -> Micros {
        self.now.add_ms(i64::try_from(ms).unwrap_or(i64::MAX))
    }
}

/// The `messageId` of a message's id: the same after a restart, different at every partner.
#[must_use]
pub fn message_id(message: i64, partner: i64) -> String {
    let mixed = partner.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    TransactionId::from_id(MessageId(message), mixed).to_string()
}
