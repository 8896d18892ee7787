//! The story of a message: what happened to it, kept beside its state and never changed.

use waypost_core::id::{IdGenerator, MessageId};
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError};

/// What an entry tells of. The numbers are on disk: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum StoryKind {
    /// All its parts were taken by the provider.
    Submitted = 1,
    /// The provider refused it for good.
    SubmitRefused = 2,
    /// An attempt failed in a way that may pass; there will be another.
    SubmitRetry = 3,
    /// A delivery report moved it forward.
    Receipt = 4,
    /// A delivery report came too late, twice, or tells of an intermediate state; kept, not applied.
    ReceiptIgnored = 5,
    /// A call-back was taken by the customer's endpoint.
    CallbackDone = 6,
    /// A call-back failed and will be tried again.
    CallbackRetry = 7,
    /// A call-back was given up.
    CallbackDropped = 8,
    /// Our own rules ended it before submission.
    Refused = 9,
    /// It expired in our queue, or no delivery report came within the window.
    Expired = 10,
    /// A policy decided something that does not end it: a charge, a refund.
    Policy = 11,
}

impl StoryKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::Submitted,
        Self::SubmitRefused,
        Self::SubmitRetry,
        Self::Receipt,
        Self::ReceiptIgnored,
        Self::CallbackDone,
        Self::CallbackRetry,
        Self::CallbackDropped,
        Self::Refused,
        Self::Expired,
        Self::Policy,
    ];

    /// The kind stored under `number`.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as i64 == number)
    }

    /// The word shown to operators.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::SubmitRefused => "submit refused",
            Self::SubmitRetry => "submit failed, will retry",
            Self::Receipt => "receipt",
            Self::ReceiptIgnored => "receipt kept, not applied",
            Self::CallbackDone => "call-back delivered",
            Self::CallbackRetry => "call-back failed, will retry",
            Self::CallbackDropped => "call-back given up",
            Self::Refused => "refused by policy",
            Self::Expired => "expired",
            Self::Policy => "policy",
        }
    }
}

/// One entry about to be written.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The message it belongs to.
    pub message: MessageId,
    /// What happened.
    pub kind: StoryKind,
    /// The outcome code it brought, if any.
    pub code: Option<u16>,
    /// One line for an operator: connection, provider id, answer, next attempt. Never message text.
    pub detail: &'a str,
}

/// Writes entries with the clock's time and a sequence that cannot repeat.
#[derive(Debug)]
pub struct Teller<'a> {
    ids: &'a IdGenerator,
    now: Micros,
}

impl<'a> Teller<'a> {
    /// A teller of what happens at `now`.
    #[must_use]
    pub const fn new(ids: &'a IdGenerator, now: Micros) -> Self {
        Self { ids, now }
    }

    /// The time it tells of.
    #[must_use]
    pub const fn now(&self) -> Micros {
        self.now
    }

    /// Appends `entry` to its message's story.
    ///
    /// # Errors
    /// Those of the store.
    pub fn tell(&self, tx: &mut dyn Sql, entry: &Entry<'_>) -> Result<(), StoreError> {
        tx.put(
            "INSERT INTO story (message, at, seq, kind, code, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &[
                entry.message.0.into(),
                self.now.0.into(),
                self.ids.next_range(self.now, 1).0.into(),
                (entry.kind as i64).into(),
                entry.code.map(i64::from).into(),
                entry.detail.into(),
            ],
        )
    }
}

/// An entry read back.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Told {
    /// When it happened.
    pub at: Micros,
    /// What happened.
    pub kind: &'static str,
    /// The outcome code it brought.
    pub code: Option<u16>,
    /// The line for an operator.
    pub detail: String,
}

/// The most entries read for one message.
pub const STORY_ENTRIES_MAX: i64 = 1_000;

/// The story of one message in the order in which it was written, at most [`STORY_ENTRIES_MAX`] entries. Two things that
/// happen within a millisecond are noted by different tasks: the times may cross, the order of commits does not.
///
/// # Errors
/// Those of the store; a kind this build does not know is shown as `unknown`.
pub fn of_message(tx: &mut dyn Sql, _ctx: &Ctx, message: MessageId) -> Result<Vec<Told>, StoreError> {
    let rows = tx.query(
        "SELECT at, kind, code, detail FROM story WHERE message = ?1 ORDER BY seq LIMIT ?2",
        &[message.0.into(), STORY_ENTRIES_MAX.into()],
    )?;
    rows.iter()
        .map(|row| {
            Ok(Told {
                at: Micros(row.int(0)?),
                kind: StoryKind::from_number(row.int(1)?).map_or("unknown", StoryKind::word),
                code: row.opt_int(2)?.and_then(|code| u16::try_from(code).ok()),
                detail: row.opt_text(3)?.unwrap_or_default().to_owned(),
            })
        })
        .collect()
}
