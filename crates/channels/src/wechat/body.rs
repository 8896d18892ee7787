//! The body of a customer-service message, made from the content block of the contract.

use serde_json::{Map, Value, json};

use crate::social::MediaKind;

/// What is sent.
///
/// # Errors
/// What is wrong with the block, in words.
pub(super) fn of(block: &Value, open_id: &str) -> Result<Value, &'static str> {
    let text = block.get("text").and_then(Value::as_str).filter(|text| !text.is_empty());
    let (kind, content) = match (block.pointer("/attachment/media/id").and_then(Value::as_str), text) {
        (Some(id), _) => media(block, id)?,
        (None, Some(text)) => ("text", json!({ "content": text })),
        (None, None) => return Err("neither text nor media"),
    };
    let mut body = Map::new();
    body.insert("touser".to_owned(), json!(open_id));
    body.insert("msgtype".to_owned(), json!(kind));
    body.insert(kind.to_owned(), content);
    Ok(Value::Object(body))
}

/// The contract names media by their id alone, the provider wants the kind too: ids of our upload begin with it. An id
/// from elsewhere is a picture unless `media.type` says otherwise.
fn media(block: &Value, id: &str) -> Result<(&'static str, Value), &'static str> {
    let named = |pointer: &str| block.pointer(pointer).and_then(Value::as_str).map(|id| split(id).1);
    let (kind, id) = split(id);
    let told = block.pointer("/attachment/media/type").and_then(Value::as_str).and_then(MediaKind::parse);
    let kind = kind.or(told).unwrap_or(MediaKind::Image);
    let mut content = Map::new();
    content.insert("media_id".to_owned(), json!(id));
    match kind {
        MediaKind::Image | MediaKind::Voice => {}
        MediaKind::Video => {
            if let Some(thumb) = named("/attachment/media/thumbid") {
                content.insert("thumb_media_id".to_owned(), json!(thumb));
            }
        }
        MediaKind::Thumb => return Err("a thumbnail cannot be sent by itself"),
    }
    Ok((kind.word(), Value::Object(content)))
}

/// The id under which an uploaded file is known to clients.
pub(super) fn client_id(kind: MediaKind, id: &str) -> String {
    format!("{}.{id}", kind.word())
}

/// A client's media id: its kind, when it says so, and the provider's id.
fn split(id: &str) -> (Option<MediaKind>, &str) {
    match id.split_once('.').map(|(kind, id)| (MediaKind::parse(kind), id)) {
        Some((Some(kind), id)) => (Some(kind), id),
        _ => (None, id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_each_kind_of_media_are_what_the_provider_wants() {
        let check = |block: Value, expected: Value| assert_eq!(of(&block, "o1"), Ok(expected), "{block}");
        let media = |media: Value| json!({"attachment": {"type": "media", "media": media}});
        check(
            json!({"text": "你好"}),
            json!({"touser": "o1", "msgtype": "text", "text": {"content": "你好"}}),
        );
        for kind in [MediaKind::Image, MediaKind::Voice, MediaKind::Video] {
            let word = kind.word();
            check(
                media(json!({"id": client_id(kind, "a-B_9")})),
                json!({"touser": "o1", "msgtype": word, word: {"media_id": "a-B_9"}}),
            );
        }
        check(
            media(json!({"id": "x"})),
            json!({"touser": "o1", "msgtype": "image", "image": {"media_id": "x"}}),
        );
        check(
            media(json!({"id": "x", "type": "voice"})),
            json!({"touser": "o1", "msgtype": "voice", "voice": {"media_id": "x"}}),
        );
        check(
            media(json!({"id": "video.x", "thumbid": "thumb.t"})),
            json!({"touser": "o1", "msgtype": "video", "video": {"media_id": "x", "thumb_media_id": "t"}}),
        );
    }

    #[test]
    fn nothing_and_a_thumbnail_are_no_message() {
        assert_eq!(of(&json!({"text": ""}), "o1"), Err("neither text nor media"));
        let thumb = json!({"attachment": {"type": "media", "media": {"id": "thumb.t"}}});
        assert_eq!(of(&thumb, "o1"), Err("a thumbnail cannot be sent by itself"));
    }
}
