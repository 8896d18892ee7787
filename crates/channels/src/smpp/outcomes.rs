//! What a provider's statuses and receipts mean, as data.
//!
//! The built-in table is `data/smpp-outcomes.toml`; a connection's own rows of the same shape come first.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

/// The built-in table's text.
const BUILT_IN: &str = include_str!("../../data/smpp-outcomes.toml");

/// Rows as written: the built-in file, or a connection's `outcomes`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeRows {
    /// Meanings of `command_status` in answers to submits.
    #[serde(default)]
    pub submit: Vec<SubmitRow>,
    /// Meanings of receipts.
    #[serde(default)]
    pub receipt: Vec<ReceiptRow>,
}

/// What one `command_status` means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitRow {
    /// `command_status`.
    pub status: u32,
    /// Its name, for the reader of the table.
    pub name: String,
    /// Outcome code reported when the message ends with it.
    pub code: u16,
    /// What to do with the message.
    pub retry: Retry,
}

/// What one receipt means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptRow {
    /// The receipt's `stat`.
    pub stat: String,
    /// The receipt's `err`, without leading zeros; absent: any other.
    #[serde(default)]
    pub err: Option<String>,
    /// Outcome code; absent: not final.
    #[serde(default)]
    pub code: Option<u16>,
    /// What the error says, for the reader of the table.
    #[serde(default)]
    pub name: String,
}

/// What to do with a message after a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// The refusal is final.
    Never,
    /// The same may succeed later.
    Later,
    /// The same will succeed when sent more slowly.
    Throttle,
    /// This connection is at fault, not the message.
    OtherConnection,
}

/// Meaning of a refused submit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Outcome code when it ends so.
    pub code: u16,
    /// What to do with the message.
    pub retry: Retry,
}

/// Meaning of a status no row names: the operator refused, for a reason of its own.
const UNKNOWN_SUBMIT: Outcome = Outcome { code: 7201, retry: Retry::Never };
/// Meaning of a receipt no row names: outcome of provider not mapped.
const UNKNOWN_RECEIPT: u16 = 7200;

/// A table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OutcomesError {
    /// The text is no such table.
    #[error("the table of outcomes cannot be read")]
    Syntax(#[from] toml::de::Error),
    /// The same status, or the same stat and err, twice.
    #[error("the table of outcomes names {0} twice")]
    Twice(String),
}

/// Look-up of meanings. Cheap to look up, made once per connection.
#[derive(Debug, Clone, Default)]
pub struct Outcomes {
    submits: HashMap<u32, Outcome>,
    /// By stat, then by err; the empty err stands for any other.
    receipts: HashMap<String, HashMap<String, Option<u16>>>,
}

impl Outcomes {
    /// The built-in table with a connection's own rows in front.
    ///
    /// # Errors
    /// [`OutcomesError`] when either table is malformed.
    pub fn with_overrides(own: &OutcomeRows) -> Result<Self, OutcomesError> {
        let mut outcomes = Self::of_rows(&built_in_rows()?)?;
        let own = Self::of_rows(own)?;
        outcomes.submits.extend(own.submits);
        for (stat, errs) in own.receipts {
            outcomes.receipts.entry(stat).or_default().extend(errs);
        }
        Ok(outcomes)
    }

    /// The built-in table, parsed once.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static TABLE: LazyLock<Outcomes> = LazyLock::new(|| {
            // The file is part of the build and a test reads it; with an empty table every meaning is "unknown".
            Outcomes::with_overrides(&OutcomeRows::default()).unwrap_or_default()
        });
        &TABLE
    }

    /// What a refusal with this `command_status` means.
    #[must_use]
    pub fn submit_error(&self, status: u32) -> Outcome {
        self.submits.get(&status).copied().unwrap_or(UNKNOWN_SUBMIT)
    }

    /// Outcome code of a receipt; `None` when it is not final. `stat` and `err` are the receipt's words: case and
    /// leading zeros do not matter.
    #[must_use]
    pub fn receipt(&self, stat: &str, err: &str) -> Option<u16> {
        match self.receipts.get(&stat.trim().to_ascii_uppercase()) {
            None => Some(UNKNOWN_RECEIPT),
            Some(errs) => errs
                .get(normalised_err(err))
                .or_else(|| errs.get(""))
                .copied()
                .unwrap_or(Some(UNKNOWN_RECEIPT)),
        }
    }

    /// Whether some answer or receipt ends a message with `code` at once.
    #[must_use]
    pub fn can_say(&self, code: u16) -> bool {
        let refused = |outcome: &Outcome| outcome.code == code && outcome.retry == Retry::Never;
        let reported = |errs: &HashMap<String, Option<u16>>| errs.values().any(|said| *said == Some(code));
        self.submits.values().any(refused) || self.receipts.values().any(reported)
    }

    fn of_rows(rows: &OutcomeRows) -> Result<Self, OutcomesError> {
        let mut outcomes = Self::default();
        for row in &rows.submit {
            let outcome = Outcome { code: row.code, retry: row.retry };
            if outcomes.submits.insert(row.status, outcome).is_some() {
                return Err(OutcomesError::Twice(format!("status {:#x}", row.status)));
            }
        }
        for row in &rows.receipt {
            let errs = outcomes.receipts.entry(row.stat.to_ascii_uppercase()).or_default();
            let err = normalised_err(row.err.as_deref().unwrap_or_default());
            if errs.insert(err.to_owned(), row.code).is_some() {
                return Err(OutcomesError::Twice(format!("stat {} err {err}", row.stat)));
            }
        }
        Ok(outcomes)
    }
}

/// The rows of the built-in table, for documents and for the simulator, which reads them backwards.
///
/// # Errors
/// [`OutcomesError::Syntax`], which a test excludes.
pub fn built_in_rows() -> Result<OutcomeRows, OutcomesError> {
    Ok(toml::from_str(BUILT_IN)?)
}

/// The `stat` word for a `message_state` parameter (section 5.2.28), for receipts that have only that.
#[must_use]
pub fn stat_of_message_state(state: u8) -> &'static str {
    match state {
        1 => "ENROUTE",
        2 => "DELIVRD",
        3 => "EXPIRED",
        4 => "DELETED",
        5 => "UNDELIV",
        6 => "ACCEPTD",
        8 => "REJECTD",
        _ => "UNKNOWN",
    }
}

/// `err` without leading zeros: `"001"` and `"1"` are the same error, and all zeros are none.
fn normalised_err(err: &str) -> &str {
    err.trim().trim_start_matches('0')
}

#[cfg(test)]
#[path = "outcomes_tests.rs"]
mod tests;
