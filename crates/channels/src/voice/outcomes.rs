//! What the end of a call means, as data: `data/voice-outcomes.toml`. Codes in the order in which they are told (spec 4.2).

use std::sync::LazyLock;

use serde::Deserialize;

use super::sip::call::Ending;

/// The built-in table's text.
const BUILT_IN: &str = include_str!("../../data/voice-outcomes.toml");

/// Told when no row names the end: dropped, others.
const UNKNOWN: [u16; 2] = [7409, 7404];

/// What to do with a call that was never placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// The refusal is the called party's, and final.
    Never,
    /// The trunk is at fault: another one, or the same later.
    Later,
}

/// What one final response means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRow {
    /// First status.
    pub from: u16,
    /// Last status; the first when absent.
    #[serde(default)]
    pub to: Option<u16>,
    /// What it says, for the reader of the table.
    pub name: String,
    /// The codes that are told, the last of them being the outcome.
    pub codes: Vec<u16>,
    /// What to do when it comes before anything else was heard of the call.
    pub retry: Retry,
}

/// What one way to end means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndRow {
    /// `heard`, `hung_up`, `rang_out`, `cut_while_ringing`, `given_up`, `broken`.
    pub name: String,
    /// The codes that are told.
    pub codes: Vec<u16>,
}

/// The rows as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcomes {
    /// Final responses.
    #[serde(default)]
    status: Vec<StatusRow>,
    /// Other ends.
    #[serde(default)]
    end: Vec<EndRow>,
}

impl Outcomes {
    /// A table of this text.
    ///
    /// # Errors
    /// When the text is no such table.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The built-in table, parsed once.
    #[must_use]
    pub fn built_in() -> &'static Self {
        // The file is part of the build and a test reads it; with an empty table every meaning is "others".
        static TABLE: LazyLock<Outcomes> = LazyLock::new(|| Outcomes::parse(BUILT_IN).unwrap_or_default());
        &TABLE
    }

    /// The rows of final responses.
    #[must_use]
    pub fn statuses(&self) -> &[StatusRow] {
        &self.status
    }

    /// The row of a final response: the narrowest that holds it.
    #[must_use]
    pub fn of_status(&self, status: u16) -> Option<&StatusRow> {
        let holds = |row: &&StatusRow| (row.from..=row.to.unwrap_or(row.from)).contains(&status);
        self.status.iter().filter(holds).min_by_key(|row| row.to.unwrap_or(row.from) - row.from)
    }

    /// The codes of the end of a call that was placed, in the order they are told.
    #[must_use]
    pub fn of(&self, ending: &Ending) -> &[u16] {
        let name = match ending {
            Ending::Refused { status, .. } => {
                return self.of_status(*status).map_or(&UNKNOWN, |row| row.codes.as_slice());
            }
            Ending::NoReply | Ending::Broken => "broken",
            Ending::RangOut => "rang_out",
            Ending::GivenUp => "given_up",
            Ending::CutWhileRinging => "cut_while_ringing",
            Ending::HungUpThere => "hung_up",
            Ending::HungUpHere => "heard",
        };
        let row = self.end.iter().find(|row| row.name == name);
        row.map_or(&UNKNOWN, |row| row.codes.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use waypost_status::MessagingCode;

    use super::*;

    #[test]
    fn the_sequences_are_those_of_the_contract() {
        let of = |ending: &Ending| Outcomes::built_in().of(ending).to_vec();
        let refused = |status| of(&Ending::Refused { status, reason: String::new() });
        assert_eq!(of(&Ending::HungUpHere), [7409, 7405]);
        assert_eq!(of(&Ending::HungUpThere), [7405, 7410, 7409]);
        assert_eq!(of(&Ending::RangOut), [7409, 7401]);
        assert_eq!(of(&Ending::CutWhileRinging), [7410, 7409, 7402]);
        assert_eq!(of(&Ending::GivenUp), [7409, 7404]);
        assert_eq!(of(&Ending::Broken), [7409, 7410]);
        assert_eq!((refused(486), refused(600)), (vec![7409, 7402], vec![7409, 7402]));
        assert_eq!((refused(480), refused(408)), (vec![7409, 7401], vec![7409, 7401]));
        assert_eq!((refused(603), refused(403)), (vec![7409, 7403], vec![7409, 7406]));
        assert_eq!(
            (refused(404), refused(503), refused(699)),
            (vec![7409, 7404], vec![7409, 7404], vec![7409, 7404])
        );
    }

    #[test]
    fn only_what_the_trunk_is_to_blame_for_is_tried_again() {
        let retry = |status| Outcomes::built_in().of_status(status).map(|row| row.retry);
        assert_eq!(
            (retry(486), retry(603), retry(404)),
            (Some(Retry::Never), Some(Retry::Never), Some(Retry::Never))
        );
        assert_eq!(
            (retry(503), retry(401), retry(500)),
            (Some(Retry::Later), Some(Retry::Later), Some(Retry::Later))
        );
    }

    #[test]
    fn every_code_is_in_the_catalogue() {
        let table = Outcomes::built_in();
        let codes =
            table.status.iter().flat_map(|row| &row.codes).chain(table.end.iter().flat_map(|row| &row.codes));
        let mut count = 0;
        for code in codes {
            assert!(MessagingCode::for_outcome(*code, "voice").is_some(), "{code}");
            count += 1;
        }
        assert!(count > 20);
    }
}
