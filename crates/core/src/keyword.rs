//! Opt-out and opt-in words in an inbound SMS (spec 4.3): they put a number on the tenant's DND list or take it off.

/// What the sender asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
}

const STOP_WORDS: [&str; 6] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"];
/// YES is not among them: it answers many questions.
const START_WORDS: [&str; 2] = ["START", "UNSTOP"];

/// The keyword that the whole message is, whatever its case and the blanks and punctuation around it. A word within a
/// sentence is none: "please stop by" asks for nothing.
#[must_use]
pub fn recognise(message: &str) -> Option<Keyword> {
    let word = message.trim_matches(|ch: char| !ch.is_alphanumeric());
    // "STOP ALL" is the one keyword people write in two words.
    let two_words = || {
        let mut words = word.split_whitespace();
        matches!((words.next(), words.next(), words.next()), (Some(first), Some(second), None)
            if first.eq_ignore_ascii_case("STOP") && second.eq_ignore_ascii_case("ALL"))
    };
    let is_one_of = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    if is_one_of(&STOP_WORDS) || two_words() {
        Some(Keyword::Stop)
    } else if is_one_of(&START_WORDS) {
        Some(Keyword::Start)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(messages: &[&str], expected: Option<Keyword>) {
        for message in messages {
            assert_eq!(recognise(message), expected, "{message:?}");
        }
    }

    #[test]
    fn every_keyword_is_known_in_any_case_and_dress() {
        check(&STOP_WORDS, Some(Keyword::Stop));
        check(&START_WORDS, Some(Keyword::Start));
        check(
            &["stop", " Stop. ", "\"STOP\"", "stop!!!", "«stop»", "Stop all", "STOP\u{a0}\n"],
            Some(Keyword::Stop),
        );
        check(&["start", "(Start)", "unstop."], Some(Keyword::Start));
    }

    #[test]
    fn a_word_in_a_sentence_or_another_word_is_no_keyword() {
        check(
            &["", " ", "...", "please stop", "stop it", "STOP ALL NOW", "stopped", "nonstop", "the end"],
            None,
        );
        check(&["YES", "start now", "restart"], None);
    }
}
