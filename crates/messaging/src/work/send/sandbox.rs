//! The sandbox's forced outcomes on the IP channels and voice: a destination of any id type whose value ends in a
//! four-digit outcome code ends with that code.
//!
//! The sandbox's recipients have no devices that could send receipts, so what follows a hand-over is decided here too:
//! a message is delivered unless its destination asks for another end.

use waypost_core::outcome::{Event, PartOutcome, code};
use waypost_core::sandbox::forced_outcome;

use crate::work::sandbox::is_outcome;

/// What a sandbox destination asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing is sent; this happens.
    End(Event),
    /// It is handed over, and then this is heard of the recipient.
    Follow(Vec<Echo>),
}

/// What is heard of the recipient after the hand-over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    /// It arrived.
    Delivered,
    /// It was read.
    Read,
    /// A link in it was used.
    Clicked,
}

impl Echo {
    /// The event for the address `part`.
    #[must_use]
    pub const fn event(self, part: u8) -> Event {
        match self {
            Self::Delivered => Event::Receipt { part, outcome: PartOutcome::Delivered },
            Self::Read => Event::Read,
            Self::Clicked => Event::Clicked,
        }
    }
}

/// What the destination asks for.
#[must_use]
pub fn asked(destination: &str) -> Asked {
    match forced_outcome(destination).filter(|asked| is_outcome(*asked)) {
        None | Some(code::DELIVERED) => Asked::Follow(vec![Echo::Delivered]),
        Some(code::SUBMITTED) => Asked::Follow(Vec::new()),
        Some(code::READ) => Asked::Follow(vec![Echo::Delivered, Echo::Read]),
        Some(code::CLICKED) => Asked::Follow(vec![Echo::Delivered, Echo::Read, Echo::Clicked]),
        Some(code) => Asked::End(Event::PolicyRefused { code }),
    }
}

/// Whether the value names an outcome, so that it need not be an address anybody has.
#[must_use]
pub fn names_an_outcome(destination: &str) -> bool {
    forced_outcome(destination).is_some_and(is_outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_ends_in_an_outcome_code_ends_with_it() {
        assert_eq!(asked("token-7513"), Asked::End(Event::PolicyRefused { code: 7513 }));
        assert_eq!(asked("psid-7502"), Asked::Follow(vec![Echo::Delivered, Echo::Read]));
        assert_eq!(asked("c-7501"), Asked::Follow(vec![]));
        for plain in ["c-7500", "c", "c-7000", "c-0001"] {
            assert_eq!(asked(plain), Asked::Follow(vec![Echo::Delivered]), "{plain}");
        }
    }
}
