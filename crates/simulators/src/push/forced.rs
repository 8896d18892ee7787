//! Outcomes on request: the connector's table of meanings read backwards.

use waypost_channels::push::outcomes::{Outcomes, Provider, Row};
use waypost_core::sandbox::forced_outcome;

/// Codes of a message that was taken: what becomes of it then is the device's to say.
const TAKEN: std::ops::RangeInclusive<u16> = 7500..=7503;

/// What an address asks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Forced {
    /// Nothing: the rules decide.
    No,
    /// To be taken, whatever its form.
    Taken,
    /// This refusal.
    Refused(&'static Row),
}

pub(super) fn forced(provider: Provider, address: &str) -> Forced {
    match forced_outcome(address) {
        Some(code) if TAKEN.contains(&code) => Forced::Taken,
        Some(code) => row(provider, code).map_or(Forced::No, Forced::Refused),
        None => Forced::No,
    }
}

pub(super) fn row(provider: Provider, code: u16) -> Option<&'static Row> {
    Outcomes::built_in().row_for_code(provider, code)
}

/// The first row with this word.
pub(super) fn named(provider: Provider, word: &str) -> Option<&'static Row> {
    Outcomes::built_in().rows(provider).iter().find(|row| row.error == word)
}
