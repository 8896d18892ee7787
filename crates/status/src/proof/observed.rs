//! From what came over the wire back to the entry, so that a test client proves what was really sent.

use crate::codes::CATALOGUE;
use crate::entry::{Api, Entry};
use crate::template::matches;

/// The key of the entry that an answer or outcome with this code and text was made from.
///
/// An entry that can be sent goes before a reserved one, an equal text before one that fits a template, and among templates
/// the longest, which is the most specific. `None` when the catalogue has no such text under the code.
pub fn observed(api: Api, code: impl Into<i64>, message: &str) -> Option<String> {
    let code = code.into();
    CATALOGUE
        .iter()
        .filter(|entry| entry.api == api && entry.code == code)
        .filter_map(|entry| Some((fit(entry, message)?, entry)))
        .min_by_key(|(fit, entry)| (entry.is_reserved(), *fit))
        .map(|(_, entry)| entry.key())
}

/// How well the text fits, smaller is better.
fn fit(entry: &Entry, message: &str) -> Option<usize> {
    if message == entry.text() || message == entry.message {
        Some(0)
    } else {
        matches(entry.text(), message).then_some(usize::MAX - entry.text().len())
    }
}
