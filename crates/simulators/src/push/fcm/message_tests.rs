use serde_json::json;

use super::*;

fn of(message: Value) -> Result<(), (Option<String>, String)> {
    check(json!({"message": message}).to_string().as_bytes()).map_err(|wrong| (wrong.field, wrong.text))
}

fn field(message: Value) -> Option<String> {
    of(message).unwrap_err().0
}

#[test]
fn a_message_of_its_form_is_taken() {
    let android = json!({"ttl": "2419200s", "priority": "HIGH", "notification": {"channel_id": "a"}});
    let full = json!({
        "token": "t", "data": {"a": "b"}, "notification": {"title": "T", "body": "B"}, "android": android,
    });
    assert_eq!(of(full), Ok(()));
    assert_eq!(of(json!({"token": "t"})), Ok(()));
}

#[test]
fn what_is_not_of_its_form_is_named() {
    let at = |field: &str| Some(field.to_owned());
    let with = |key: &str, value: Value| field(json!({"token": "t", key: value}));
    assert_eq!(field(json!({})), at("message"));
    assert_eq!(field(json!({"token": "t", "topic": "x"})), at("message"));
    assert_eq!(with("colour", json!(1)), at("message"));
    assert_eq!(with("data", json!({"a": 1})), at("message.data[0].value"));
    assert_eq!(with("data", json!([])), at("message.data"));
    for key in ["from", "message_type", "google.a", "gcm.a"] {
        assert_eq!(with("data", json!({key: "x"})), at("message.data"), "{key}");
    }
    assert_eq!(with("notification", json!({"body": 1})), at("message.notification.body"));
    assert_eq!(with("notification", json!({"text": "x"})), at("message.notification"));
    for ttl in [json!("2419201s"), json!("1"), json!("-1s"), json!(5), json!("1.0000000001s"), json!("s")] {
        assert_eq!(with("android", json!({"ttl": ttl})), at("message.android.ttl"), "{ttl}");
    }
    assert_eq!(with("android", json!({"priority": "high"})), at("message.android.priority"));
    let token = of(json!({"token": "a b"})).unwrap_err();
    assert_eq!(token, (None, "The registration token is not a valid FCM registration token".to_owned()));
    assert_eq!(check(b"{").unwrap_err().field, None);
}

#[test]
fn keys_and_values_of_more_than_four_kilobytes_are_too_big() {
    let message = |bytes: usize| of(json!({"token": "t", "data": {"k": "x".repeat(bytes)}}));
    assert_eq!(message(4_095), Ok(()));
    assert_eq!(message(4_096), Err((None, "Android message is too big".to_owned())));
}
