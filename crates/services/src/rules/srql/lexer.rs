//! From characters to words and values.

use super::Misread;

/// A reader over the text, by characters.
pub(super) struct Lexer {
    letters: Vec<char>,
    at: usize,
}

impl Lexer {
    pub fn new(text: &str) -> Self {
        Self { letters: text.chars().collect(), at: 0 }
    }

    /// The place of the next thing, from 1.
    pub fn place(&mut self) -> usize {
        self.skip_blanks();
        self.at + 1
    }

    pub fn is_at_end(&mut self) -> bool {
        self.skip_blanks();
        self.at == self.letters.len()
    }

    /// Takes this mark if it is next.
    pub fn takes(&mut self, mark: char) -> bool {
        self.skip_blanks();
        let there = self.letters.get(self.at) == Some(&mark);
        self.at += usize::from(there);
        there
    }

    pub fn expect(&mut self, mark: char) -> Result<(), Misread> {
        let at = self.place();
        if self.takes(mark) { Ok(()) } else { Err(Misread { at, expected: format!("`{mark}`") }) }
    }

    /// Letters, digits, `-` and `_`; empty when something else is next.
    pub fn word(&mut self) -> String {
        self.skip_blanks();
        self.run(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'))
    }

    /// The word that is next, left where it is.
    pub fn peek_word(&mut self) -> String {
        self.skip_blanks();
        let at = self.at;
        let word = self.word();
        self.at = at;
        word
    }

    /// Everything up to a blank.
    pub fn bare(&mut self) -> String {
        self.skip_blanks();
        self.run(|letter| !letter.is_whitespace())
    }

    /// A text in quotes, where a doubled quote is one. Also the place of its first character.
    pub fn quoted(&mut self) -> Result<(usize, String), Misread> {
        let at = self.place();
        if !self.takes('\'') {
            return Err(Misread { at, expected: "a value in single quotes".to_owned() });
        }
        let mut text = String::new();
        loop {
            match (self.letters.get(self.at), self.letters.get(self.at + 1)) {
                (Some('\''), Some('\'')) => {
                    text.push('\'');
                    self.at += 2;
                }
                (Some('\''), _) => {
                    self.at += 1;
                    return Ok((at + 1, text));
                }
                (Some(letter), _) => {
                    text.push(*letter);
                    self.at += 1;
                }
                (None, _) => {
                    return Err(Misread { at: self.at + 1, expected: "the closing single quote".to_owned() });
                }
            }
        }
    }

    /// Whether a quote is next.
    pub fn is_at_quote(&mut self) -> bool {
        self.skip_blanks();
        self.letters.get(self.at) == Some(&'\'')
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let rest = self.letters.get(self.at..).unwrap_or_default();
        let word: String = rest.iter().copied().take_while(|letter| belongs(*letter)).collect();
        self.at += word.chars().count();
        word
    }

    fn skip_blanks(&mut self) {
        while self.letters.get(self.at).is_some_and(|letter| letter.is_whitespace()) {
            self.at += 1;
        }
    }
}
