use serde_json::{Value, json};

use super::push::of_buttons;
use super::{Row, check, on};
use crate::support::{Server, sms};

fn rt(block: Value) -> Value {
    on("rt", json!({"appmessaging": block}))
}

fn message(message: Value) -> Value {
    rt(json!({"message": message}))
}

fn attached(attachment: Value) -> Value {
    message(json!({"attachment": attachment}))
}

fn replies(options: Value) -> Value {
    message(json!({"text": "a", "quickreplies": {"options": options}}))
}

#[tokio::test]
async fn what_an_rt_request_is_refused_for() {
    const FIVE: &str = "invalid value for param 'priority', it should be one of [1,2,3,4,5]";
    const TEXT: &str = "param 'text' missing for channel rt";
    let rows: Vec<Row> = vec![
        ("no block", on("rt", json!({})), 7003, "param 'appmessaging' missing for channel rt", ""),
        ("no object", rt(json!(7)), 7004, "invalid value for param appmessaging", ""),
        ("priority", rt(json!({"text": "a", "priority": 6})), 7004, FIVE, ".priority"),
        ("type", rt(json!({"type": "typing"})), 7004, "invalid value for param type", ".type"),
        (
            "thread",
            rt(json!({"text": "a", "thread_id": {}})),
            7004,
            "invalid value for param thread_id",
            ".thread_id",
        ),
        ("message", rt(json!({"message": "a"})), 7004, "invalid value for param message", ".message"),
        ("no text", message(json!({"extras": {"a": 1}})), 7003, TEXT, ".message.text"),
        ("empty text", rt(json!({"text": ""})), 7003, TEXT, ".message.text"),
        ("text", message(json!({"text": true})), 7004, "invalid value for param text", ".message.text"),
        ("older text", rt(json!({"text": []})), 7004, "invalid value for param text", ".text"),
        (
            "extras",
            message(json!({"text": "a", "extras": "x"})),
            7004,
            "invalid value for param extras",
            ".message.extras",
        ),
        (
            "long extras",
            message(json!({"text": "a", "extras": {"a": "x".repeat(4_090)}})),
            7026,
            "Request parameter exceeds 4 KB",
            ".message.extras",
        ),
    ];
    check("rt", "channels.appmessaging", rows).await;
}

#[tokio::test]
async fn what_an_attachment_of_rt_is_refused_for() {
    let media = |kind: &str| json!({"contentType": kind, "file": "https://x.example/f"});
    let with = |mut body: Value, name: &str, value: Value| {
        body[name] = value;
        attached(body)
    };
    let place = |latitude: Value, longitude: Value| {
        attached(json!({"contentType": "location", "latitude": latitude, "longitude": longitude}))
    };
    let rows: Vec<Row> = vec![
        (
            "no object",
            attached(json!("x")),
            7004,
            "invalid value for param attachment",
            ".message.attachment",
        ),
        (
            "no type",
            attached(json!({"file": "https://x.example/f"})),
            7003,
            "param 'contentType' missing",
            ".message.attachment.contentType",
        ),
        (
            "type",
            attached(media("sticker")),
            7004,
            "invalid value for param contentType",
            ".message.attachment.contentType",
        ),
        (
            "no file",
            attached(json!({"contentType": "image"})),
            7003,
            "param 'file' missing",
            ".message.attachment.file",
        ),
        (
            "file",
            attached(json!({"contentType": "file", "file": "f.pdf"})),
            7004,
            "invalid value for param file",
            ".message.attachment.file",
        ),
        (
            "video without preview",
            attached(media("video")),
            7003,
            "param 'preview' missing",
            ".message.attachment.preview",
        ),
        (
            "preview",
            with(media("video"), "preview", json!("é")),
            7004,
            "invalid value for param preview",
            ".message.attachment.preview",
        ),
        (
            "size",
            with(media("audio"), "size", json!("big")),
            7004,
            "invalid value for param size",
            ".message.attachment.size",
        ),
        (
            "duration",
            with(media("audio"), "duration", json!([])),
            7004,
            "invalid value for param duration",
            ".message.attachment.duration",
        ),
        (
            "no latitude",
            place(json!(null), json!(0)),
            7003,
            "param 'latitude' missing",
            ".message.attachment.latitude",
        ),
        (
            "latitude",
            place(json!(90.1), json!(0)),
            7004,
            "invalid value for param latitude",
            ".message.attachment.latitude",
        ),
        (
            "longitude",
            place(json!(0), json!("-181")),
            7004,
            "invalid value for param longitude",
            ".message.attachment.longitude",
        ),
        (
            "longitude NaN",
            place(json!(0), json!("NaN")),
            7004,
            "invalid value for param longitude",
            ".message.attachment.longitude",
        ),
        (
            "older place",
            rt(json!({"attachment": {"contentType": "x"}})),
            7004,
            "invalid value for param contentType",
            ".attachment.contentType",
        ),
    ];
    check("rt_attachment", "channels.appmessaging", rows).await;
}

