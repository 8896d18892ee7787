//! The webhook of Messenger: events of a page.

use serde::Deserialize;
use serde_json::Value;
use waypost_core::time::Micros;

use super::{Happening, Said, SaidEvent, id, kept};

#[derive(Deserialize)]
struct Body {
    object: String,
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    #[serde(default)]
    messaging: Vec<Event>,
}

#[derive(Deserialize)]
struct Party {
    id: String,
}

#[derive(Deserialize)]
struct Event {
    sender: Party,
    #[serde(default)]
    timestamp: i64,
    message: Option<Message>,
    postback: Option<Postback>,
    delivery: Option<Delivery>,
    read: Option<Read>,
}

#[derive(Deserialize)]
struct Message {
    mid: String,
    #[serde(default)]
    is_echo: bool,
    #[serde(default)]
    text: String,
    attachments: Option<Value>,
    quick_reply: Option<Reply>,
}

#[derive(Deserialize)]
struct Reply {
    payload: String,
}

#[derive(Deserialize)]
struct Postback {
    mid: Option<String>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    payload: String,
}

#[derive(Deserialize)]
struct Delivery {
    #[serde(default)]
    mids: Vec<String>,
    watermark: Option<i64>,
}

#[derive(Deserialize)]
struct Read {
    watermark: i64,
}

/// Reads a body; `None` when it is not what Messenger sends. Events of another page than `page_id`, echoes of what the page
/// said itself and kinds of events that mean nothing here are passed over.
#[must_use]
pub fn read(body: &[u8], page_id: Option<&str>) -> Option<Vec<Happening>> {
    let body: Body = serde_json::from_slice(body).ok()?;
    if body.object != "page" {
        return None;
    }
    let of_page = |entry: &Entry| page_id.is_none_or(|page| page == entry.id);
    let events = body.entry.into_iter().filter(of_page).flat_map(|entry| entry.messaging);
    Some(events.filter_map(happening).collect())
}

fn happening(event: Event) -> Option<Happening> {
    let user = id(&event.sender.id)?;
    if let Some(delivery) = event.delivery {
        let ids = delivery.mids.iter().filter_map(|mid| id(mid)).collect();
        return Some(Happening::Delivered { ids, user, until: delivery.watermark.map(Micros::from_ms) });
    }
    if let Some(read) = event.read {
        return Some(Happening::Read { user, until: Micros::from_ms(read.watermark) });
    }
    if let Some(postback) = event.postback {
        // Older postbacks have no id: the user and the moment stand for one.
        let made = || format!("postback {user} {}", event.timestamp);
        let provider_ref = postback.mid.as_deref().and_then(id).unwrap_or_else(made);
        return Some(Happening::Said(Said {
            event: SaidEvent::OnPostback,
            text: kept(&postback.title),
            attachments: None,
            postback: Some(kept(&postback.payload)),
            provider_ref,
            user,
        }));
    }
    let message = event.message.filter(|message| !message.is_echo)?;
    Some(Happening::Said(Said {
        event: SaidEvent::Mo,
        text: kept(&message.text),
        attachments: message.attachments.filter(|list| !list.is_null()).map(|list| list.to_string()),
        postback: message.quick_reply.map(|reply| kept(&reply.payload)),
        provider_ref: id(&message.mid)?,
        user,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(mut event: Value) -> Option<Vec<Happening>> {
        event["sender"] = json!({"id": "u1"});
        event["recipient"] = json!({"id": "p1"});
        event["timestamp"] = json!(1_700_000_000_123_i64);
        let body = json!({"object": "page", "entry": [{"id": "p1", "time": 1, "messaging": [event]}]});
        read(body.to_string().as_bytes(), Some("p1"))
    }

    fn said(event: SaidEvent, text: &str, postback: Option<&str>, provider_ref: &str) -> Said {
        Said {
            user: "u1".into(),
            event,
            text: text.into(),
            attachments: None,
            postback: postback.map(Into::into),
            provider_ref: provider_ref.into(),
        }
    }

    #[test]
    fn each_event_is_what_it_means() {
        let one = |happening| Some(vec![happening]);
        assert_eq!(
            event(json!({"message": {"mid": "m1", "text": "Hi", "quick_reply": {"payload": "Y"}}})),
            one(Happening::Said(said(SaidEvent::Mo, "Hi", Some("Y"), "m1")))
        );
        let list = json!([{"type": "image", "payload": {"url": "https://x.example"}}]);
        let picture = Said { attachments: Some(list.to_string()), ..said(SaidEvent::Mo, "", None, "m2") };
        assert_eq!(
            event(json!({"message": {"mid": "m2", "attachments": list}})),
            one(Happening::Said(picture))
        );
        assert_eq!(
            event(json!({"postback": {"mid": "m3", "title": "Buy", "payload": "BUY"}})),
            one(Happening::Said(said(SaidEvent::OnPostback, "Buy", Some("BUY"), "m3")))
        );
        assert_eq!(
            event(json!({"postback": {"title": "Buy", "payload": "BUY"}})),
            one(Happening::Said(said(
                SaidEvent::OnPostback,
                "Buy",
                Some("BUY"),
                "postback u1 1700000000123"
            )))
        );
        let until = Micros::from_ms(1_700_000_000_100);
        assert_eq!(
            event(json!({"delivery": {"mids": ["m1", "m2"], "watermark": 1_700_000_000_100_i64}})),
            one(Happening::Delivered {
                ids: vec!["m1".into(), "m2".into()],
                user: "u1".into(),
                until: Some(until)
            })
        );
        assert_eq!(
            event(json!({"read": {"watermark": 1_700_000_000_100_i64}})),
            one(Happening::Read { user: "u1".into(), until })
        );
    }

    #[test]
    fn echoes_other_pages_and_unknown_events_are_passed_over() {
        assert_eq!(event(json!({"message": {"mid": "m1", "text": "Hi", "is_echo": true}})), Some(vec![]));
        assert_eq!(event(json!({"reaction": {"mid": "m1"}})), Some(vec![]));
        assert_eq!(event(json!({"message": {"mid": "", "text": "Hi"}})), Some(vec![]));
        let body = json!({"object": "page", "entry": [{"id": "p2", "messaging": [
            {"sender": {"id": "u1"}, "message": {"mid": "m1"}}]}]});
        assert_eq!(read(body.to_string().as_bytes(), Some("p1")), Some(vec![]));
        assert_eq!(read(body.to_string().as_bytes(), None).map(|all| all.len()), Some(1));
    }

    #[test]
    fn another_body_is_none() {
        for body in ["", "[]", "{}", r#"{"object":"instagram"}"#, r#"{"object":"page","entry":[{}]}"#] {
            assert_eq!(read(body.as_bytes(), None), None, "{body}");
        }
    }
}
