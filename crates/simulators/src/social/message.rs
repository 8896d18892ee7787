//! What the Send API wants of a message.

use serde_json::Value;

use super::template;

/// What is wrong: number, second number, words.
pub(super) type Fault = (i64, Option<i64>, String);

const TEXT_CHARS_MAX: usize = 2_000;
const QUICK_REPLIES_MAX: usize = 13;
const QUICK_REPLY_TITLE_CHARS_MAX: usize = 20;
const PAYLOAD_CHARS_MAX: usize = 1_000;
/// The tags that are left.
const TAGS: [&str; 4] = ["CONFIRMED_EVENT_UPDATE", "POST_PURCHASE_UPDATE", "ACCOUNT_UPDATE", "HUMAN_AGENT"];

pub(super) fn param(words: impl Into<String>) -> Fault {
    (100, None, words.into())
}

/// Checks a whole body.
pub(super) fn check(body: &Value) -> Result<(), Fault> {
    let recipient = text(body.pointer("/recipient/id"));
    if recipient.is_none_or(|id| id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err((100, Some(2_018_001), "No matching user found".to_owned()));
    }
    if let Some(action) = body.get("sender_action") {
        if body.get("message").is_some() {
            return Err(param("Cannot send both message and state at the same time"));
        }
        return one_of("sender_action", Some(action), &["mark_seen", "typing_on", "typing_off"]);
    }
    one_of("messaging_type", body.get("messaging_type"), &["RESPONSE", "UPDATE", "MESSAGE_TAG"])?;
    check_tag(body)?;
    if let Some(kind) = body.get("notification_type") {
        one_of("notification_type", Some(kind), &["REGULAR", "SILENT_PUSH", "NO_PUSH"])?;
    }
    check_message(body.get("message").ok_or_else(|| param("param message is required"))?)
}

fn check_tag(body: &Value) -> Result<(), Fault> {
    let is_tagged = text(body.get("messaging_type")) == Some("MESSAGE_TAG");
    match text(body.get("tag")) {
        None if is_tagged => Err(param("param tag is required")),
        Some(tag) if !TAGS.contains(&tag) => {
            Err((100, Some(2_018_336), format!("Message tag {tag} is not valid")))
        }
        _ => Ok(()),
    }
}

fn check_message(message: &Value) -> Result<(), Fault> {
    match (text(message.get("text")), message.get("attachment")) {
        (Some(_), Some(_)) => return Err(param("text and attachment exclude each other")),
        (Some(""), None) | (None, None) => {
            return Err((100, Some(2_018_034), "Message cannot be empty".to_owned()));
        }
        (Some(text), None) if text.chars().count() > TEXT_CHARS_MAX => {
            return Err((100, Some(2_018_007), "Length of param message[text] is over 2000".to_owned()));
        }
        (Some(_), None) => {}
        (None, Some(attachment)) => template::check(attachment)?,
    }
    match message.get("quick_replies") {
        None => Ok(()),
        Some(replies) => check_quick_replies(replies),
    }
}

fn check_quick_replies(replies: &Value) -> Result<(), Fault> {
    let replies = replies.as_array().ok_or_else(|| param("param quick_replies must be an array"))?;
    if replies.is_empty() || replies.len() > QUICK_REPLIES_MAX {
        return Err(param("param quick_replies has 1 to 13 elements"));
    }
    for reply in replies {
        let kinds = ["text", "user_phone_number", "user_email"];
        one_of("quick_replies[content_type]", reply.get("content_type"), &kinds)?;
        if text(reply.get("content_type")) == Some("text") {
            bounded("quick_replies[title]", reply.get("title"), QUICK_REPLY_TITLE_CHARS_MAX)?;
            bounded("quick_replies[payload]", reply.get("payload"), PAYLOAD_CHARS_MAX)?;
        }
    }
    Ok(())
}

/// A mandatory text of bounded length.
pub(super) fn bounded(name: &str, value: Option<&Value>, chars_max: usize) -> Result<(), Fault> {
    match text(value).map(|text| text.chars().count()) {
        None | Some(0) => Err(param(format!("param {name} is required"))),
        Some(chars) if chars > chars_max => {
            Err(param(format!("Length of param {name} must be less than or equal to {chars_max}")))
        }
        Some(_) => Ok(()),
    }
}

pub(super) fn one_of(name: &str, value: Option<&Value>, words: &[&str]) -> Result<(), Fault> {
    match text(value) {
        Some(word) if words.contains(&word) => Ok(()),
        _ => Err(param(format!("Param {name} must be one of {words:?}"))),
    }
}

pub(super) fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}
