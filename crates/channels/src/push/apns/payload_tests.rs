use super::super::super::testing::{NOW, code, outgoing};
use super::*;
use crate::connector::AddressKind;

fn of(block: Value) -> Push {
    push(&outgoing(AddressKind::IosPush, block), NOW).unwrap()
}

fn payload(block: Value) -> Value {
    serde_json::from_str(&of(block).body).unwrap()
}

fn refusal(block: Value) -> u16 {
    code(&push(&outgoing(AddressKind::IosPush, block), NOW).unwrap_err())
}

#[test]
fn a_plain_notification_names_its_transaction_and_is_kept_for_thirty_days() {
    let push = of(json!({"ios": {"text": "Hello"}}));
    let expected = json!({"aps": {"alert": {"body": "Hello"}}, "tid": "tid-1", "appId": "AP1"});
    assert_eq!(serde_json::from_str::<Value>(&push.body).unwrap(), expected);
    assert_eq!((push.expiration, push.collapse_id), (NOW.as_secs() + 2_592_000, None));
}

#[test]
fn everything_of_the_block_finds_its_place() {
    let actions = json!([{"pos": 1, "action": "DISMISS"}]);
    let block = json!({
        "ios": {"title": "T", "text": "x", "extras": {
            "badge": "3", "sound": "ding.caf", "collapse_key": "p1", "time_to_live": 60,
            "attachmenturl": "https://a/p.png", "customtags": {"order": "7"},
            "notificationaction": {"action": "OPEN_URL", "value": "https://a"},
        }},
        "interactive": {"pushref": "r", "device_types": ["ios"], "category": "SINGLE_DISMISS", "actions": actions},
    });
    let push = of(block.clone());
    assert_eq!((push.expiration, push.collapse_id.as_deref()), (NOW.as_secs() + 60, Some("p1")));
    let expected = json!({
        "aps": {
            "alert": {"title": "T", "body": "x"}, "badge": 3, "sound": "ding.caf",
            "category": "SINGLE_DISMISS", "mutable-content": 1,
        },
        "tid": "tid-1", "appId": "AP1",
        "extras": {
            "badge": "3", "sound": "ding.caf", "attachmenturl": "https://a/p.png",
            "customtags": {"order": "7"}, "notificationaction": {"action": "OPEN_URL", "value": "https://a"},
        },
        "interactive": {"pushref": "r", "category": "SINGLE_DISMISS", "actions": actions},
    });
    assert_eq!(payload(block), expected);
}

#[test]
fn a_time_to_live_of_zero_is_one_try() {
    assert_eq!(of(json!({"ios": {"text": "x", "extras": {"time_to_live": 0}}})).expiration, 0);
}

#[test]
fn more_than_four_kilobytes_and_a_wrong_time_to_live_are_refused() {
    let own = of(json!({"ios": {"text": ""}})).body.len();
    let fits = "x".repeat(4_096 - own);
    assert_eq!(of(json!({"ios": {"text": fits}})).body.len(), 4_096);
    assert_eq!(refusal(json!({"ios": {"text": format!("{fits}x")}})), 7510);
    assert_eq!(refusal(json!({"ios": {"text": "x", "extras": {"time_to_live": 2_592_001}}})), 7511);
    assert_eq!(refusal(json!({"android": {"text": "x"}})), 7112);
}

#[test]
fn a_collapse_key_that_apns_does_not_take_is_replaced_by_a_name_of_its_own() {
    let id =
        |key: &str| of(json!({"ios": {"text": "x", "extras": {"collapse_key": key}}})).collapse_id.unwrap();
    assert_eq!(id(&"k".repeat(64)), "k".repeat(64));
    let long = id(&"k".repeat(65));
    assert_eq!((long.len(), id(&"k".repeat(65)), id("ключ").len()), (32, long.clone(), 32));
    assert_ne!(id("ключ"), long);
}
