//! How an operation ends when it does not succeed.

use waypost_status::MtapiCode;
use waypost_store::StoreError;

use super::Refusal;

/// A refusal, or the store's failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A rule was broken.
    Refused(Refusal),
    /// The store failed.
    Store(StoreError),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<MtapiCode> for Fault {
    fn from(code: MtapiCode) -> Self {
        Self::Refused(code.into())
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    /// A refusal as [`Refusal::in_input`] gives it; a failing store stays one.
    #[must_use]
    pub fn in_input(self) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(refusal.in_input()),
            Self::Store(error) => Self::Store(error),
        }
    }

    /// What is answered: a failing store is 901000 without details, HTTP 503 when it may pass and 500 when it will not. A
    /// text the store cannot hold is the caller's mistake.
    #[must_use]
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Store(error) => match error {
                StoreError::Constraint { detail } if detail.contains("U+0000") => {
                    Refusal::argument("body", "text without the character U+0000")
                }
                StoreError::Busy
                | StoreError::Closed
                | StoreError::Unavailable(_)
                | StoreError::Conflict(_) => Refusal::from(MtapiCode::InternalError).with_http(503),
                StoreError::Constraint { .. }
                | StoreError::Corrupt(_)
                | StoreError::Schema { .. }
                | StoreError::Refused(_)
                | StoreError::Panicked(_)
                | StoreError::Unsupported(_) => {
                    tracing::error!(%error, "the store could not do what an operation asked");
                    MtapiCode::InternalError.into()
                }
            },
        }
    }
}
