//! One spelling of what was accepted, so that the ledger and the connectors read one.
//!
//! * aliases become the documented names;
//! * the older shape of rt becomes the newer one;
//! * of several contents of a call the one that counts is kept;
//! * a number where a text belongs becomes a text, and a text where a number belongs a number.
//!
//! What is the client's own (`customtags`, the extras of an in-app message) keeps its members; custom tags are texts.

use serde_json::{Map, Value};
use waypost_core::channel::Channel;

use super::buttons::canonical_action;
use super::push::PLATFORM_TYPES;
use super::{rt, voice};

/// Members that are read as texts.
const TEXTS: [&str; 36] = [
    "actiontext",
    "badge",
    "callflowid",
    "city",
    "cli",
    "collapse_key",
    "content_type",
    "country",
    "currency",
    "description",
    "id",
    "identifier",
    "label",
    "media",
    "mediaid",
    "metadata",
    "name",
    "notificationChannelId",
    "order_number",
    "payload",
    "payment_method",
    "postal_code",
    "promptid",
    "pushref",
    "recipient_name",
    "reference",
    "sound",
    "state",
    "street_1",
    "street_2",
    "streamname",
    "subtitle",
    "text",
    "thread_id",
    "title",
    "topic",
];
/// Members that are read as whole numbers.
const NUMBERS: [&str; 3] = ["pos", "priority", "time_to_live"];

/// Brings a checked block to one spelling.
pub(super) fn spell(channel: Channel, block: &mut Value) {
    let Value::Object(members) = block else { return };
    match channel {
        Channel::Voice => one_content(members),
        Channel::Push => {
            if let Some(Value::Object(web)) = members.get_mut("web") {
                rename(web, PLATFORM_TYPES[1], PLATFORM_TYPES[0]);
            }
            actions(members.get_mut("interactive"));
        }
        Channel::Rt => {
            into_message(members);
            actions(
                members.get_mut("notification").and_then(|notification| notification.get_mut("interactive")),
            );
        }
        _ => {}
    }
    kinds(members, channel == Channel::Rt);
}

/// Gives a member its documented name, unless that is there.
fn rename(members: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = members.remove(from)
        && members.get(to).is_none_or(Value::is_null)
    {
        members.insert(to.to_owned(), value);
    }
}

fn one_content(members: &mut Map<String, Value>) {
    let said = |value: &Value| !value.is_null() && value.as_str() != Some("");
    let first = voice::CONTENT.into_iter().find(|name| members.get(*name).is_some_and(said));
    members.retain(|name, _| Some(name.as_str()) == first || !voice::CONTENT.contains(&name.as_str()));
}

/// Moves what older bodies have beside `message` into it.
fn into_message(members: &mut Map<String, Value>) {
    let moved: Vec<_> =
        rt::CONTENT.into_iter().filter_map(|name| Some((name, members.remove(name)?))).collect();
    if moved.is_empty() {
        return;
    }
    let message = members.entry("message").or_insert_with(|| Value::Object(Map::new()));
    if message.is_null() {
        *message = Value::Object(Map::new());
    }
    if let Value::Object(message) = message {
        for (name, value) in moved {
            if message.get(name).is_none_or(Value::is_null) {
                message.insert(name.to_owned(), value);
            }
        }
    }
}

fn actions(interactive: Option<&mut Value>) {
    let given = interactive.and_then(|block| block.get_mut("actions")).and_then(Value::as_array_mut);
    for action in given.into_iter().flatten() {
        if let Some(Value::String(name)) = action.get_mut("action") {
            let canonical = canonical_action(name).to_owned();
            *name = canonical;
        }
    }
}

/// Texts where texts belong, numbers where numbers do. `free_extras`: the members of `extras` are the client's own. The
/// depth of a body is bounded before.
fn kinds(members: &mut Map<String, Value>, free_extras: bool) {
    for (name, value) in members.iter_mut() {
        match value {
            Value::Object(tags) if name == "customtags" => {
                tags.retain(|_, tag| !tag.is_null());
                tags.values_mut().for_each(as_text);
            }
            Value::Object(_) if free_extras && name == "extras" => {}
            Value::Object(inner) => kinds(inner, free_extras),
            Value::Array(items) => {
                items.iter_mut().filter_map(Value::as_object_mut).for_each(|item| kinds(item, free_extras));
            }
            Value::Number(_) if TEXTS.contains(&name.as_str()) => as_text(value),
            Value::String(text) if NUMBERS.contains(&name.as_str()) => {
                if let Ok(number) = text.parse::<i64>() {
                    *value = number.into();
                }
            }
            _ => {}
        }
    }
}

fn as_text(value: &mut Value) {
    if let Value::Number(_) | Value::Bool(_) = value {
        *value = Value::String(value.to_string());
    }
}
