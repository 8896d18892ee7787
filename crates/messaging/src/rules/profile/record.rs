//! One record: its id, its attributes, what it must have.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use waypost_store::directory::ProfileAttribute;

use super::attribute::{Mandatory, ValueKind};
use super::fault::RecordFault;
use super::stores::StoreKind;
use super::value::{broken_rule, rule};
use crate::wire::{Block, ProfileRecord, Text};

/// Longest customer id, in bytes.
const CUSTOMER_ID_BYTES_MAX: usize = 128;
/// Longest id of a user, device or account, in bytes.
const IDENT_BYTES_MAX: usize = 256;
/// Longest name of a client's that is repeated in an answer, in characters.
const ECHO_CHARS_MAX: usize = 64;
/// What is added to the row of a tenant's own attribute to make its number of the wire.
const OWN_IDS_FROM: i64 = 100_000;

/// Names and values, by name; an empty value takes the attribute away.
pub type Attributes = BTreeMap<String, String>;

/// What a write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verb {
    /// POST.
    Create,
    /// PUT.
    Update,
    /// DELETE.
    Delete,
}

/// The store a record is for.
#[derive(Clone, Copy, Debug)]
pub struct Schema<'a> {
    /// Which store.
    pub store: StoreKind,
    /// What the tenant has added to the master store.
    pub own: &'a [ProfileAttribute],
    /// Whether a customer needs no number.
    pub msisdn_optional: bool,
}

/// An attribute of a schema.
pub struct Found<'a> {
    /// The number of the wire.
    pub id: i64,
    /// The name of the wire.
    pub name: &'a str,
    kind: ValueKind,
    /// Whether it is kept sealed.
    pub secret: bool,
}

impl<'a> Schema<'a> {
    /// Every attribute, in the order in which they are shown.
    pub fn attributes(&self) -> impl Iterator<Item = Found<'a>> + use<'a> {
        let own = if self.store == StoreKind::Master { self.own } else { &[] };
        let built_in = self.store.attributes().iter().map(|known| Found {
            id: known.id,
            name: known.name,
            kind: known.kind,
            secret: known.secret,
        });
        let own = own.iter().map(|own| Found {
            id: OWN_IDS_FROM + own.id,
            name: &own.name,
            kind: own.kind.into(),
            secret: false,
        });
        built_in.chain(own)
    }

    /// The attribute a client means: by its name, an older name, or its name in another case.
    fn find(&self, name: &str) -> Option<Found<'a>> {
        let alias = self.store.aliases().iter().find(|(old, _)| old.eq_ignore_ascii_case(name));
        let name = alias.map_or(name, |(_, name)| name);
        let mut in_any_case = None;
        for found in self.attributes() {
            if found.name == name {
                return Some(found);
            }
            if in_any_case.is_none() && found.name.eq_ignore_ascii_case(name) {
                in_any_case = Some(found);
            }
        }
        in_any_case
    }
}

/// An id of the path or the query.
///
/// # Errors
/// 7003 without one, 7011 for one that no customer can have.
pub fn check_id(id: &str) -> Result<(), RecordFault> {
    if id.trim().is_empty() {
        return Err(RecordFault::CustomerIdMissing);
    }
    if id.len() > CUSTOMER_ID_BYTES_MAX || id.contains(char::is_control) {
        let rule = format!("a text of at most {CUSTOMER_ID_BYTES_MAX} bytes without control characters");
        return Err(RecordFault::Value { name: "customerId".to_owned(), rule: Cow::Owned(rule) });
    }
    Ok(())
}

/// Checks one record: id, names, what is missing, values, in this order. The id is given back as it was sent, as far as
/// it is one.
pub fn check_record(
    record: &Block<ProfileRecord<'_>>,
    schema: Schema<'_>,
    verb: Verb,
) -> (String, Result<Attributes, RecordFault>) {
    let Some(record) = record.present() else { return (String::new(), Err(RecordFault::CustomerIdMissing)) };
    let id = match &record.customer_id {
        Text::Value(id) => id.as_ref(),
        Text::Absent => return (String::new(), Err(RecordFault::CustomerIdMissing)),
        Text::Wrong => {
            let fault = RecordFault::Value { name: "customerId".to_owned(), rule: "a text".into() };
            return (String::new(), Err(fault));
        }
    };
    if let Err(fault) = check_id(id) {
        return (shortened(id), Err(fault));
    }
    (id.to_owned(), attributes(record, id, schema, verb))
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(ECHO_CHARS_MAX).collect()
}

fn attributes(
    record: &ProfileRecord<'_>,
    id: &str,
    schema: Schema<'_>,
    verb: Verb,
) -> Result<Attributes, RecordFault> {
    let pairs = match &record.attributes {
        Block::Present(pairs) => pairs.0.as_slice(),
        Block::Absent => &[],
        Block::Wrong => {
            let fault = RecordFault::Value { name: "*".to_owned(), rule: "an object of texts".into() };
            return Err(fault);
        }
    };
    let mut known = Vec::with_capacity(pairs.len());
    for (name, value) in pairs {
        let found = schema.find(name).ok_or_else(|| RecordFault::Unknown(shortened(name)))?;
        known.push((found, value));
    }
    let is_filled = |mandatory: &Mandatory| {
        known.iter().any(|(found, value)| {
            found.name == mandatory.name() && value.filled().is_some_and(|text| !text.trim().is_empty())
                || found.name == mandatory.name() && matches!(value, Text::Wrong)
        })
    };
    let mandatory = schema.store.mandatory(verb, schema.msisdn_optional);
    if let Some(missing) = mandatory.iter().find(|mandatory| !is_filled(mandatory)) {
        return Err(RecordFault::Missing(*missing));
    }
    let mut checked = Attributes::new();
    for (found, value) in known {
        let Some(text) = checked_value(&found, value, schema.store)? else { continue };
        if found.name == "customerId" {
            if text != id {
                let rule = "the customerId of its record".into();
                return Err(RecordFault::Value { name: found.name.to_owned(), rule });
            }
            continue;
        }
        checked.insert(found.name.to_owned(), text.to_owned());
    }
    Ok(checked)
}

/// The text of a value that fits; `None` for null.
fn checked_value<'a>(
    found: &Found<'_>,
    value: &'a Text<'_>,
    store: StoreKind,
) -> Result<Option<&'a str>, RecordFault> {
    let bad = |rule: &'static str| RecordFault::Value { name: found.name.to_owned(), rule: rule.into() };
    let text = match value {
        Text::Absent => return Ok(None),
        Text::Wrong => return Err(bad(rule(found.kind))),
        Text::Value(text) => text.as_ref(),
    };
    if text.is_empty() {
        return Ok(Some(text));
    }
    if found.kind == ValueKind::Status && !matches!(text, "0" | "1") {
        return Err(match store {
            StoreKind::Master => RecordFault::RecordStatus,
            _ => RecordFault::StatusNotZeroOrOne,
        });
    }
    let is_ident = found.name == store.ident() || matches!(found.name, "userId" | "deviceId");
    if is_ident && (text.len() > IDENT_BYTES_MAX || text.contains(char::is_control)) {
        return Err(bad("a text of at most 256 bytes without control characters"));
    }
    match broken_rule(found.kind, text) {
        Some(rule) => Err(bad(rule)),
        None => Ok(Some(text)),
    }
}

/// What is stored after a change: absent stays, empty goes (spec 7.4).
pub fn merge(stored: &mut Attributes, change: &Attributes) {
    for (name, value) in change {
        if value.is_empty() {
            stored.remove(name);
        } else {
            stored.insert(name.clone(), value.clone());
        }
    }
}
