//! A list of words and phrases, found in a text at word boundaries whatever their case.

use std::collections::HashMap;

use thiserror::Error;

/// Most characters of a phrase.
pub const PHRASE_CHARS_MAX: usize = 64;
/// Most words of a phrase.
pub const PHRASE_WORDS_MAX: usize = 8;

/// A word, or a few in a row, in folded case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phrase(Vec<String>);

/// Why a text is no phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a phrase has 1 to 8 words and at most 64 characters")]
pub struct PhraseError;

impl Phrase {
    /// Reads a phrase.
    ///
    /// # Errors
    /// [`PhraseError`] when it has no word, or more of them or of characters than are allowed.
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        if text.chars().count() > PHRASE_CHARS_MAX {
            return Err(PhraseError);
        }
        let words = words(text);
        let good = (1..=PHRASE_WORDS_MAX).contains(&words.len());
        good.then_some(Self(words)).ok_or(PhraseError)
    }

    /// How it is stored and shown.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.join(" ")
    }
}

/// Phrases by their first word.
#[derive(Clone, Debug, Default)]
pub struct WordList {
    by_first: HashMap<String, Vec<Phrase>>,
}

impl WordList {
    /// Adds a phrase.
    pub fn add(&mut self, phrase: Phrase) {
        let Some(first) = phrase.0.first() else { return };
        self.by_first.entry(first.clone()).or_default().push(phrase);
    }

    /// Whether it has no phrase.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_first.is_empty()
    }

    /// The first phrase of the list that stands in `text`. The text is read once, whatever the length of the list.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<&Phrase> {
        if self.is_empty() {
            return None;
        }
        let words = words(text);
        (0..words.len()).find_map(|at| {
            let rest = words.get(at..)?;
            let candidates = self.by_first.get(rest.first()?)?;
            candidates.iter().find(|phrase| rest.starts_with(&phrase.0))
        })
    }
}

/// The words of a text in folded case: runs of letters and digits. A character of a script that is written without
/// blanks is a word of its own, so that a phrase in it is found wherever it stands.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for ch in text.chars().filter(|ch| !is_invisible(*ch)) {
        let alone = is_unspaced(ch);
        if (alone || !ch.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if alone {
            words.push(ch.to_string());
        } else if ch.is_alphanumeric() {
            // Upper, then lower: `ß` and `SS`, the two small sigmas fall together.
            word.extend(ch.to_uppercase().flat_map(char::to_lowercase));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Characters that show nothing and only cut a word apart.
const fn is_invisible(ch: char) -> bool {
    matches!(ch, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Han, Hiragana, Katakana, Thai, Lao, Khmer, Burmese.
const fn is_unspaced(ch: char) -> bool {
    matches!(ch, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3041}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(phrases: &[&str]) -> WordList {
        let mut list = WordList::default();
        phrases.iter().for_each(|phrase| list.add(Phrase::parse(phrase).unwrap()));
        list
    }

    #[test]
    fn a_word_is_found_in_any_case_and_only_as_a_whole() {
        let list = list(&["casino", "Straße"]);
        let found = |text: &str| list.find(text).map(Phrase::text);
        assert_eq!(found("Visit our CASINO!"), Some("casino".to_owned()));
        assert_eq!(found("ca\u{200b}sino"), Some("casino".to_owned()));
        assert_eq!(found("STRASSE 5"), Some("strasse".to_owned()));
        for text in ["", "casinos", "thecasino", "cas ino", "casino1"] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn a_phrase_is_found_across_blanks_and_punctuation() {
        let list = list(&["free money"]);
        assert!(list.find("FREE,  money now").is_some());
        assert!(list.find("money free").is_none());
        assert!(list.find("free your money").is_none());
    }

    #[test]
    fn a_phrase_of_a_script_without_blanks_is_found_inside_a_sentence() {
        assert!(list(&["发票"]).find("代开发票请联系").is_some());
        assert!(list(&["发票"]).find("发出票据").is_none());
    }

    #[test]
    fn a_phrase_has_words_and_is_short() {
        assert_eq!(Phrase::parse("!?"), Err(PhraseError));
        assert_eq!(Phrase::parse("a b c d e f g h i"), Err(PhraseError));
        assert_eq!(Phrase::parse(&"a".repeat(65)), Err(PhraseError));
        assert_eq!(Phrase::parse("  Free   MONEY ").unwrap().text(), "free money");
    }

    proptest! {
        #[test]
        fn a_phrase_is_found_wherever_it_is_put_between_blanks(
            phrase in "[a-z]{1,8}( [a-z]{1,8}){0,3}", before in "[ -~]{0,30}", after in "[ -~]{0,30}",
        ) {
            let list = list(&[&phrase]);
            let text = format!("{before} {} {after}", phrase.to_uppercase());
            prop_assert!(list.find(&text).is_some());
        }
    }
}
