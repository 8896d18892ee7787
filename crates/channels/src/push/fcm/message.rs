//! The message as FCM takes it.

use serde_json::{Map, Value, json};
use waypost_core::time::Micros;

use super::super::content::{Content, TimeToLive};
use super::super::refusal::refused;
use crate::connector::{Handed, Outgoing};

/// 28 days (spec 3.6).
const TIME_TO_LIVE: TimeToLive = TimeToLive { secs_max: 2_419_200, code: 7506 };
/// Notification and data together (spec 3.6).
const PAYLOAD_BYTES_MAX: usize = 4_096;
/// From this priority of 1 to 5 on the device is woken.
const HIGH_FROM: i64 = 4;

/// The body of the request.
pub(super) fn body(outgoing: &Outgoing, data_only: bool, now: Micros) -> Result<String, Handed> {
    let content = Content::of(&outgoing.block, "android")?;
    let ttl = content.time_to_live(TIME_TO_LIVE, outgoing, now)?;
    // Buttons are drawn by the app: a notification that FCM draws by itself has none.
    let drawn_by_app = data_only || content.interactive().is_some();
    let notification = (!drawn_by_app).then(|| notification(&content));
    let data = data(&content, outgoing, drawn_by_app);
    let size = [notification.as_ref(), Some(&data)].into_iter().flatten().map(|part| part.to_string().len());
    if size.sum::<usize>() > PAYLOAD_BYTES_MAX {
        return Err(refused(7505, format!("notification and data are above {PAYLOAD_BYTES_MAX} bytes")));
    }
    let mut message = json!({
        "token": outgoing.address.value, "data": data, "android": android(&content, ttl, !drawn_by_app),
    });
    if let Some(notification) = notification {
        message["notification"] = notification;
    }
    Ok(json!({"message": message}).to_string())
}

fn notification(content: &Content<'_>) -> Value {
    let mut notification = json!({"body": content.body()});
    if let Some(title) = content.title() {
        notification["title"] = title.into();
    }
    if let Some(image) = content.image() {
        notification["image"] = image.into();
    }
    notification
}

/// Every value is a text, as FCM wants it.
fn data(content: &Content<'_>, outgoing: &Outgoing, drawn_by_app: bool) -> Value {
    let mut data = Map::new();
    let mut put = |key: &str, value: String| data.insert(key.to_owned(), Value::String(value));
    put("tid", outgoing.tid.clone());
    put("appId", outgoing.account.app_id.clone());
    if drawn_by_app {
        put("alert", content.body().to_owned());
        if let Some(title) = content.title() {
            put("title", title.to_owned());
        }
    }
    let extras = content.extras();
    if !extras.is_empty() {
        put("extras", Value::Object(extras).to_string());
    }
    if let Some(interactive) = content.interactive() {
        put("interactive", interactive.to_string());
    }
    Value::Object(data)
}

fn android(content: &Content<'_>, ttl: i64, has_notification: bool) -> Value {
    let mut android = json!({"ttl": format!("{ttl}s")});
    if let Some(key) = content.extra_text("collapse_key") {
        android["collapse_key"] = key.into();
    }
    if let Some(priority) = content.number("priority") {
        android["priority"] = if priority >= HIGH_FROM { "HIGH" } else { "NORMAL" }.into();
    }
    let channel = content.extra_text("notificationChannelId");
    if let (true, Some(channel)) = (has_notification, channel) {
        android["notification"] = json!({"channel_id": channel});
    }
    android
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
