//! What a device receives: the incoming JSON of spec 8.4.

use serde_json::{Map, Value, json};
use waypost_core::time::{Micros, rfc3339_utc};

use super::ids::ClientId;

/// Members of an attachment that a device gets as they are.
const MEDIA: [&str; 10] = [
    "contentType",
    "file",
    "preview",
    "size",
    "duration",
    "latitude",
    "longitude",
    "templateType",
    "templateId",
    "payload",
];

/// The JSON of a message to a device, of its `channels.appmessaging` block. A typing indicator says no more than that.
#[must_use]
pub fn payload(client: &ClientId, tid: &str, block: &Value, now: Micros) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    put("appId", json!(client.app_id));
    put("userId", json!(client.user_id));
    put("deviceId", json!(client.device_id));
    put("clientId", json!(client.to_string()));
    put("tid", json!(tid));
    put("channel", json!("rt"));
    put("created_on", json!(rfc3339_utc(now)));
    put("ts", json!(now.as_ms().to_string()));
    if let Some(thread) = block.get("thread_id") {
        put("thread", json!({ "id": thread }));
    }
    if let Some(topic) = block.get("topic").or_else(|| block.get("streamname")) {
        put("topic", topic.clone());
    }
    if let Some(indicator) = typing(block) {
        put("payload_type", json!(indicator));
        return Value::Object(out);
    }
    put("message", content(block, "text").cloned().unwrap_or_else(|| json!("")));
    if let Some(priority) = block.get("priority") {
        put("priority", priority.clone());
    }
    if let Some(attachment) = content(block, "attachment") {
        put("media", json!([media(attachment)]));
    }
    for name in ["quickreplies", "extras"] {
        if let Some(value) = content(block, name) {
            put(name, value.clone());
        }
    }
    Value::Object(out)
}

/// `typingStart` or `typingStop`, where the block is no more than that.
pub(super) fn typing(block: &Value) -> Option<&str> {
    block.get("type").and_then(Value::as_str)
}

/// A member of `message`, or beside it in the older shape.
fn content<'a>(block: &'a Value, name: &str) -> Option<&'a Value> {
    block.get("message").and_then(|message| message.get(name)).or_else(|| block.get(name))
}

/// An attachment as an element of `media`.
fn media(attachment: &Value) -> Value {
    let mut out = Map::new();
    for name in MEDIA {
        if let Some(value) = attachment.get(name) {
            out.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(id) = attachment.get("mediaid").or_else(|| attachment.get("mediaId")) {
        out.insert("mediaId".to_owned(), id.clone());
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(block: &Value) -> Value {
        let client = ClientId::parse("MU1/ann/d1").unwrap();
        payload(&client, "t-1", block, Micros(1_600_000_000_123_000))
    }

    #[test]
    fn a_text_comes_with_the_ids_by_which_the_device_answers() {
        let block =
            json!({"message": {"text": "Hi", "extras": {"a": "1"}}, "thread_id": "T1", "priority": 2});
        let expected = json!({
            "appId": "MU1", "userId": "ann", "deviceId": "d1", "clientId": "MU1/ann/d1", "tid": "t-1", "channel": "rt",
            "created_on": "2020-09-13T12:26:40.123Z", "ts": "1600000000123", "thread": {"id": "T1"}, "message": "Hi",
            "priority": 2, "extras": {"a": "1"}
        });
        assert_eq!(of(&block), expected);
    }

    #[test]
    fn the_older_shape_and_attachments_are_the_same_to_the_device() {
        let replies = json!({"reference": "r", "options": [{"identifier": "1", "title": "Yes"}]});
        let block = json!({
            "text": "Hi", "topic": "news", "quickreplies": replies,
            "attachment": {"contentType": "image", "file": "https://a.example/x.png", "mediaid": "M1", "other": 1}
        });
        let read = of(&block);
        assert_eq!(read["message"], "Hi");
        assert_eq!(read["topic"], "news");
        assert_eq!(read["quickreplies"], replies);
        let media = json!([{"contentType": "image", "file": "https://a.example/x.png", "mediaId": "M1"}]);
        assert_eq!(read["media"], media);
    }

    #[test]
    fn a_typing_indicator_has_no_text() {
        let read = of(&json!({"type": "typingStart", "message": {"text": "x"}}));
        assert_eq!(read["payload_type"], "typingStart");
        assert_eq!(read.get("message"), None);
    }
}
