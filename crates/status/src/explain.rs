//! Looking things up: by number, by key, by words.

use crate::codes::CATALOGUE;
use crate::entry::Entry;

/// The most entries a search returns.
pub const SEARCH_RESULTS_MAX: usize = 50;

/// Every entry of every API that the number stands for, blocks of numbers included.
pub fn explain(code: impl Into<i64>) -> Vec<&'static Entry> {
    let code = code.into();
    CATALOGUE.iter().filter(|entry| entry.covers(code)).collect()
}

/// The entry with the key, as made by [`Entry::key`].
pub fn find(key: &str) -> Option<&'static Entry> {
    let (api, rest) = key.split_once('/')?;
    let (code, id) = rest.split_once('/')?;
    CATALOGUE.iter().find(|entry| entry.id == id && entry.code_text == code && entry.api.slug() == api)
}

/// The entries that contain every word of `words` in number, id, name, text, meaning or cause, letter case ignored; at most
/// [`SEARCH_RESULTS_MAX`], none for a blank search.
pub fn search(words: &str) -> Vec<&'static Entry> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let hit = |entry: &&Entry| {
        let texts = [entry.code_text, entry.id, entry.name, entry.message, entry.meaning, entry.cause];
        let haystack = texts.join("\n").to_lowercase();
        words.iter().all(|word| haystack.contains(word))
    };
    CATALOGUE.iter().filter(hit).take(SEARCH_RESULTS_MAX).collect()
}
