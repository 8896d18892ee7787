use serde_json::{Value, json};

use super::{Row, check, on, ott};
use crate::support::{Server, sms};

fn fb(block: Value) -> Value {
    ott("fb", block)
}

fn template(payload: Value) -> Value {
    fb(json!({"attachment": {"type": "template", "payload": payload}}))
}

fn generic(element: Value) -> Value {
    template(json!({"template_type": "generic", "elements": [element]}))
}

fn button(button: Value) -> Value {
    template(json!({"template_type": "button", "text": "a", "buttons": [button]}))
}

/// A good receipt with one member changed, or dropped with `Null`.
fn receipt(name: &str, value: Value) -> Value {
    let mut payload = json!({
        "template_type": "receipt", "recipient_name": "a", "order_number": "1", "currency": "GBP", "payment_method": "v",
        "elements": [{"title": "t"}], "summary": {"total_cost": 1},
    });
    payload[name] = value;
    template(payload)
}

#[tokio::test]
async fn what_a_messenger_request_is_refused_for() {
    const TEXT: &str = "param 'text' missing for channel fb";
    let many: Vec<Value> = vec![json!({"title": "t"}); 14];
    let rows: Vec<Row> = vec![
        ("no blocks", on("fb", json!({})), 7003, "param 'OTT-Messaging' missing for channel fb", ""),
        ("blocks", on("fb", json!({"OTT-Messaging": []})), 7004, "invalid value for param OTT-Messaging", ""),
        (
            "no block",
            on("fb", json!({"OTT-Messaging": {"twitter": {"text": "a"}}})),
            7003,
            "param 'fb' missing for channel fb",
            ".fb",
        ),
        ("block", fb(json!("a")), 7004, "invalid value for param fb", ".fb"),
        ("no text", fb(json!({"text": "", "attachment": {}})), 7003, TEXT, ".fb.text"),
        ("text", fb(json!({"text": []})), 7004, "invalid value for param text", ".fb.text"),
        (
            "sender action",
            fb(json!({"sender_action": "dance"})),
            7004,
            "invalid value for param sender_action",
            ".fb.sender_action",
        ),
        (
            "text and action",
            fb(json!({"text": "a", "sender_action": "typing_on"})),
            7004,
            "invalid value for param sender_action",
            ".fb.sender_action",
        ),
        (
            "text and attachment",
            fb(json!({"text": "a", "attachment": {"type": "image"}})),
            7004,
            "invalid value for param attachment",
            ".fb.attachment",
        ),
        (
            "notification type",
            fb(json!({"text": "a", "notification_type": "LOUD"})),
            7004,
            "invalid value for param notification_type",
            ".fb.notification_type",
        ),
        (
            "messaging type",
            fb(json!({"text": "a", "messaging_type": "AD"})),
            7004,
            "invalid value for param messaging_type",
            ".fb.messaging_type",
        ),
        (
            "no tag",
            fb(json!({"text": "a", "messaging_type": "MESSAGE_TAG"})),
            7003,
            "param 'tag' missing",
            ".fb.tag",
        ),
        (
            "quick replies",
            fb(json!({"text": "a", "quick_replies": {}})),
            7004,
            "invalid value for param quick_replies",
            ".fb.quick_replies",
        ),
        (
            "14 quick replies",
            fb(json!({"text": "a", "quick_replies": many})),
            7004,
            "invalid value for param quick_replies",
            ".fb.quick_replies",
        ),
        (
            "quick reply without title",
            fb(json!({"text": "a", "quick_replies": [{"content_type": "text"}]})),
            7003,
            "param 'title' missing",
            ".fb.quick_replies[0].title",
        ),
        (
            "type",
            fb(json!({"attachment": {"payload": {}}})),
            7003,
            "param 'type' missing",
            ".fb.attachment.type",
        ),
        (
            "unknown type",
            fb(json!({"attachment": {"type": "sticker"}})),
            7004,
            "invalid value for param type",
            ".fb.attachment.type",
        ),
        (
            "payload",
            fb(json!({"attachment": {"type": "image"}})),
            7003,
            "param 'payload' missing",
            ".fb.attachment.payload",
        ),
        (
            "no url",
            fb(json!({"attachment": {"type": "file", "payload": {"x": 1}}})),
            7003,
            "param 'url' missing",
            ".fb.attachment.payload.url",
        ),
        (
            "url",
            fb(json!({"attachment": {"type": "file", "payload": {"url": "x"}}})),
            7004,
            "invalid value for param url",
            ".fb.attachment.payload.url",
        ),
    ];
    check("fb", "channels.OTT-Messaging", rows).await;
}

