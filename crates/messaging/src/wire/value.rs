//! Members that remember being absent or of the wrong type.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::shape::Key;

/// A text, or a whole number where a client sends one in its place. `null` counts as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Text<'a> {
    /// Not in the body, or `null`.
    #[default]
    Absent,
    /// Given.
    Value(Cow<'a, str>),
    /// Given as something else (an object, an array, a fraction, true or false).
    Wrong,
}

impl Text<'_> {
    /// The text when it is given and has characters.
    #[must_use]
    pub fn filled(&self) -> Option<&str> {
        match self {
            Self::Value(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a text")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text::Value(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text::Value(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Text<'de>, E> {
        Ok(Text::Value(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Text<'de>, E> {
        Ok(Text::Value(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Text<'de>, E> {
        Ok(Text::Wrong)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Text<'de>, E> {
        Ok(Text::Wrong)
    }

    fn visit_unit<E: Error>(self) -> Result<Text<'de>, E> {
        Ok(Text::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Text<'de>, A::Error> {
        skip_items(items).map(|()| Text::Wrong)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Text<'de>, A::Error> {
        skip_members(members).map(|()| Text::Wrong)
    }
}

/// An object. `null` counts as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Block<T> {
    /// Not in the body, or `null`.
    #[default]
    Absent,
    /// Given.
    Present(T),
    /// Given as something else.
    Wrong,
}

impl<T> Block<T> {
    /// The object when it is given.
    #[must_use]
    pub const fn present(&self) -> Option<&T> {
        match self {
            Self::Present(block) => Some(block),
            _ => None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Block<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(BlockVisitor(PhantomData))
    }
}

struct BlockVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for BlockVisitor<T> {
    type Value = Block<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Block<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Block::Present)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Block<T>, A::Error> {
        skip_items(items).map(|()| Block::Wrong)
    }

    fn visit_unit<E: Error>(self) -> Result<Block<T>, E> {
        Ok(Block::Absent)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Block<T>, E> {
        Ok(Block::Wrong)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Block<T>, E> {
        Ok(Block::Wrong)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Block<T>, E> {
        Ok(Block::Wrong)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Block<T>, E> {
        Ok(Block::Wrong)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Block<T>, E> {
        Ok(Block::Wrong)
    }
}

/// The name → value pairs of a template, in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters<'a>(pub Vec<(Cow<'a, str>, Text<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Parameters<'a> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(ParametersVisitor)
    }
}

struct ParametersVisitor;

impl<'de> Visitor<'de> for ParametersVisitor {
    type Value = Parameters<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Parameters<'de>, A::Error> {
        let mut pairs = Vec::new();
        while let Some(name) = members.next_key_seed(Key)? {
            pairs.push((name, members.next_value()?));
        }
        Ok(Parameters(pairs))
    }
}

pub(super) fn skip_items<'de, A: SeqAccess<'de>>(mut items: A) -> Result<(), A::Error> {
    while items.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

pub(super) fn skip_members<'de, A: MapAccess<'de>>(mut members: A) -> Result<(), A::Error> {
    while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}
