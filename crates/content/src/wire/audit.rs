//! An audit as it comes in (spec 4.2).

use super::envelope::Envelope;
use super::json::Json;
use super::push::{OBJECTS_MAX, Refused};
use super::schema::Faults;
use super::shape::is_code;
use crate::kind::Kind;

/// An audit whose fields are good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Echoed in the answer.
    pub message_id: String,
    /// What is asked for.
    pub kind: Kind,
    /// Of which property.
    pub property: String,
    /// Only these codes; empty for all.
    pub codes: Vec<String>,
}

/// Reads an audit.
///
/// # Errors
/// [`Refused`] with every violation.
pub fn read(kind: Kind, message: Json) -> Result<Audit, Refused> {
    let mut faults = Faults::default();
    let envelope = Envelope::open(message, &mut faults);
    let property = envelope.code("propertyCode", &mut faults);
    let codes = kind.filter_key().map_or_else(Vec::new, |key| codes(&envelope.message, key, &mut faults));
    let message_id = envelope.message_id;
    if faults.found.is_empty() {
        Ok(Audit { message_id, kind, property, codes })
    } else {
        Err(Refused { message_id, property, refusals: faults.found })
    }
}

fn codes(message: &Json, key: &str, faults: &mut Faults) -> Vec<String> {
    let list = match message.given(key) {
        None => return Vec::new(),
        Some(value) => value.list().filter(|list| list.len() <= OBJECTS_MAX),
    };
    let Some(list) = list else {
        faults.invalid(key, "an array of codes, or null for all");
        return Vec::new();
    };
    let mut codes = Vec::with_capacity(list.len());
    for (place, value) in list.iter().enumerate() {
        match value.text().filter(|code| is_code(code)) {
            Some(code) if codes.iter().any(|own| own == code) => {}
            Some(code) => codes.push(code.to_owned()),
            None => faults.invalid(&format!("{key}[{place}]"), "a code"),
        }
    }
    codes
}
