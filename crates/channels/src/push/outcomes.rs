//! What a push provider's refusals mean, as data: `data/push-outcomes.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// The built-in table's text.
const BUILT_IN: &str = include_str!("../../data/push-outcomes.toml");

/// What no row names.
const UNKNOWN: Outcome =
    Outcome { code: 7518, retry: Retry::Never, is_failing: false, is_dead: false, renews: false };

/// Who refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// FCM HTTP v1.
    Fcm,
    /// The token server in front of FCM.
    OAuth,
    /// APNs.
    Apns,
    /// A push service of a browser.
    WebPush,
}

impl Provider {
    /// The word of metrics and details.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fcm => "fcm",
            Self::OAuth => "oauth",
            Self::Apns => "apns",
            Self::WebPush => "web_push",
        }
    }
}

/// The rows as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeRows {
    fcm: Vec<Row>,
    oauth: Vec<Row>,
    apns: Vec<Row>,
    web_push: Vec<Row>,
}

/// What one refusal means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The provider's word, or `HTTP <status>`.
    pub error: String,
    /// The status it comes with.
    pub http: u16,
    /// Words that must be in the answer; absent: whatever it says.
    #[serde(default)]
    pub words: Option<String>,
    /// The field the provider names with it.
    #[serde(default)]
    pub field: Option<String>,
    /// The provider's text.
    #[serde(default)]
    pub text: Option<String>,
    /// The code the message ends with.
    pub code: u16,
    /// Whether the same may succeed later.
    pub retry: Retry,
    /// Whether the provider is at fault.
    #[serde(default)]
    pub failing: bool,
    /// Whether the address must not be used again.
    #[serde(default)]
    pub dead: bool,
    /// Whether a fresh token of ours is tried first.
    #[serde(default)]
    pub renew: bool,
}

/// What to do with a message after a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// The refusal is final.
    Never,
    /// The same may succeed later.
    Later,
}

/// A refusal as the provider gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// The HTTP status.
    pub http: u16,
    /// Its word for it; empty when it gives none.
    pub error: &'a str,
    /// Its text and the fields it names.
    pub text: &'a str,
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The code of section 9.
    pub code: u16,
    /// Whether the same may succeed later.
    pub retry: Retry,
    /// Whether the provider is at fault.
    pub is_failing: bool,
    /// Whether the address must not be used again.
    pub is_dead: bool,
    /// Whether a fresh token of ours is worth a try.
    pub renews: bool,
}

/// The table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OutcomesError {
    /// The text is no such table.
    #[error("the table of push outcomes cannot be read")]
    Syntax(#[from] toml::de::Error),
    /// The same error with the same words twice: the second could never be taken.
    #[error("the table of push outcomes names {0} twice")]
    Twice(String),
}

/// Look-up of meanings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcomes {
    rows: OutcomeRows,
}

impl Outcomes {
    /// A table of this text.
    ///
    /// # Errors
    /// [`OutcomesError`].
    pub fn parse(text: &str) -> Result<Self, OutcomesError> {
        let rows: OutcomeRows = toml::from_str(text)?;
        for table in [&rows.fcm, &rows.oauth, &rows.apns, &rows.web_push] {
            for (place, row) in table.iter().enumerate() {
                let same = |other: &Row| other.error == row.error && other.words == row.words;
                if table.iter().take(place).any(same) {
                    return Err(OutcomesError::Twice(row.error.clone()));
                }
            }
        }
        Ok(Self { rows })
    }

    /// The built-in table, parsed once.
    #[must_use]
    pub fn built_in() -> &'static Self {
        // The file is part of the build and a test reads it; with an empty table every meaning is "unknown".
        static TABLE: LazyLock<Outcomes> = LazyLock::new(|| Outcomes::parse(BUILT_IN).unwrap_or_default());
        &TABLE
    }

    /// The rows of a provider, in the order they are tried.
    #[must_use]
    pub fn rows(&self, provider: Provider) -> &[Row] {
        match provider {
            Provider::Fcm => &self.rows.fcm,
            Provider::OAuth => &self.rows.oauth,
            Provider::Apns => &self.rows.apns,
            Provider::WebPush => &self.rows.web_push,
        }
    }

    /// What a refusal means: by its word, else by its status, else by the class of its status.
    #[must_use]
    pub fn of(&self, provider: Provider, refusal: &Refusal<'_>) -> Outcome {
        let by = |error: &str| self.rows(provider).iter().find(|row| row.fits(error, refusal.text));
        let status = format!("HTTP {}", refusal.http);
        let class = format!("HTTP {}xx", refusal.http / 100);
        let row = by(refusal.error).or_else(|| by(&status)).or_else(|| by(&class));
        row.map_or(UNKNOWN, Row::outcome)
    }

    /// The row by which a provider brings `code` about: a final one rather than one that is retried.
    #[must_use]
    pub fn row_for_code(&self, provider: Provider, code: u16) -> Option<&Row> {
        let mut rows = self.rows(provider).iter().filter(|row| row.code == code);
        rows.clone().find(|row| row.retry == Retry::Never).or_else(|| rows.next())
    }
}

impl Row {
    fn fits(&self, error: &str, text: &str) -> bool {
        self.error == error && self.words.as_deref().is_none_or(|words| contains(text, words))
    }

    /// What it means.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        Outcome {
            code: self.code,
            retry: self.retry,
            is_failing: self.failing,
            is_dead: self.dead,
            renews: self.renew,
        }
    }
}

fn contains(text: &str, words: &str) -> bool {
    text.to_ascii_lowercase().contains(&words.to_ascii_lowercase())
}

#[cfg(test)]
#[path = "outcomes_tests.rs"]
mod tests;
