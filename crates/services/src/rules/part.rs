//! Parts of identifiers, by which an identifier is found from any of its characters on.
//!
//! Each place in a value begins a part of up to [`PART_CHARS`] characters. A value contains a text exactly when one of its parts
//! begins with the text (with the first [`PART_CHARS`] characters of it, when it is longer), so that a search is one range of
//! an index in the order of bytes.

use std::collections::BTreeSet;

/// Characters of a part.
pub const PART_CHARS: usize = 16;

/// The parts of a value, each once.
#[must_use]
pub fn parts(value: &str) -> BTreeSet<&str> {
    value.char_indices().filter_map(|(at, _)| value.get(at..)).map(start).collect()
}

/// The parts that begin with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRange {
    /// The first.
    pub from: String,
    /// The first behind them; `None` when nothing is.
    pub before: Option<String>,
    /// Whether the text is longer than a part, so that what is found must be looked at.
    pub longer: bool,
}

/// Where the parts that begin with a text lie. `None` for an empty text, with which every part begins.
#[must_use]
pub fn range(text: &str) -> Option<PartRange> {
    let from = start(text);
    if from.is_empty() {
        return None;
    }
    Some(PartRange { from: from.to_owned(), before: behind(from), longer: from.len() < text.len() })
}

fn start(text: &str) -> &str {
    let end = text.char_indices().nth(PART_CHARS).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// The smallest text behind all that begin with this one, in the order of bytes, which is that of scalar values.
fn behind(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // A range of characters leaves the surrogates out.
        if let Some(next) = (last..=char::MAX).nth(1) {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(value: &str, text: &str) -> bool {
        let range = range(text).unwrap();
        let within =
            |part: &&str| **part >= *range.from && range.before.as_deref().is_none_or(|end| **part < *end);
        parts(value).into_iter().any(|part| within(&part)) && (!range.longer || value.contains(text))
    }

    #[test]
    fn a_part_begins_at_each_character_and_none_stands_twice() {
        assert_eq!(parts("anana").into_iter().collect::<Vec<_>>(), ["a", "ana", "anana", "na", "nana"]);
        assert_eq!(parts("é").into_iter().collect::<Vec<_>>(), ["é"]);
        assert_eq!(parts("").len(), 0);
        assert!(parts(&"ab".repeat(40)).into_iter().all(|part| part.len() <= PART_CHARS));
    }

    #[test]
    fn the_end_of_a_range_is_the_next_text_also_at_the_last_character_there_is() {
        assert_eq!(range("az").unwrap().before.as_deref(), Some("a{"));
        assert_eq!(range("a\u{d7ff}").unwrap().before.as_deref(), Some("a\u{e000}"));
        assert_eq!(range("a\u{10ffff}").unwrap().before.as_deref(), Some("b"));
        assert_eq!(range("\u{10ffff}").unwrap().before, None);
        assert_eq!(range(""), None);
        assert!(finds("the very long name of a vessel", "very long name of a v"));
        assert!(!finds("the very long name of a vessel", "very long name of a w"));
    }

    proptest! {
        #[test]
        fn a_value_is_found_by_a_text_exactly_when_it_contains_it(
            value in "[ab\u{10ffff}é]{0,40}", text in "[ab\u{10ffff}é]{1,20}"
        ) {
            prop_assert_eq!(finds(&value, &text), value.contains(&text));
        }

        #[test]
        fn every_piece_of_a_value_finds_it(value in ".{1,60}", at in 0_usize..60, length in 1_usize..60) {
            let text: String = value.chars().skip(at).take(length).collect();
            if !text.is_empty() {
                prop_assert!(finds(&value, &text));
            }
        }
    }
}
