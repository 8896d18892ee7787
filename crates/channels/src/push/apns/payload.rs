//! The payload and what goes with it.

use serde_json::{Map, Value, json};
use waypost_core::time::Micros;

use super::super::content::{Content, TimeToLive};
use super::super::refusal::refused;
use crate::connector::{Handed, Outgoing};

/// 30 days (spec 3.6).
const TIME_TO_LIVE: TimeToLive = TimeToLive { secs_max: 2_592_000, code: 7511 };
const PAYLOAD_BYTES_MAX: usize = 4_096;
/// APNs takes no longer `apns-collapse-id`.
const COLLAPSE_BYTES_MAX: usize = 64;

/// One notification.
#[derive(Debug)]
pub(super) struct Push {
    pub(super) body: String,
    /// Unix seconds after which APNs gives up; 0: it tries once.
    pub(super) expiration: i64,
    pub(super) collapse_id: Option<String>,
}

pub(super) fn push(outgoing: &Outgoing, now: Micros) -> Result<Push, Handed> {
    let content = Content::of(&outgoing.block, "ios")?;
    let ttl = content.time_to_live(TIME_TO_LIVE, outgoing, now)?;
    let body = body(&content, outgoing).to_string();
    if body.len() > PAYLOAD_BYTES_MAX {
        let detail = format!("the payload has {} bytes, {PAYLOAD_BYTES_MAX} are allowed", body.len());
        return Err(refused(7510, detail));
    }
    let expiration = if ttl == 0 { 0 } else { now.as_secs() + ttl };
    Ok(Push { body, expiration, collapse_id: content.extra_text("collapse_key").map(collapse_id) })
}

fn body(content: &Content<'_>, outgoing: &Outgoing) -> Value {
    let mut payload = Map::new();
    payload.insert("aps".to_owned(), aps(content));
    payload.insert("tid".to_owned(), outgoing.tid.clone().into());
    payload.insert("appId".to_owned(), outgoing.account.app_id.clone().into());
    let extras = content.extras();
    if !extras.is_empty() {
        payload.insert("extras".to_owned(), Value::Object(extras));
    }
    if let Some(interactive) = content.interactive() {
        payload.insert("interactive".to_owned(), interactive);
    }
    Value::Object(payload)
}

fn aps(content: &Content<'_>) -> Value {
    let mut alert = json!({"body": content.body()});
    if let Some(title) = content.title() {
        alert["title"] = title.into();
    }
    let mut aps = json!({"alert": alert});
    let badge = content.extra("badge").and_then(|badge| match badge {
        Value::String(text) => text.trim().parse::<u64>().ok(),
        other => other.as_u64(),
    });
    if let Some(badge) = badge {
        aps["badge"] = badge.into();
    }
    if let Some(sound) = content.extra_text("sound") {
        aps["sound"] = sound.into();
    }
    if let Some(category) = content.category() {
        aps["category"] = category.into();
    }
    // A picture is fetched by the app's extension, which runs only for a notification that may be changed.
    if content.extra("attachmenturl").is_some() {
        aps["mutable-content"] = 1.into();
    }
    aps
}

/// The key itself when APNs takes it, else its hash: equal keys stay equal.
fn collapse_id(key: &str) -> String {
    if key.len() <= COLLAPSE_BYTES_MAX && key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return key.to_owned();
    }
    super::super::web::short_name(key)
}

#[cfg(test)]
#[path = "payload_tests.rs"]
mod tests;
