//! A topic, and users, as a body gives them.

use serde_json::{Map, Value};

use crate::rt::api::body as body_rules;
use crate::rt::api::fault::Fault;
use crate::rt::topics::{NewTopic, USERS_MAX};

/// Longest name, reference and group, characters.
const NAME_CHARS_MAX: usize = 256;
/// Longest description, characters.
const DESCRIPTION_CHARS_MAX: usize = 1_024;
const _: () = assert!(USERS_MAX == 1_000, "the rule below says so");

/// A topic to be made; `name` and `description` are mandatory.
pub(super) fn new(members: &Map<String, Value>) -> Result<NewTopic, Fault> {
    let description = body_rules::text(members, "description")?.ok_or(Fault::Missing("description"))?;
    if description.chars().count() > DESCRIPTION_CHARS_MAX {
        return Err(Fault::Invalid("description", "at most 1024 characters"));
    }
    Ok(NewTopic {
        name: short(members, "name")?.ok_or(Fault::Missing("name"))?,
        reference: short(members, "ref")?,
        group: short(members, "topic_group")?,
        description: description.to_owned(),
    })
}

fn short(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, Fault> {
    let text = body_rules::text(members, name)?;
    if text.is_some_and(|text| text.chars().count() > NAME_CHARS_MAX) {
        return Err(Fault::Invalid(name, "at most 256 characters"));
    }
    Ok(text.map(str::to_owned))
}

/// User ids, an array of texts.
pub(super) fn users(body: &Value) -> Result<Vec<String>, Fault> {
    const RULE: Fault = Fault::Invalid("body", "an array of 1 to 1000 user ids");
    let Value::Array(list) = body else { return Err(RULE) };
    if list.is_empty() || list.len() > USERS_MAX {
        return Err(RULE);
    }
    let id = |user: &Value| {
        let user = user.as_str().ok_or(RULE)?;
        body_rules::is_user(user).map(|()| user.to_owned())
    };
    list.iter().map(id).collect()
}
