use super::super::super::testing::{NOW, code, outgoing};
use super::*;

fn of(kind: AddressKind, block: Value) -> Result<Message, u16> {
    message(&outgoing(kind, block), NOW).map_err(|handed| code(&handed))
}

#[test]
fn the_service_worker_gets_the_form_it_knows() {
    let block = json!({"web": {
        "title": "T", "text": "x", "url": "https://a", "actiontext": "Go",
        "extras": {"collapse_key": "p 1", "time_to_live": 60, "iconurl": "https://a/i.png"},
    }});
    let message = of(AddressKind::ChromePush, block).unwrap();
    let mut got: Value = serde_json::from_str(&message.plaintext).unwrap();
    let extras: Value = serde_json::from_str(got["extras"].as_str().unwrap()).unwrap();
    let expected = json!({"iconurl": "https://a/i.png", "url": "https://a", "actiontext": "Go"});
    assert_eq!((extras, message.ttl), (expected, 60));
    got["extras"] = Value::Null;
    let expected = json!({
        "title": "T", "alert": "x", "tid": "tid-1", "appId": "AP1", "collapse_key": "p 1", "extras": null,
    });
    assert_eq!(got, expected);
}

#[test]
fn a_collapse_key_becomes_a_topic_of_thirty_two_characters_at_most() {
    let topic = |key: &str| {
        let web = json!({"web": {"text": "x", "extras": {"collapse_key": key}}});
        of(AddressKind::SafariPush, web).unwrap().topic.unwrap()
    };
    assert_eq!(topic("order-7_a"), "order-7_a");
    assert_eq!(topic(&"k".repeat(32)), "k".repeat(32));
    for key in ["order 7", "заказ", &"k".repeat(33)] {
        let topic = topic(key);
        let is_char = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        assert!(topic.len() == 32 && topic.bytes().all(is_char), "{key}: {topic}");
    }
    assert_ne!(topic("order 7"), topic("order 8"));
}

#[test]
fn only_the_browsers_that_are_named_get_it() {
    let sent = |kind: AddressKind, types: Value| {
        of(kind, json!({"web": {"text": "x", "platform_types": types}})).map(|_| ())
    };
    assert_eq!(sent(AddressKind::ChromePush, json!(["Chrome"])), Ok(()));
    assert_eq!(sent(AddressKind::FirefoxPush, json!(["chrome", "safari"])), Err(7112));
    assert_eq!(sent(AddressKind::FirefoxPush, json!(["chrome", "firefox"])), Ok(()));
    assert_eq!(sent(AddressKind::SafariPush, Value::Null), Ok(()));
    assert_eq!(sent(AddressKind::SafariPush, json!("safari")), Ok(()));
    assert_eq!(sent(AddressKind::SafariPush, json!([])), Err(7112));
    let misspelt = json!({"web": {"text": "x", "platorm_types": ["chrome"]}});
    assert_eq!(of(AddressKind::SafariPush, misspelt).map(|_| ()), Err(7112));
}

#[test]
fn a_wrong_time_to_live_and_a_missing_block_are_refused() {
    let late = json!({"web": {"text": "x", "extras": {"time_to_live": 2_419_201}}});
    assert_eq!(of(AddressKind::ChromePush, late).map(|_| ()), Err(7506));
    assert_eq!(of(AddressKind::ChromePush, json!({"ios": {}})).map(|_| ()), Err(7112));
    assert_eq!(of(AddressKind::Psid, json!({"web": {"text": "x"}})).map(|_| ()), Err(7102));
}
