//! The body of a send request, made from the content block of the contract.

use serde_json::{Map, Value, json};

/// Members of the block that mean the same to the provider.
const AS_IS: [&str; 2] = ["notification_type", "tag"];

/// What is sent; `None` when the block has none of text, attachment and sender action.
pub(super) fn of(block: &Value, psid: &str) -> Option<Value> {
    let mut body = Map::new();
    body.insert("recipient".to_owned(), json!({ "id": psid }));
    if let Some(action) = member(block, "sender_action") {
        // An indicator takes nothing beside it.
        body.insert("sender_action".to_owned(), action.clone());
        return Some(Value::Object(body));
    }
    body.insert("message".to_owned(), message(block)?);
    body.insert("messaging_type".to_owned(), messaging_type(block));
    for name in AS_IS {
        if let Some(value) = member(block, name) {
            body.insert(name.to_owned(), value.clone());
        }
    }
    Some(Value::Object(body))
}

/// Whether it only shows an indicator, of which the provider keeps no id.
pub(super) fn is_indicator(block: &Value) -> bool {
    member(block, "sender_action").is_some()
}

fn member<'a>(block: &'a Value, name: &str) -> Option<&'a Value> {
    block.get(name).filter(|value| !value.is_null() && value.as_str() != Some(""))
}

/// The contract lets it out, the provider does not: a tag makes it `MESSAGE_TAG`, else it is an answer.
fn messaging_type(block: &Value) -> Value {
    let default = if member(block, "tag").is_some() { "MESSAGE_TAG" } else { "RESPONSE" };
    member(block, "messaging_type").cloned().unwrap_or_else(|| json!(default))
}

fn message(block: &Value) -> Option<Value> {
    let mut message = Map::new();
    match member(block, "attachment") {
        Some(attachment) => message.insert("attachment".to_owned(), current(attachment.clone())),
        None => message.insert("text".to_owned(), member(block, "text")?.clone()),
    };
    if let Some(replies) = member(block, "quick_replies") {
        message.insert("quick_replies".to_owned(), replies.clone());
    }
    Some(Value::Object(message))
}

/// The contract's `item_url` of a generic element, which the Graph API has replaced by `default_action`.
fn current(mut attachment: Value) -> Value {
    let is_generic = attachment.pointer("/payload/template_type").and_then(Value::as_str) == Some("generic");
    let elements = attachment.pointer_mut("/payload/elements").and_then(Value::as_array_mut);
    for element in elements.into_iter().flatten().filter_map(Value::as_object_mut).filter(|_| is_generic) {
        if let Some(url) = element.remove("item_url")
            && !element.contains_key("default_action")
        {
            element.insert("default_action".to_owned(), json!({ "type": "web_url", "url": url }));
        }
    }
    attachment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(block: Value, expected: Value) {
        assert_eq!(of(&block, "42").unwrap_or_default(), expected, "{block}");
    }

    #[test]
    fn each_form_of_the_contract_is_a_body_of_the_provider() {
        check(
            json!({"text": "Hi"}),
            json!({"recipient": {"id": "42"}, "message": {"text": "Hi"}, "messaging_type": "RESPONSE"}),
        );
        check(
            json!({"text": "Hi", "tag": "HUMAN_AGENT", "notification_type": "NO_PUSH",
                "quick_replies": [{"content_type": "text", "title": "Yes", "payload": "Y"}]}),
            json!({"recipient": {"id": "42"}, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT",
                "notification_type": "NO_PUSH", "message": {"text": "Hi",
                "quick_replies": [{"content_type": "text", "title": "Yes", "payload": "Y"}]}}),
        );
        check(
            json!({"sender_action": "typing_on"}),
            json!({"recipient": {"id": "42"}, "sender_action": "typing_on"}),
        );
        check(
            json!({"attachment": {"type": "image", "payload": {"url": "https://x.example/i.png"}}, "messaging_type": "UPDATE"}),
            json!({"recipient": {"id": "42"}, "messaging_type": "UPDATE",
                "message": {"attachment": {"type": "image", "payload": {"url": "https://x.example/i.png"}}}}),
        );
        assert_eq!(of(&json!({"text": ""}), "42"), None);
        assert_eq!(of(&json!({}), "42"), None);
    }

    #[test]
    fn the_items_url_becomes_its_default_action() {
        let element = json!({"title": "Tea", "item_url": "https://x.example/tea"});
        let payload = json!({"template_type": "generic", "elements": [element]});
        let body = of(&json!({"attachment": {"type": "template", "payload": payload}}), "42").unwrap();
        assert_eq!(
            body["message"]["attachment"]["payload"]["elements"],
            json!([{"title": "Tea", "default_action": {"type": "web_url", "url": "https://x.example/tea"}}])
        );
    }
}