#[tokio::test]
async fn what_a_template_of_rt_is_refused_for() {
    let template = |payload: Value| attached(json!({"contentType": "template", "payload": payload}));
    let element = |element: Value| template(json!({"elements": [element]}));
    let button = |n: usize| json!({"title": "t", "identifier": format!("b{n}")});
    let buttons: Vec<Value> = (0..4).map(button).collect();
    let images = vec!["https://x.example/i"; 6];
    let rows: Vec<Row> = vec![
        (
            "type",
            attached(json!({"contentType": "template", "templateType": "list"})),
            7004,
            "invalid value for param templateType",
            ".templateType",
        ),
        (
            "form",
            attached(json!({"contentType": "template", "templateType": "form"})),
            7003,
            "param 'templateId' missing",
            ".templateId",
        ),
        (
            "no elements",
            template(json!({"elements": []})),
            7003,
            "param 'elements' missing",
            ".payload.elements",
        ),
        (
            "nine elements",
            template(json!({"elements": vec![json!({"title": "t"}); 9]})),
            7034,
            "Maximum number of template elements exceeded",
            ".payload.elements",
        ),
        ("element", element(json!("t")), 7004, "invalid value for param elements", ".payload.elements[0]"),
        (
            "four buttons",
            element(json!({"title": "t", "buttons": buttons})),
            7703,
            "Maximum number of template buttons exceeded",
            ".payload.elements[0].buttons",
        ),
        (
            "six images",
            element(json!({"imageurl": images})),
            7708,
            "Maximum number of image URLs exceeded",
            ".payload.elements[0].imageurl",
        ),
        (
            "image",
            element(json!({"imageurls": ["i.png"]})),
            7004,
            "invalid value for param imageurls",
            ".payload.elements[0].imageurls[0]",
        ),
        (
            "identifier twice",
            template(json!({"elements": [{"buttons": [button(1)]}, {"buttons": [button(1)]}]})),
            7704,
            "Duplicate identifier",
            ".payload.elements[1].buttons[0].identifier",
        ),
        (
            "long template",
            element(json!({"title": "x".repeat(4_096)})),
            7026,
            "Request parameter exceeds 4 KB",
            "",
        ),
    ];
    check("rt_template", "channels.appmessaging.message.attachment", rows).await;
}

#[tokio::test]
async fn what_quick_replies_are_refused_for() {
    let reply = |n: usize| json!({"type": "quickReplyPostback", "identifier": n.to_string(), "title": "t"});
    let six: Vec<Value> = (0..6).map(reply).collect();
    let long = json!([{"title": "t", "payload": "x".repeat(4_096)}]);
    let rows: Vec<Row> = vec![
        (
            "no object",
            message(json!({"text": "a", "quickreplies": []})),
            7004,
            "invalid value for param quickreplies",
            "",
        ),
        ("no options", replies(json!([])), 7003, "param 'options' missing", ".options"),
        ("six", replies(json!(six)), 7706, "Maximum number of quick replies exceeded", ".options"),
        (
            "identifier twice",
            replies(json!([reply(1), reply(1)])),
            7704,
            "Duplicate identifier",
            ".options[1].identifier",
        ),
        ("long", replies(long), 7026, "Request parameter exceeds 4 KB", ""),
        (
            "type",
            replies(json!([{"type": "postback", "title": "t"}])),
            7004,
            "invalid value for param type",
            ".options[0].type",
        ),
        (
            "no title",
            replies(json!([reply(1), {"payload": "p"}])),
            7003,
            "param 'title' missing",
            ".options[1].title",
        ),
        ("option", replies(json!(["Yes"])), 7004, "invalid value for param options", ".options[0]"),
        (
            "image",
            replies(json!([{"title": "t", "imageurl": "y.png"}])),
            7004,
            "invalid value for param imageurl",
            ".options[0].imageurl",
        ),
    ];
    check("rt_quick_replies", "channels.appmessaging.message.quickreplies", rows).await;
}

