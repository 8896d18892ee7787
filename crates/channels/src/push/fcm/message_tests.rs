use super::super::super::testing::{NOW, code, outgoing};
use super::*;
use crate::connector::AddressKind;

fn message(block: Value, data_only: bool) -> Value {
    let body = body(&outgoing(AddressKind::AndroidPush, block), data_only, NOW).unwrap();
    serde_json::from_str(&body).unwrap()
}

fn refusal(block: Value) -> u16 {
    code(&body(&outgoing(AddressKind::AndroidPush, block), false, NOW).unwrap_err())
}

#[test]
fn a_plain_notification_is_drawn_by_the_system_and_names_its_transaction() {
    let expected = json!({"message": {
        "token": "token",
        "notification": {"body": "Hello"},
        "data": {"tid": "tid-1", "appId": "AP1"},
        "android": {"ttl": "2419200s"},
    }});
    assert_eq!(message(json!({"android": {"text": "Hello"}}), false), expected);
}

#[test]
fn everything_of_the_block_finds_its_place() {
    let action = json!({"action": "DEEPLINK", "value": "app://command/x"});
    let block = json!({"android": {
        "title": "Parcel", "text": "Here", "priority": "5",
        "extras": {
            "collapse_key": "p1", "time_to_live": 60, "delay_while_idle": true, "iconurl": "https://a/i.png",
            "notificationChannelId": "news", "customtags": {"imageurl": "https://a/p.png", "order": "7"},
            "notificationaction": action,
        },
    }});
    let got = message(block, false);
    let got = &got["message"];
    assert_eq!(got["notification"], json!({"title": "Parcel", "body": "Here", "image": "https://a/p.png"}));
    let android = json!({
        "ttl": "60s", "collapse_key": "p1", "priority": "HIGH", "notification": {"channel_id": "news"},
    });
    assert_eq!(got["android"], android);
    let extras: Value = serde_json::from_str(got["data"]["extras"].as_str().unwrap()).unwrap();
    let expected = json!({
        "iconurl": "https://a/i.png", "notificationChannelId": "news", "notificationaction": action,
        "customtags": {"imageurl": "https://a/p.png", "order": "7"},
    });
    assert_eq!(extras, expected);
}

#[test]
fn priorities_from_four_on_wake_the_device() {
    for (priority, expected) in [(1, "NORMAL"), (3, "NORMAL"), (4, "HIGH"), (5, "HIGH")] {
        let got = message(json!({"android": {"text": "x", "priority": priority}}), false);
        assert_eq!(got["message"]["android"]["priority"], expected, "{priority}");
    }
}

#[test]
fn a_message_with_buttons_or_of_a_data_only_app_is_drawn_by_the_app() {
    let actions = json!([{"pos": 1, "action": "OPEN_URL", "value": "https://a"}]);
    let interactive = json!({
        "pushref": "r1", "device_types": ["android"], "category": "SINGLE_OPEN", "actions": actions,
    });
    let android = json!({"title": "T", "text": "x", "extras": {"notificationChannelId": "news"}});
    let got = message(json!({"android": android, "interactive": interactive}), false);
    let got = &got["message"];
    assert_eq!((&got["notification"], &got["android"]), (&Value::Null, &json!({"ttl": "2419200s"})));
    assert_eq!((&got["data"]["title"], &got["data"]["alert"]), (&json!("T"), &json!("x")));
    let buttons: Value = serde_json::from_str(got["data"]["interactive"].as_str().unwrap()).unwrap();
    assert_eq!(buttons, json!({"pushref": "r1", "category": "SINGLE_OPEN", "actions": actions}));

    let got = message(json!({"android": {"text": "x"}}), true);
    let expected = json!({"tid": "tid-1", "appId": "AP1", "alert": "x"});
    assert_eq!((&got["message"]["data"], &got["message"]["notification"]), (&expected, &Value::Null));
}

#[test]
fn more_than_four_kilobytes_and_a_wrong_time_to_live_are_refused() {
    let own =
        json!({"body": ""}).to_string().len() + json!({"tid": "tid-1", "appId": "AP1"}).to_string().len();
    let fits = "x".repeat(4_096 - own);
    message(json!({"android": {"text": fits}}), false);
    assert_eq!(refusal(json!({"android": {"text": format!("{fits}x")}})), 7505);
    assert_eq!(refusal(json!({"android": {"text": "x", "extras": {"time_to_live": 2_419_201}}})), 7506);
    assert_eq!(refusal(json!({"ios": {"text": "x"}})), 7112);
}
