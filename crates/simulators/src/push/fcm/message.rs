//! The form of a message, as the reference of `projects.messages` has it.

use serde_json::{Map, Value};

/// Keys and values of notification and data together.
const PAYLOAD_BYTES_MAX: usize = 4_096;
/// Four weeks.
const TTL_SECS_MAX: f64 = 2_419_200.0;

const MESSAGE_FIELDS: [&str; 10] = [
    "name",
    "data",
    "notification",
    "android",
    "webpush",
    "apns",
    "fcm_options",
    "token",
    "topic",
    "condition",
];
const NOTIFICATION_FIELDS: [&str; 3] = ["title", "body", "image"];
const ANDROID_FIELDS: [&str; 8] = [
    "collapse_key",
    "priority",
    "ttl",
    "restricted_package_name",
    "data",
    "notification",
    "fcm_options",
    "direct_boot_ok",
];
const ANDROID_NOTIFICATION_FIELDS: [&str; 9] =
    ["title", "body", "icon", "color", "sound", "tag", "click_action", "channel_id", "image"];

/// What is wrong with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) field: Option<String>,
    pub(super) text: String,
}

impl Wrong {
    fn at(field: &str, text: &str) -> Self {
        Self { field: Some(field.to_owned()), text: text.to_owned() }
    }

    fn of(text: &str) -> Self {
        Self { field: None, text: text.to_owned() }
    }
}

pub(super) fn check(body: &[u8]) -> Result<(), Wrong> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|_| Wrong::of("Invalid JSON payload received. Unexpected token."))?;
    let request = fields("", &body, &["message", "validate_only"])?;
    let Some(message) = request.get("message") else {
        return Err(Wrong::at("message", "Message is missing."));
    };
    let message = fields("message", message, &MESSAGE_FIELDS)?;
    let targets = ["token", "topic", "condition"];
    if targets.iter().filter(|target| message.contains_key(**target)).count() != 1 {
        return Err(Wrong::at("message", "Recipient of the message is not set."));
    }
    token(message.get("token"))?;
    data(message.get("data"))?;
    if let Some(notification) = message.get("notification") {
        texts("message.notification", notification, &NOTIFICATION_FIELDS)?;
    }
    android(message.get("android"))?;
    let size = |part: &str| message.get(part).map_or(0, payload_bytes);
    if size("data") + size("notification") > PAYLOAD_BYTES_MAX {
        return Err(Wrong::of("Android message is too big"));
    }
    Ok(())
}

fn token(token: Option<&Value>) -> Result<(), Wrong> {
    let Some(token) = token else { return Ok(()) };
    let is_word = |token: &str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if token.as_str().is_some_and(is_word) {
        return Ok(());
    }
    Err(Wrong::of("The registration token is not a valid FCM registration token"))
}

fn data(data: Option<&Value>) -> Result<(), Wrong> {
    let Some(data) = data else { return Ok(()) };
    let Some(data) = data.as_object() else {
        return Err(Wrong::at("message.data", "Invalid value at 'message.data' (Map)"));
    };
    for (key, value) in data {
        let is_reserved =
            key == "from" || key == "message_type" || key.starts_with("google") || key.starts_with("gcm");
        if is_reserved {
            return Err(Wrong::at("message.data", &format!("Invalid data payload key: {key}")));
        }
        if !value.is_string() {
            let text = format!("Invalid value at 'message.data[0].value' (TYPE_STRING), {value}");
            return Err(Wrong::at("message.data[0].value", &text));
        }
    }
    Ok(())
}

fn android(android: Option<&Value>) -> Result<(), Wrong> {
    let Some(android) = android else { return Ok(()) };
    let android = fields("message.android", android, &ANDROID_FIELDS)?;
    if let Some(ttl) = android.get("ttl")
        && !ttl.as_str().is_some_and(is_duration)
    {
        return Err(Wrong::at("message.android.ttl", "Invalid ttl value"));
    }
    if let Some(priority) = android.get("priority")
        && !["NORMAL", "HIGH"].iter().any(|known| priority == known)
    {
        return Err(Wrong::at("message.android.priority", "Invalid value (AndroidMessagePriority)"));
    }
    if android.get("collapse_key").is_some_and(|key| !key.is_string()) {
        return Err(Wrong::at("message.android.collapse_key", "Invalid value (TYPE_STRING)"));
    }
    match android.get("notification") {
        Some(notification) => {
            texts("message.android.notification", notification, &ANDROID_NOTIFICATION_FIELDS)
        }
        None => Ok(()),
    }
}

/// `3.5s`: seconds with at most nine digits behind the point.
fn is_duration(text: &str) -> bool {
    let Some(number) = text.strip_suffix('s') else { return false };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && digits(part)
        && part.len() <= 9
        && number.parse::<f64>().is_ok_and(|secs| secs <= TTL_SECS_MAX)
}

fn fields<'a>(name: &str, value: &'a Value, known: &[&str]) -> Result<&'a Map<String, Value>, Wrong> {
    let Some(object) = value.as_object() else {
        return Err(Wrong::at(name, &format!("Invalid value at '{name}'")));
    };
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(object),
        Some(key) => Err(Wrong::at(
            name,
            &format!("Invalid JSON payload received. Unknown name \"{key}\" at '{name}': Cannot find field."),
        )),
    }
}

fn texts(name: &str, value: &Value, known: &[&str]) -> Result<(), Wrong> {
    let object = fields(name, value, known)?;
    match object.iter().find(|(_, value)| !value.is_string()) {
        None => Ok(()),
        Some((key, value)) => {
            let field = format!("{name}.{key}");
            Err(Wrong::at(&field, &format!("Invalid value at '{field}' (TYPE_STRING), {value}")))
        }
    }
}

/// Keys and values, which is what FCM counts.
fn payload_bytes(part: &Value) -> usize {
    let pairs = part.as_object().into_iter().flatten();
    pairs.map(|(key, value)| key.len() + value.as_str().map_or(0, str::len)).sum()
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
