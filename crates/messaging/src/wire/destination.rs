//! `destination`: up to 1,000 values over all its objects (spec 2.4, 3.2).

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::id_type::IdType;
use super::shape::Key;
use super::value::{Text, skip_items, skip_members};

/// Most destination values of a request; also most destination objects.
pub const VALUES_MAX: usize = 1_000;

/// The destination objects of a request. At most one more than [`VALUES_MAX`] objects and values are kept in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Destinations<'a> {
    /// Not in the body, or `null`.
    #[default]
    Absent,
    /// Given; `None` where an element is not an object.
    List(Vec<Option<Destination<'a>>>),
    /// Given as something else than an array.
    Wrong,
}

/// One destination object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination<'a> {
    /// The first of its id keys, in the order of [`IdType`], that has a value.
    pub ids: Option<(IdType, Values<'a>)>,
    /// `correlationid`.
    pub correlationid: Text<'a>,
    /// `correlationId`, as some clients write it; counts when the other spelling is absent.
    pub correlation_id: Text<'a>,
}

impl<'a> Destination<'a> {
    /// Its correlation id in either spelling.
    #[must_use]
    pub const fn correlation(&self) -> &Text<'a> {
        match self.correlationid {
            Text::Absent => &self.correlation_id,
            _ => &self.correlationid,
        }
    }
}

/// The values of an id key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values<'a> {
    /// One or more; one empty text among several is kept and fails by itself later.
    Given(Vec<Cow<'a, str>>),
    /// Something else than a text, a whole number or an array of them.
    Wrong,
}

impl<'de: 'a, 'a> Deserialize<'de> for Destinations<'a> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(ListVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = Destinations<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an array of destination objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        let mut room = VALUES_MAX + 1;
        while let Some(item) = items.next_element_seed(ItemSeed { room })? {
            if let Some(Destination { ids: Some((_, Values::Given(values))), .. }) = &item {
                room = room.saturating_sub(values.len());
            }
            list.push(item);
            if list.len() > VALUES_MAX || room == 0 {
                skip_items(&mut items)?;
                break;
            }
        }
        Ok(Destinations::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        skip_members(members).map(|()| Destinations::Wrong)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Destinations::Absent)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Destinations::Wrong)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Destinations::Wrong)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Destinations::Wrong)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Destinations::Wrong)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Destinations::Wrong)
    }
}

/// One element; keeps at most `room` values.
#[derive(Clone, Copy)]
struct ItemSeed {
    room: usize,
}

impl<'de> DeserializeSeed<'de> for ItemSeed {
    type Value = Option<Destination<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemSeed {
    type Value = Option<Destination<'de>>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a destination object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut item = Destination::default();
        while let Some(key) = members.next_key_seed(Key)? {
            match (&*key, IdType::from_key(&key)) {
                (_, Some(id_type)) => {
                    let values = members.next_value_seed(ValuesSeed { room: self.room })?;
                    keep_first(&mut item.ids, id_type, values);
                }
                ("correlationid", None) => item.correlationid = members.next_value()?,
                ("correlationId", None) => item.correlation_id = members.next_value()?,
                (_, None) => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Some(item))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        skip_items(items).map(|()| None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Of several id keys the first in the order of [`IdType`] counts; one without a value does not.
fn keep_first<'a>(kept: &mut Option<(IdType, Values<'a>)>, id_type: IdType, values: Option<Values<'a>>) {
    let Some(values) = values else { return };
    if kept.as_ref().is_none_or(|(before, _)| id_type < *before) {
        *kept = Some((id_type, values));
    }
}

/// The values of one id key; `None` when there is none.
struct ValuesSeed {
    room: usize,
}

impl<'de> DeserializeSeed<'de> for ValuesSeed {
    type Value = Option<Values<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

fn one<'a>(text: Cow<'a, str>) -> Option<Values<'a>> {
    (!text.is_empty()).then(|| Values::Given(vec![text]))
}

impl<'de> Visitor<'de> for ValuesSeed {
    type Value = Option<Values<'de>>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("one or several destination values")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(one(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(one(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(one(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(one(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Some(Values::Wrong))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Some(Values::Wrong))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        skip_members(members).map(|()| Some(Values::Wrong))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(item) = items.next_element::<Text<'de>>()? {
            let Text::Value(value) = item else {
                skip_items(items)?;
                return Ok(Some(Values::Wrong));
            };
            values.push(value);
            if values.len() >= self.room {
                skip_items(items)?;
                break;
            }
        }
        let filled = values.iter().any(|value| !value.is_empty());
        Ok(filled.then_some(Values::Given(values)))
    }
}
