//! What a provider's errors mean, as data: one file per provider in `data/`, of one shape.

use std::collections::HashMap;

use serde::Deserialize;

/// Rows as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeRows {
    /// Errors the provider numbers.
    #[serde(default)]
    pub error: Vec<ErrorRow>,
    /// Answers that say no more than their HTTP status.
    #[serde(default)]
    pub http: Vec<HttpRow>,
}

/// What one numbered error means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRow {
    /// The provider's number.
    pub code: i64,
    /// The second number that makes it particular; absent: any other.
    #[serde(default)]
    pub subcode: Option<i64>,
    /// What the provider says, for the reader of the table and for the simulator.
    pub name: String,
    /// HTTP status the provider sends with it.
    #[serde(default = "bad_request")]
    pub status: u16,
    /// Outcome code reported when the message ends with it.
    pub outcome: u16,
    /// What to do with the message.
    pub retry: Retry,
    /// Whether the address must not be used again.
    #[serde(default)]
    pub dead: bool,
}

const fn bad_request() -> u16 {
    400
}

/// What a range of HTTP statuses means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpRow {
    /// First status.
    pub from: u16,
    /// Last status.
    pub to: u16,
    /// Outcome code reported when the message ends with it.
    pub outcome: u16,
    /// What to do with the message.
    pub retry: Retry,
}

/// What to do with a message after a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// The refusal is final.
    Never,
    /// The provider is at fault: the same may succeed later.
    Later,
    /// The same will succeed when sent more slowly.
    Throttle,
    /// The access token is at fault: once more with a fresh one, and then it is final.
    Token,
}

/// The meaning of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// Outcome code when the message ends so.
    pub code: u16,
    /// What to do with the message.
    pub retry: Retry,
    /// Whether the address must not be used again.
    pub dead: bool,
}

/// Meaning of what no row names: outcome of the provider not mapped.
const UNKNOWN: Meaning = Meaning { code: 7200, retry: Retry::Never, dead: false };

/// A table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The text is no such table.
    #[error("the table of outcomes cannot be read")]
    Syntax(#[from] toml::de::Error),
    /// The same numbers twice.
    #[error("the table of outcomes names error {0} {1:?} twice")]
    Twice(i64, Option<i64>),
}

/// Look-up of meanings.
#[derive(Debug, Clone, Default)]
pub struct Meanings {
    rows: OutcomeRows,
    by_number: HashMap<(i64, Option<i64>), usize>,
}

impl Meanings {
    /// Reads a table.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let rows: OutcomeRows = toml::from_str(text)?;
        let mut by_number = HashMap::new();
        for (place, row) in rows.error.iter().enumerate() {
            if by_number.insert((row.code, row.subcode), place).is_some() {
                return Err(TableError::Twice(row.code, row.subcode));
            }
        }
        Ok(Self { rows, by_number })
    }

    /// The rows, for documents and for the simulator, which reads them backwards.
    #[must_use]
    pub const fn rows(&self) -> &OutcomeRows {
        &self.rows
    }

    /// What an error means: its own row, else that of its number alone, else that of the HTTP status.
    #[must_use]
    pub fn of(&self, code: Option<i64>, subcode: Option<i64>, status: u16) -> Meaning {
        let row = code.and_then(|code| {
            let exact = subcode.and_then(|_| self.by_number.get(&(code, subcode)));
            exact.or_else(|| self.by_number.get(&(code, None))).and_then(|place| self.rows.error.get(*place))
        });
        match row {
            Some(row) => Meaning { code: row.outcome, retry: row.retry, dead: row.dead },
            None => self.of_status(status),
        }
    }

    fn of_status(&self, status: u16) -> Meaning {
        let row = self.rows.http.iter().find(|row| (row.from..=row.to).contains(&status));
        row.map_or(UNKNOWN, |row| Meaning { code: row.outcome, retry: row.retry, dead: false })
    }

    /// The error by which the provider makes a message end with `code`; final ones come first. `None` when it cannot.
    #[must_use]
    pub fn saying(&self, code: u16) -> Option<&ErrorRow> {
        let mut rows = self.rows.error.iter().filter(|row| row.outcome == code);
        rows.clone().find(|row| row.retry == Retry::Never).or_else(|| rows.next())
    }

    /// Whether the provider can make a message end with `code`.
    #[must_use]
    pub fn can_say(&self, code: u16) -> bool {
        self.saying(code).is_some() || self.rows.http.iter().any(|row| row.outcome == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"
        [[error]]
        code = 10
        subcode = 7
        name = "particular"
        outcome = 7526
        retry = "never"
        [[error]]
        code = 10
        name = "general"
        outcome = 7304
        retry = "later"
        [[http]]
        from = 500
        to = 599
        outcome = 7307
        retry = "later"
    "#;

    #[test]
    fn the_more_particular_row_wins_and_the_status_is_the_last_word() {
        let table = Meanings::parse(TABLE).unwrap();
        let code = |code, subcode, status| table.of(code, subcode, status).code;
        assert_eq!(code(Some(10), Some(7), 400), 7526);
        assert_eq!(code(Some(10), Some(8), 400), 7304);
        assert_eq!(code(Some(10), None, 400), 7304);
        assert_eq!(code(Some(11), None, 502), 7307);
        assert_eq!(code(None, None, 503), 7307);
        assert_eq!(table.of(Some(11), None, 400), UNKNOWN);
    }

    #[test]
    fn what_ends_a_message_is_found_backwards() {
        let table = Meanings::parse(TABLE).unwrap();
        assert_eq!(table.saying(7304).map(|row| row.name.as_str()), Some("general"));
        assert!(table.can_say(7307) && table.saying(7307).is_none());
        assert!(!table.can_say(7500));
    }

    #[test]
    fn a_row_given_twice_is_refused() {
        let twice = format!("{TABLE}[[error]]\ncode = 10\nname = \"x\"\noutcome = 7200\nretry = \"never\"\n");
        let error = Meanings::parse(&twice).unwrap_err().to_string();
        assert_eq!(error, "the table of outcomes names error 10 None twice");
    }
}
