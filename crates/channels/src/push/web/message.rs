//! What the browser's service worker gets, and what goes with it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use waypost_core::time::Micros;

use super::super::content::{Content, TimeToLive};
use super::super::refusal::refused;
use crate::connector::{AddressKind, Handed, Outgoing};

/// 28 days (spec 3.6, which also prints 51,840,000: no push service keeps anything for so long).
const TIME_TO_LIVE: TimeToLive = TimeToLive { secs_max: 2_419_200, code: 7506 };
/// Characters of a `topic` (RFC 8030, section 5.4).
const TOPIC_CHARS_MAX: usize = 32;

/// One notification.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) plaintext: String,
    pub(super) ttl: i64,
    pub(super) topic: Option<String>,
}

pub(super) fn message(outgoing: &Outgoing, now: Micros) -> Result<Message, Handed> {
    let content = Content::of(&outgoing.block, "web")?;
    check_browser(&outgoing.block, outgoing.address.kind)?;
    let ttl = content.time_to_live(TIME_TO_LIVE, outgoing, now)?;
    let plaintext = body(&content, outgoing).to_string();
    let topic = content.extra_text("collapse_key").map(topic);
    Ok(Message { plaintext, ttl, topic })
}

/// The form of spec 8.2: `extras` is a JSON text.
fn body(content: &Content<'_>, outgoing: &Outgoing) -> Value {
    let mut extras = content.extras();
    for (key, from) in [("url", "url"), ("actiontext", "actiontext")] {
        if let Some(value) = content.text(from) {
            extras.insert(key.to_owned(), value.into());
        }
    }
    let mut body = json!({
        "alert": content.body(), "tid": outgoing.tid, "appId": outgoing.account.app_id,
    });
    if let Some(title) = content.title() {
        body["title"] = title.into();
    }
    if let Some(key) = content.extra_text("collapse_key") {
        body["collapse_key"] = key.into();
    }
    if !extras.is_empty() {
        body["extras"] = Value::Object(extras).to_string().into();
    }
    body
}

/// Whether the message is for this browser: `platform_types`, also in the page's own spelling; without it, for all.
fn check_browser(push: &Value, kind: AddressKind) -> Result<(), Handed> {
    let browser = match kind {
        AddressKind::ChromePush => "chrome",
        AddressKind::FirefoxPush => "firefox",
        AddressKind::SafariPush => "safari",
        _ => return Err(refused(7102, format!("{} is no browser's", kind.id_key()))),
    };
    let web = &push["web"];
    let types = ["platform_types", "platorm_types"].into_iter().find_map(|key| web.get(key));
    let wanted = match types {
        Some(Value::Array(types)) => types.iter().any(|kind| is_browser(kind, browser)),
        Some(Value::Null) | None => true,
        Some(one) => is_browser(one, browser),
    };
    if wanted {
        return Ok(());
    }
    Err(refused(7112, format!("the message's platform_types leave {browser} out")))
}

fn is_browser(value: &Value, browser: &str) -> bool {
    value.as_str().is_some_and(|value| value.eq_ignore_ascii_case(browser))
}

/// The key itself when it may be a topic, else its hash: equal keys stay equal.
fn topic(key: &str) -> String {
    let is_char = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if key.len() <= TOPIC_CHARS_MAX && key.bytes().all(is_char) {
        return key.to_owned();
    }
    short_name(key)
}

/// Thirty-two characters that stand for a name of any length.
pub(in super::super) fn short_name(name: &str) -> String {
    let hash = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, name.as_bytes()));
    hash.chars().take(TOPIC_CHARS_MAX).collect()
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
