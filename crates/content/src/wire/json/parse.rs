//! Reading JSON (RFC 8259), strictly.

use thiserror::Error;

use super::Json;

/// Arrays and objects inside each other at most.
const DEPTH_MAX: usize = 32;
/// Digits of a number at most, point and exponent included.
const NUMBER_BYTES_MAX: usize = 64;

/// Why a body is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JsonFault {
    /// Not UTF-8.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// Not JSON.
    #[error("not JSON at byte {0}")]
    Syntax(usize),
    /// Arrays and objects too deep inside each other.
    #[error("arrays and objects inside each other at most {DEPTH_MAX} deep, exceeded at byte {0}")]
    TooDeep(usize),
    /// The same name twice in one object: nobody can say which of the two is meant.
    #[error("a name stands twice in one object, at byte {0}")]
    Twice(usize),
    /// A number of more digits than anything in hotels has.
    #[error("a number of more than {NUMBER_BYTES_MAX} characters at byte {0}")]
    LongNumber(usize),
    /// U+0000, or half a surrogate pair: no text that could be kept.
    #[error("a character that is no text at byte {0}")]
    NoText(usize),
}

/// Reads one value and nothing after it.
///
/// # Errors
/// See [`JsonFault`].
pub fn parse(body: &[u8]) -> Result<Json, JsonFault> {
    let text = std::str::from_utf8(body).map_err(|_| JsonFault::NotUtf8)?;
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.blank();
    if reader.at < text.len() { Err(JsonFault::Syntax(reader.at)) } else { Ok(value) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, byte: u8) -> Result<(), JsonFault> {
        if self.eat(byte) { Ok(()) } else { Err(JsonFault::Syntax(self.at)) }
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, JsonFault> {
        let found = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        if found {
            self.at += word.len();
            Ok(value)
        } else {
            Err(JsonFault::Syntax(self.at))
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, JsonFault> {
        self.blank();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(b't') => self.word("true", Json::Flag(true)),
            Some(b'f') => self.word("false", Json::Flag(false)),
            Some(b'n') => self.word("null", Json::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(JsonFault::Syntax(self.at)),
        }
    }

    fn deeper(&self, depth: usize) -> Result<usize, JsonFault> {
        if depth >= DEPTH_MAX { Err(JsonFault::TooDeep(self.at)) } else { Ok(depth + 1) }
    }

    fn object(&mut self, depth: usize) -> Result<Json, JsonFault> {
        let depth = self.deeper(depth)?;
        self.at += 1;
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut names = std::collections::HashSet::new();
        self.blank();
        if self.eat(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.blank();
            let at = self.at;
            let name = self.string()?;
            if !names.insert(name.clone()) {
                return Err(JsonFault::Twice(at));
            }
            self.blank();
            self.need(b':')?;
            members.push((name, self.value(depth)?));
            self.blank();
            if self.eat(b'}') {
                return Ok(Json::Object(members));
            }
            self.need(b',')?;
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json, JsonFault> {
        let depth = self.deeper(depth)?;
        self.at += 1;
        let mut list = Vec::new();
        self.blank();
        if self.eat(b']') {
            return Ok(Json::List(list));
        }
        loop {
            list.push(self.value(depth)?);
            self.blank();
            if self.eat(b']') {
                return Ok(Json::List(list));
            }
            self.need(b',')?;
        }
    }

    fn digits(&mut self) -> Result<(), JsonFault> {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == from { Err(JsonFault::Syntax(from)) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Json, JsonFault> {
        let from = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digits()?;
        }
        if self.at - from > NUMBER_BYTES_MAX {
            return Err(JsonFault::LongNumber(from));
        }
        Ok(Json::Number(self.text[from..self.at].to_owned()))
    }

    fn string(&mut self) -> Result<String, JsonFault> {
        self.need(b'"')?;
        let mut out = String::new();
        loop {
            let from = self.at;
            while self.peek().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            out.push_str(&self.text[from..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                _ => return Err(JsonFault::Syntax(self.at)),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonFault> {
        let at = self.at;
        let byte = self.peek().ok_or(JsonFault::Syntax(at))?;
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(at),
            _ => return Err(JsonFault::Syntax(at)),
        })
    }

    fn unicode(&mut self, at: usize) -> Result<char, JsonFault> {
        let first = self.hex()?;
        let point = if (0xd800..0xdc00).contains(&first) {
            if !(self.eat(b'\\') && self.eat(b'u')) {
                return Err(JsonFault::NoText(at));
            }
            let second = self.hex()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(JsonFault::NoText(at));
            }
            0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        char::from_u32(point).filter(|char| *char != '\0').ok_or(JsonFault::NoText(at))
    }

    fn hex(&mut self) -> Result<u32, JsonFault> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(JsonFault::Syntax(self.at))?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(JsonFault::Syntax(self.at));
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| JsonFault::Syntax(self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_and_objects_their_order() {
        let text = r#"{"z":19.90,"a":[1E2,-0.5,{"k":null}],"t":true}"#;
        assert_eq!(parse(text.as_bytes()).unwrap().to_string(), text);
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        for (text, fault) in [
            ("", JsonFault::Syntax(0)),
            ("{\"a\":1,}", JsonFault::Syntax(7)),
            ("[1,]", JsonFault::Syntax(3)),
            ("01", JsonFault::Syntax(1)),
            ("1.", JsonFault::Syntax(2)),
            ("+1", JsonFault::Syntax(0)),
            ("\"a", JsonFault::Syntax(2)),
            ("\"\u{1}\"", JsonFault::Syntax(1)),
            ("{} {}", JsonFault::Syntax(3)),
            ("nul", JsonFault::Syntax(0)),
            ("{\"a\":1,\"a\":1}", JsonFault::Twice(7)),
            ("\"\\u0000\"", JsonFault::NoText(2)),
            ("\"\\ud800\"", JsonFault::NoText(2)),
            ("\"\\u12\"", JsonFault::Syntax(3)),
        ] {
            assert_eq!(parse(text.as_bytes()), Err(fault), "{text}");
        }
        assert_eq!(parse(b"\"\xff\""), Err(JsonFault::NotUtf8));
        assert_eq!(parse("[".repeat(40).as_bytes()), Err(JsonFault::TooDeep(32)));
        assert_eq!(parse("9".repeat(65).as_bytes()), Err(JsonFault::LongNumber(0)));
    }

    proptest::proptest! {
        #[test]
        fn every_text_survives_writing_and_reading(text in "[^\\x00]*") {
            let value = Json::List(vec![Json::Text(text)]);
            proptest::prop_assert_eq!(parse(value.to_string().as_bytes()).unwrap(), value);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn it_agrees_with_another_reader_about_what_json_is(text in "[\\[\\]{},:\"a0-9.eE+\\-\\\\un ]{0,24}") {
            let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            match parse(text.as_bytes()) {
                Ok(_) => proptest::prop_assert!(theirs || text.contains(['e', 'E']), "{text}"),
                Err(JsonFault::Syntax(_)) => proptest::prop_assert!(!theirs, "{text}"),
                Err(_) => {}
            }
        }
    }
}
