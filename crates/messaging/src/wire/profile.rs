//! The bodies of the Profile API's writes (spec 7.2): `Records`, or one record at the top level.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::shape::{self, JsonFault};
use super::value::{Block, Parameters, Text, skip_items};

/// Most records or ids of a request (spec 2.4).
pub const RECORDS_MAX: usize = 100;

/// One record as it was sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProfileRecord<'a> {
    /// Whose profile.
    #[serde(borrow, rename = "customerId", alias = "customerid")]
    pub customer_id: Text<'a>,
    /// Names and values.
    #[serde(borrow, rename = "Attributes", alias = "attributes")]
    pub attributes: Block<Parameters<'a>>,
}

/// The records of a body. At most one more than [`RECORDS_MAX`] is kept in memory.
#[derive(Debug)]
pub enum ProfileRecords<'a> {
    /// In the order of the body; an element that is not an object is not present.
    List(Vec<Block<ProfileRecord<'a>>>),
    /// `Records` is something else than an array.
    Wrong,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body<'a> {
    #[serde(borrow, rename = "Records", alias = "records")]
    records: Option<&'a RawValue>,
    #[serde(borrow, rename = "customerId", alias = "customerid")]
    customer_id: Text<'a>,
    #[serde(borrow, rename = "Attributes", alias = "attributes")]
    attributes: Block<Parameters<'a>>,
}

/// Reads the body of a write.
///
/// # Errors
/// [`JsonFault`]: every case is answered 7000 `Invalid JSON`.
pub fn parse_profile(body: &[u8]) -> Result<ProfileRecords<'_>, JsonFault> {
    let text = std::str::from_utf8(body).map_err(|error| JsonFault::NotUtf8 { at: error.valid_up_to() })?;
    shape::check(text)?;
    let body: Body<'_> = serde_json::from_str(text).map_err(|error| JsonFault::syntax(&error))?;
    let Some(records) = body.records else {
        let own = ProfileRecord { customer_id: body.customer_id, attributes: body.attributes };
        let given = !matches!((&own.customer_id, &own.attributes), (Text::Absent, Block::Absent));
        return Ok(ProfileRecords::List(given.then_some(Block::Present(own)).into_iter().collect()));
    };
    if !records.get().starts_with('[') {
        return Ok(ProfileRecords::Wrong);
    }
    let list: RecordList<'_> =
        serde_json::from_str(records.get()).map_err(|error| JsonFault::syntax(&error))?;
    Ok(ProfileRecords::List(list.0))
}

struct RecordList<'a>(Vec<Block<ProfileRecord<'a>>>);

impl<'de: 'a, 'a> Deserialize<'de> for RecordList<'a> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_seq(ListVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = RecordList<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
            if list.len() > RECORDS_MAX {
                skip_items(&mut items)?;
                break;
            }
        }
        Ok(RecordList(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(body: &str) -> Vec<String> {
        let ProfileRecords::List(list) = parse_profile(body.as_bytes()).unwrap() else { return vec![] };
        let id = |record: &Block<ProfileRecord<'_>>| {
            record.present().and_then(|record| record.customer_id.filled()).unwrap_or("-").to_owned()
        };
        list.iter().map(id).collect()
    }

    #[test]
    fn both_shapes_are_read_in_either_spelling() {
        assert_eq!(ids(r#"{"Records":[{"customerId":"1","Attributes":{}},{"customerid":2}]}"#), ["1", "2"]);
        assert_eq!(ids(r#"{"customerId":"1","attributes":{"name":"x"}}"#), ["1"]);
        assert_eq!(ids(r#"{"records":[7,null,{"customerId":{}}]}"#), ["-", "-", "-"]);
        assert_eq!(ids("{}"), Vec::<String>::new());
        assert!(matches!(parse_profile(br#"{"Records":{}}"#), Ok(ProfileRecords::Wrong)));
    }

    #[test]
    fn no_more_than_one_record_too_many_is_kept() {
        let many = vec![r#"{"customerId":"1"}"#; 5_000].join(",");
        assert_eq!(ids(&format!("{{\"Records\":[{many}]}}")).len(), RECORDS_MAX + 1);
    }
}
