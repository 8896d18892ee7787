//! Which names a file may have.

/// The rule that is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameRule {
    /// The published expression, as it is written.
    #[default]
    Documented,
    /// What the published expression means.
    Sensible,
}

/// Longest name, characters.
const NAME_CHARS_MAX: usize = 255;
/// Fewest letters at the end of a name by the published expression.
const LETTERS_MIN: usize = 3;

impl NameRule {
    /// The rule in words, for the answer.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Documented => "^[a-zA-Z0-9][a-zA-Z0-9, -,_.]*.[A-Za-z]{3,}$, at most 255 characters",
            Self::Sensible => {
                "a letter or digit, then letters, digits, blanks and - , _ . ( ), then a point and 2 to 10 letters or digits; \
                 at most 255 characters"
            }
        }
    }

    /// Whether a name is taken.
    #[must_use]
    pub fn takes(self, name: &str) -> bool {
        let letters: Vec<char> = name.chars().collect();
        letters.len() <= NAME_CHARS_MAX
            && match self {
                Self::Documented => documented(&letters),
                Self::Sensible => sensible(name),
            }
    }
}

/// The expression literally: its unescaped point is any character, its ` -,` every character from blank to comma.
fn documented(letters: &[char]) -> bool {
    let Some((first, rest)) = letters.split_first() else { return false };
    let end = rest.iter().rev().take_while(|letter| letter.is_ascii_alphabetic()).count();
    let inside = |letter: &char| {
        letter.is_ascii_alphanumeric() || (' '..=',').contains(letter) || matches!(letter, '_' | '.')
    };
    // The letters at the end may be the extension or a part of the name: whichever split fits.
    first.is_ascii_alphanumeric()
        && (LETTERS_MIN..=end).any(|extension| {
            rest.len().checked_sub(extension + 1).is_some_and(|at| {
                rest.get(at).is_some_and(|any| *any != '\n')
                    && rest.get(..at).unwrap_or_default().iter().all(inside)
            })
        })
}

fn sensible(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let inside =
        |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | ',' | '_' | '.' | '(' | ')');
    stem.chars().next().is_some_and(char::is_alphanumeric)
        && stem.chars().all(inside)
        && (2..=10).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_expression_is_applied_as_it_is_written() {
        for good in [
            "a.pdf",
            "plan, 2 (final).docx",
            "a#b+c.xlsx",
            "noextension",
            "a_b.c.jpeg",
            "x-pdf",
            "9.abc",
            "a\u{e9}pdf",
        ] {
            assert!(NameRule::Documented.takes(good), "{good}");
        }
        for bad in [
            "",
            "pdf",
            ".pdf",
            "a.md",
            "a-b.pdf",
            "a/b.pdf",
            "\u{e9}t\u{e9}.pdf",
            "a.pdf.",
            "a.mp4",
            "a\nb.pdf",
            "abc",
        ] {
            assert!(!NameRule::Documented.takes(bad), "{bad}");
        }
        assert!(NameRule::Documented.takes("abcde") && !NameRule::Documented.takes("abcd"));
    }

    #[test]
    fn the_sensible_rule_takes_hyphens_accents_and_short_extensions() {
        for good in ["a-b.pdf", "\u{e9}t\u{e9}.md", "film.mp4", "plan (2).docx", "a.7z"] {
            assert!(NameRule::Sensible.takes(good), "{good}");
        }
        for bad in ["noextension", "a.", "a.b", "../a.pdf", "a/b.pdf", "a.p f", "-a.pdf", "a.pdf\0"] {
            assert!(!NameRule::Sensible.takes(bad), "{bad}");
        }
        assert!(!NameRule::Sensible.takes(&format!("{}.pdf", "a".repeat(252))));
    }
}
