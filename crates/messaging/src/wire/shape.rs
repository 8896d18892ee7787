//! Is it JSON, and JSON we read: depth, repeated keys, characters that cannot be stored.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use thiserror::Error;

/// Objects and arrays inside one another, the outermost counted.
pub const DEPTH_MAX: usize = 32;

/// Up to here a repeated key is found by looking at each; above, a set is kept.
const LINEAR_KEYS_MAX: usize = 16;

/// Longest part of a client's text that is repeated in an answer, in characters.
const ECHO_CHARS_MAX: usize = 64;

/// Why a body is not JSON as the contract means it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JsonFault {
    /// The body has no bytes.
    #[error("the body is empty")]
    Empty,
    /// Not UTF-8.
    #[error("the body is not UTF-8 from byte {at}")]
    NotUtf8 {
        /// Offset of the first bad byte.
        at: usize,
    },
    /// Not parseable.
    #[error("not JSON at line {line}, column {column}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
    },
    /// Parseable, but its root is an array or a scalar.
    #[error("the root is not an object")]
    NotAnObject,
    /// More than [`DEPTH_MAX`] levels.
    #[error("nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// An object has the same key twice, so that readers would disagree about its value.
    #[error("the key `{0}` occurs twice in one object")]
    DuplicateKey(String),
    /// A text with U+0000, which not every store can keep.
    #[error("a text contains the character U+0000")]
    NulCharacter,
    /// The body is longer than the server reads.
    #[error("the body is longer than {bytes_max} bytes")]
    TooLarge {
        /// The limit.
        bytes_max: usize,
    },
    /// The `Content-Type` names something else.
    #[error("the content type is not application/json")]
    ContentType,
    /// The body took longer than the server waits.
    #[error("the body took too long to arrive")]
    TooSlow,
    /// The connection ended or failed inside the body.
    #[error("the body ended before its announced length")]
    Cut,
}

impl JsonFault {
    pub(super) fn syntax(error: &serde_json::Error) -> Self {
        Self::Syntax { line: error.line(), column: error.column() }
    }

    /// Where it is: the body, or a header.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::ContentType => "Content-Type",
            _ => "body",
        }
    }

    /// What the caller can do about it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Empty => "send a JSON object",
            Self::NotUtf8 { .. } => "encode the body as UTF-8",
            Self::Syntax { .. } => "send one well-formed JSON object and nothing after it",
            Self::NotAnObject => "put the members into one JSON object",
            Self::TooDeep => "send a flatter object",
            Self::DuplicateKey(_) => "give each key once",
            Self::NulCharacter => "remove the character",
            Self::TooLarge { .. } => "send fewer destinations or a shorter text per request",
            Self::ContentType => "send Content-Type: application/json",
            Self::TooSlow | Self::Cut => "send the whole body at once",
        }
    }
}

/// Checks the whole text.
pub(super) fn check(text: &str) -> Result<(), JsonFault> {
    let start = text.trim_start_matches([' ', '\t', '\r', '\n']).as_bytes().first();
    match start {
        None => return Err(JsonFault::Empty),
        Some(b'{') => {}
        // Broken scalars and arrays are refused as much as whole ones.
        Some(_) => return Err(not_an_object(text)),
    }
    let fault = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let outcome = Shape { depth: 0, fault: &fault }.deserialize(&mut reader).and_then(|()| reader.end());
    match (fault.take(), outcome) {
        (Some(fault), _) => Err(fault),
        (None, Err(error)) => Err(JsonFault::syntax(&error)),
        (None, Ok(())) => Ok(()),
    }
}

fn not_an_object(text: &str) -> JsonFault {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => JsonFault::NotAnObject,
        Err(error) => JsonFault::syntax(&error),
    }
}

/// Walks one value at `depth`; the first fault is left in `fault`.
#[derive(Clone, Copy)]
struct Shape<'f> {
    depth: usize,
    fault: &'f RefCell<Option<JsonFault>>,
}

impl Shape<'_> {
    fn stop<E: Error>(self, fault: JsonFault) -> E {
        self.fault.replace(Some(fault));
        E::custom("refused")
    }

    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == DEPTH_MAX {
            return Err(self.stop(JsonFault::TooDeep));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Shape<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Shape<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_borrowed_str<E: Error>(self, _: &'de str) -> Result<(), E> {
        // Without an escape there is no control character in it.
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if text.contains('\0') { Err(self.stop(JsonFault::NulCharacter)) } else { Ok(()) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while items.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut keys = Keys::default();
        while let Some(key) = members.next_key_seed(Key)? {
            if key.contains('\0') {
                return Err(self.stop(JsonFault::NulCharacter));
            }
            if let Err(twice) = keys.insert(key) {
                let echo = twice.chars().take(ECHO_CHARS_MAX).collect();
                return Err(self.stop(JsonFault::DuplicateKey(echo)));
            }
            members.next_value_seed(inner)?;
        }
        Ok(())
    }
}

/// The keys of one object so far.
#[derive(Default)]
struct Keys<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Keys<'de> {
    /// Gives the key back when it is there already.
    fn insert(&mut self, key: Cow<'de, str>) -> Result<(), Cow<'de, str>> {
        if self.few.contains(&key) || self.many.contains(&key) {
            return Err(key);
        }
        if self.few.len() < LINEAR_KEYS_MAX {
            self.few.push(key);
        } else {
            self.many.insert(key);
        }
        Ok(())
    }
}

/// A key, borrowed from the body unless it is escaped.
pub(super) struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}
