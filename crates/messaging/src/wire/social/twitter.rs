//! The webhook of X: the activity of an account.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Happening, Said, SaidEvent, id, kept};

#[derive(Deserialize)]
struct Body {
    for_user_id: String,
    #[serde(default)]
    direct_message_events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    message_create: Option<Create>,
}

#[derive(Deserialize)]
struct Create {
    sender_id: String,
    message_data: Data,
}

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    text: String,
    attachment: Option<Value>,
    quick_reply_response: Option<Response>,
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    metadata: String,
}

/// Reads a body; `None` when it is not what X sends. Activity of another account than `user_id`, what the account said
/// itself and kinds of activity that mean nothing here are passed over. X tells who has read what, which the contract
/// does not have on this channel.
#[must_use]
pub fn read(body: &[u8], user_id: Option<&str>) -> Option<Vec<Happening>> {
    let body: Body = serde_json::from_slice(body).ok()?;
    if user_id.is_some_and(|user| user != body.for_user_id) {
        return Some(Vec::new());
    }
    let own = body.for_user_id;
    Some(body.direct_message_events.into_iter().filter_map(|event| happening(event, &own)).collect())
}

fn happening(event: Event, own: &str) -> Option<Happening> {
    let message = event.message_create.filter(|_| event.kind == "message_create")?;
    if message.sender_id == own {
        return None;
    }
    let attachment = message.message_data.attachment.filter(|one| !one.is_null());
    Some(Happening::Said(Said {
        user: id(&message.sender_id)?,
        event: SaidEvent::Mo,
        text: kept(&message.message_data.text),
        attachments: attachment.map(|one| json!([one]).to_string()),
        postback: message.message_data.quick_reply_response.map(|response| kept(&response.metadata)),
        provider_ref: id(&event.id)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(sender: &str, data: &Value) -> Vec<u8> {
        let create = json!({"target": {"recipient_id": "9"}, "sender_id": sender, "message_data": data});
        let event =
            json!({"type": "message_create", "id": "77", "created_timestamp": "1", "message_create": create});
        json!({"for_user_id": "9", "direct_message_events": [event]}).to_string().into_bytes()
    }

    #[test]
    fn a_direct_message_is_read_and_ones_own_is_not() {
        let data = json!({"text": "Hi", "quick_reply_response": {"type": "options", "metadata": "m"},
            "attachment": {"type": "media", "media": {"id": 1}}});
        let said = Said {
            user: "8".into(),
            event: SaidEvent::Mo,
            text: "Hi".into(),
            attachments: Some(r#"[{"media":{"id":1},"type":"media"}]"#.into()),
            postback: Some("m".into()),
            provider_ref: "77".into(),
        };
        assert_eq!(read(&body("8", &data), Some("9")), Some(vec![Happening::Said(said)]));
        assert_eq!(read(&body("9", &data), Some("9")), Some(vec![]));
        assert_eq!(read(&body("8", &data), Some("10")), Some(vec![]));
    }

    #[test]
    fn other_activity_is_passed_over_and_another_body_is_none() {
        let reads =
            json!({"for_user_id": "9", "direct_message_mark_read_events": [{"last_read_event_id": "1"}]});
        assert_eq!(read(reads.to_string().as_bytes(), None), Some(vec![]));
        for body in ["", "[]", "{}", "7"] {
            assert_eq!(read(body.as_bytes(), None), None, "{body}");
        }
    }
}