#[tokio::test]
async fn the_limits_of_rt_themselves_are_allowed() {
    let server = Server::new();
    let five: Vec<Value> = (0..5).map(|n| json!({"identifier": n, "title": "t"})).collect();
    let button = |n: usize| json!({"title": "t", "identifier": format!("b{n}")});
    let element = |n: usize| json!({"imageurls": vec!["https://x.example/i"; 5], "buttons": [button(3 * n), button(3 * n + 1), button(3 * n + 2)]});
    let elements: Vec<Value> = (0..8).map(element).collect();
    let around = r#"{"a":""}"#.len();
    for body in [
        replies(json!(five)),
        attached(json!({"contentType": "template", "elements": elements})),
        message(json!({"text": "a", "extras": {"a": "x".repeat(4_096 - around)}})),
        attached(json!({"contentType": "location", "latitude": -90, "longitude": "180.0"})),
    ] {
        let answer = server.post(sms(body)).await;
        assert_eq!(answer.units(), ["1001 | Queued | <id> | -"], "{}", answer.body);
    }
    assert_eq!(server.kept().len(), 4);
}

#[tokio::test]
async fn what_the_offline_notification_of_rt_is_refused_for() {
    let offline = |block: Value| rt(json!({"message": {"text": "a"}, "notification": block}));
    let rows: Vec<Row> = vec![
        ("no object", offline(json!("t")), 7004, "invalid value for param notification", ""),
        ("no title", offline(json!({"text": "a"})), 7004, "invalid value for param title", ".title"),
        ("empty title", offline(json!({"title": ""})), 7004, "invalid value for param title", ".title"),
        (
            "extras",
            offline(json!({"title": "t", "android_extras": {"customtags": {"a": []}}})),
            7004,
            "invalid value for param customtags",
            ".android_extras.customtags.a",
        ),
        (
            "web url",
            offline(json!({"title": "t", "web_extras": {"url": "x"}})),
            7004,
            "invalid value for param url",
            ".web_extras.url",
        ),
        (
            "windows",
            offline(json!({"title": "t", "windows_extras": {"notificationaction": {"action": "OPEN_URL"}}})),
            7003,
            "mandatory param value missing for action OPEN_URL",
            ".windows_extras.notificationaction.value",
        ),
    ];
    check("rt_notification", "channels.appmessaging.notification", rows).await;
    let body = |buttons: Value| offline(json!({"title": "t", "interactive": buttons}));
    check("rt_buttons", "channels.appmessaging.notification.interactive", of_buttons(body)).await;
    let of =
        |action: Value| body(json!({"category": "DOUBLE_REPLY_DISMISS", "actions": [action, {"pos": 2}]}));
    let rows: Vec<Row> = vec![
        (
            "open a reply",
            of(json!({"pos": 1, "action": "OPEN_APP"})),
            7004,
            "invalid action for identifier REPLY",
            ".actions[0].action",
        ),
        (
            "dismiss at 1",
            of(json!({"pos": 1, "identifier": "DISMISS", "action": "DISMISS"})),
            7004,
            "no identifier found for this category and at this position",
            ".actions[0].identifier",
        ),
    ];
    check("rt_buttons_only", "channels.appmessaging.notification.interactive", rows).await;
}