#[tokio::test]
async fn what_a_template_of_messenger_is_refused_for() {
    let eleven = vec![json!({"title": "t"}); 11];
    let four = vec![json!({"type": "postback", "title": "t", "payload": "p"}); 4];
    let long = "é".repeat(81);
    let rows: Vec<Row> = vec![
        (
            "no type",
            template(json!({"elements": []})),
            7003,
            "param 'template_type' missing",
            ".template_type",
        ),
        (
            "type",
            template(json!({"template_type": "list"})),
            7004,
            "invalid value for param template_type",
            ".template_type",
        ),
        (
            "no elements",
            template(json!({"template_type": "generic"})),
            7003,
            "param 'elements' missing",
            ".elements",
        ),
        (
            "11 elements",
            template(json!({"template_type": "generic", "elements": eleven})),
            7004,
            "invalid value for param elements",
            ".elements",
        ),
        ("no title", generic(json!({"subtitle": "s"})), 7003, "param 'title' missing", ".elements[0].title"),
        (
            "long title",
            generic(json!({"title": long})),
            7004,
            "invalid value for param title",
            ".elements[0].title",
        ),
        (
            "long subtitle",
            generic(json!({"title": "t", "subtitle": long})),
            7004,
            "invalid value for param subtitle",
            ".elements[0].subtitle",
        ),
        (
            "image",
            generic(json!({"title": "t", "image_url": "i"})),
            7004,
            "invalid value for param image_url",
            ".elements[0].image_url",
        ),
        (
            "four buttons",
            generic(json!({"title": "t", "buttons": four})),
            7004,
            "invalid value for param buttons",
            ".elements[0].buttons",
        ),
        (
            "no button text",
            template(json!({"template_type": "button", "buttons": []})),
            7003,
            "param 'text' missing",
            ".text",
        ),
        (
            "no buttons",
            template(json!({"template_type": "button", "text": "a"})),
            7003,
            "param 'buttons' missing",
            ".buttons",
        ),
        (
            "button type",
            button(json!({"type": "call"})),
            7004,
            "invalid value for param type",
            ".buttons[0].type",
        ),
        (
            "button title",
            button(json!({"type": "postback"})),
            7003,
            "param 'title' missing",
            ".buttons[0].title",
        ),
        (
            "button url",
            button(json!({"type": "web_url", "title": "t"})),
            7003,
            "param 'url' missing",
            ".buttons[0].url",
        ),
        (
            "button payload",
            button(json!({"type": "postback", "title": "t"})),
            7003,
            "param 'payload' missing",
            ".buttons[0].payload",
        ),
        (
            "recipient",
            receipt("recipient_name", json!("")),
            7003,
            "param 'recipient_name' missing",
            ".recipient_name",
        ),
        (
            "order",
            receipt("order_number", json!(null)),
            7003,
            "param 'order_number' missing",
            ".order_number",
        ),
        ("currency", receipt("currency", json!(null)), 7003, "param 'currency' missing", ".currency"),
        (
            "payment",
            receipt("payment_method", json!(null)),
            7003,
            "param 'payment_method' missing",
            ".payment_method",
        ),
        ("lines", receipt("elements", json!([])), 7003, "param 'elements' missing", ".elements"),
        (
            "line title",
            receipt("elements", json!([{"price": 1}])),
            7003,
            "param 'title' missing",
            ".elements[0].title",
        ),
        (
            "line price",
            receipt("elements", json!([{"title": "t", "price": "dear"}])),
            7004,
            "invalid value for param price",
            ".elements[0].price",
        ),
        (
            "address",
            receipt("address", json!({"city": []})),
            7004,
            "invalid value for param city",
            ".address.city",
        ),
        ("summary", receipt("summary", json!({})), 7003, "param 'summary' missing", ".summary"),
        (
            "total",
            receipt("summary", json!({"subtotal": 1})),
            7003,
            "param 'total_cost' missing",
            ".summary.total_cost",
        ),
        (
            "adjustment",
            receipt("adjustments", json!([{"amount": {}}])),
            7004,
            "invalid value for param amount",
            ".adjustments[0].amount",
        ),
    ];
    check("fb_template", "channels.OTT-Messaging.fb.attachment.payload", rows).await;
}

#[tokio::test]
async fn the_limits_of_messenger_themselves_are_allowed() {
    let server = Server::new();
    let buttons = vec![json!({"type": "postback", "title": "t", "payload": "p"}); 3];
    let element = json!({"title": "é".repeat(80), "subtitle": "é".repeat(80), "buttons": buttons});
    let body = template(json!({"template_type": "generic", "elements": vec![element; 10]}));
    assert_eq!(server.post(sms(body)).await.units(), ["1001 | Queued | <id> | -"]);
    assert_eq!(server.kept().len(), 1);
}
