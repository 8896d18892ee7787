//! A thread as a body gives it.

use serde_json::{Map, Value};

use crate::rt::api::body;
use crate::rt::api::fault::Fault;
use crate::rt::inbox::{Kind, NewThread, Standing, ThreadChange};

/// Longest title, category, own id and reason, characters.
const TEXT_CHARS_MAX: usize = 256;
/// Longest `extras`, bytes of JSON.
const EXTRAS_BYTES_MAX: usize = 4_096;

/// A thread to be made; `type` is mandatory.
pub(super) fn new(members: &Map<String, Value>) -> Result<NewThread, Fault> {
    let word = body::text(members, "type")?.ok_or(Fault::Missing("type"))?;
    Ok(NewThread {
        kind: Kind::parse(word).ok_or(Fault::Invalid("type", "Conversation or Announcement"))?,
        external_id: short(members, "externalid")?,
        title: short(members, "title")?,
        category: short(members, "category")?,
        extras: extras(members)?,
    })
}

/// A change; at least one member.
pub(super) fn change(members: &Map<String, Value>) -> Result<ThreadChange, Fault> {
    let standing = match body::text(members, "status")? {
        None => None,
        Some(word) => Some(Standing::parse(word).ok_or(Fault::Invalid("status", "Active or Closed"))?),
    };
    let change = ThreadChange {
        external_id: short(members, "externalid")?,
        title: short(members, "title")?,
        category: short(members, "category")?,
        extras: extras(members)?,
        standing,
        reason: short(members, "reasonForStatusChange")?,
    };
    if change == ThreadChange::default() { Err(Fault::Missing("status")) } else { Ok(change) }
}

fn short(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, Fault> {
    let text = body::text(members, name)?;
    if text.is_some_and(|text| text.chars().count() > TEXT_CHARS_MAX) {
        return Err(Fault::Invalid(name, "at most 256 characters"));
    }
    Ok(text.map(str::to_owned))
}

fn extras(members: &Map<String, Value>) -> Result<Option<String>, Fault> {
    let Some(extras) = members.get("extras").filter(|extras| !extras.is_null()) else { return Ok(None) };
    let text = extras.to_string();
    if !extras.is_object() || text.len() > EXTRAS_BYTES_MAX {
        return Err(Fault::Invalid("extras", "an object of at most 4096 bytes of JSON"));
    }
    Ok(Some(text))
}
