use serde_json::{Value, json};

use super::{Row, check, on, ott};

#[tokio::test]
async fn what_a_twitter_request_is_refused_for() {
    const TEXT: &str = "param 'text' missing for channel twitter";
    let twitter = |block: Value| ott("twitter", block);
    let media = |attachment: Value| twitter(json!({"text": "a", "attachment": attachment}));
    let reply = |reply: Value| twitter(json!({"text": "a", "quick_reply": reply}));
    let many = vec![json!({"label": "a"}); 21];
    let rows: Vec<Row> = vec![
        (
            "no blocks",
            on("twitter", json!({})),
            7003,
            "param 'OTT-Messaging' missing for channel twitter",
            "",
        ),
        (
            "no block",
            on("twitter", json!({"OTT-Messaging": {}})),
            7003,
            "param 'twitter' missing for channel twitter",
            ".twitter",
        ),
        (
            "no text",
            twitter(json!({"attachment": {"type": "media", "media": {"id": "1"}}})),
            7003,
            TEXT,
            ".twitter.text",
        ),
        (
            "attachment type",
            media(json!({"type": "image"})),
            7004,
            "invalid value for param type",
            ".twitter.attachment.type",
        ),
        (
            "no media",
            media(json!({"type": "media"})),
            7003,
            "param 'media' missing",
            ".twitter.attachment.media",
        ),
        (
            "no id",
            media(json!({"type": "media", "media": {"id": ""}})),
            7003,
            "param 'id' missing",
            ".twitter.attachment.media.id",
        ),
        (
            "reply type",
            reply(json!({"type": "list"})),
            7004,
            "invalid value for param type",
            ".twitter.quick_reply.type",
        ),
        (
            "no options",
            reply(json!({"type": "options"})),
            7003,
            "param 'options' missing",
            ".twitter.quick_reply.options",
        ),
        (
            "21 options",
            reply(json!({"type": "options", "options": many})),
            7004,
            "invalid value for param options",
            ".twitter.quick_reply.options",
        ),
        (
            "no label",
            reply(json!({"type": "options", "options": [{"metadata": "m"}]})),
            7003,
            "param 'label' missing",
            ".twitter.quick_reply.options[0].label",
        ),
    ];
    check("twitter", "channels.OTT-Messaging", rows).await;
}

#[tokio::test]
async fn what_a_wechat_request_is_refused_for() {
    const TEXT: &str = "param 'text' missing for channel wechat";
    let wechat = |block: Value| ott("wechat", block);
    let rows: Vec<Row> = vec![
        ("no blocks", on("wechat", json!({})), 7003, "param 'OTT-Messaging' missing for channel wechat", ""),
        (
            "no block",
            on("wechat", json!({"OTT-Messaging": {}})),
            7003,
            "param 'wechat' missing for channel wechat",
            ".wechat",
        ),
        ("no text", wechat(json!({})), 7003, TEXT, ".wechat.text"),
        (
            "no id",
            wechat(json!({"attachment": {"type": "media", "media": {"x": 1}}})),
            7003,
            "param 'id' missing",
            ".wechat.attachment.media.id",
        ),
        (
            "both",
            wechat(json!({"text": "a", "attachment": {"type": "media", "media": {"id": "1"}}})),
            7004,
            "invalid value for param attachment",
            ".wechat.attachment",
        ),
    ];
    check("wechat", "channels.OTT-Messaging", rows).await;
}
