//! Outcomes on request: a provider's table of meanings read backwards.

use waypost_channels::social::Meanings;
use waypost_channels::social::outcomes::ErrorRow;
use waypost_core::sandbox::forced_outcome;

/// What a recipient asks for.
pub(super) enum Wish<'a> {
    /// Nothing: taken, and delivered where the provider tells.
    None,
    /// Taken, and no receipt comes.
    Silent,
    /// Delivered and read.
    Read,
    /// This error.
    Error(&'a ErrorRow),
}

/// What `recipient` asks for of a provider with these meanings.
pub(super) fn wish<'a>(meanings: &'a Meanings, recipient: &str) -> Wish<'a> {
    match forced_outcome(recipient) {
        Some(7501 | 7303) => Wish::Silent,
        Some(7502) => Wish::Read,
        Some(code) => meanings.saying(code).map_or(Wish::None, Wish::Error),
        None => Wish::None,
    }
}
