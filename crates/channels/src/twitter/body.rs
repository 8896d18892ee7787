//! The body of a direct message, made from the content block of the contract.

use serde_json::{Map, Value, json};

/// What is sent; `None` when the block has no text.
pub(super) fn of(block: &Value, recipient: &str) -> Option<Value> {
    let mut data = Map::new();
    let text = block.get("text")?.as_str().filter(|text| !text.is_empty())?;
    data.insert("text".to_owned(), json!(text));
    for name in ["attachment", "quick_reply"] {
        if let Some(value) = block.get(name).filter(|value| value.is_object()) {
            data.insert(name.to_owned(), value.clone());
        }
    }
    Some(json!({"event": {"type": "message_create", "message_create": {
        "target": {"recipient_id": recipient}, "message_data": data}}}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_media_and_options_stand_where_the_provider_wants_them() {
        let options =
            json!({"type": "options", "options": [{"label": "Yes", "description": "d", "metadata": "m"}]});
        let attachment = json!({"type": "media", "media": {"id": "77"}});
        let block = json!({"text": "Hi", "attachment": attachment, "quick_reply": options, "other": 1});
        let data = json!({"text": "Hi", "attachment": attachment, "quick_reply": options});
        let expected = json!({"event": {"type": "message_create", "message_create": {
            "target": {"recipient_id": "42"}, "message_data": data}}});
        assert_eq!(of(&block, "42"), Some(expected));
        assert_eq!(of(&json!({"attachment": attachment}), "42"), None);
        assert_eq!(of(&json!({"text": ""}), "42"), None);
    }
}
