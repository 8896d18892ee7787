//! Whatever a client or a provider writes: an answer, never a panic.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use waypost_core::time::Micros;

use super::testing::{NOW, code, outgoing};
use super::{apns, fcm, web};
use crate::connector::{AddressKind, Outgoing};

/// Codes that our own checks may give a block.
const OWN_CODES: [u16; 8] = [7102, 7112, 7503, 7505, 7506, 7510, 7511, 7512];

const KEYS: [&str; 18] = [
    "android",
    "ios",
    "web",
    "interactive",
    "title",
    "text",
    "url",
    "priority",
    "extras",
    "time_to_live",
    "collapse_key",
    "customtags",
    "imageurl",
    "badge",
    "sound",
    "device_types",
    "platform_types",
    "category",
];

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[a-z_]{0,12}|ios|android|chrome|[0-9]{1,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let key = prop_oneof![prop::sample::select(&KEYS[..]).prop_map(str::to_owned), ".{0,8}"];
        let object = prop::collection::vec((key, inner.clone()), 0..6)
            .prop_map(|pairs| Value::Object(Map::from_iter(pairs)));
        prop_oneof![2 => object, 1 => prop::collection::vec(inner, 0..4).prop_map(Value::from)]
    })
}

fn any_outgoing(kind: AddressKind) -> impl Strategy<Value = Outgoing> {
    let expiry = prop::option::of(any::<i64>());
    (json_value(), json_value(), json_value(), ".{0,60}", expiry).prop_map(
        move |(android, ios, web, value, expires_at)| {
            let block = json!({"android": android, "ios": ios, "web": web, "interactive": ios});
            let mut out = outgoing(kind, block);
            out.address.value = value;
            out.expires_at = expires_at.map(Micros);
            out
        },
    )
}

fn check(result: Result<String, crate::connector::Handed>, bytes_max: usize) {
    match result {
        Ok(body) => {
            assert!(body.len() <= bytes_max, "{} bytes", body.len());
            assert!(serde_json::from_str::<Value>(&body).unwrap().is_object());
        }
        Err(handed) => assert!(OWN_CODES.contains(&code(&handed)), "{handed:?}"),
    }
}

proptest! {
    #[test]
    fn any_block_is_a_message_of_fcm_or_a_code(out in any_outgoing(AddressKind::AndroidPush), data in any::<bool>()) {
        // Token, time to live and channel come on top of the payload.
        check(fcm::body(&out, data, NOW), 16_384);
    }

    #[test]
    fn any_block_is_a_payload_of_apns_or_a_code(out in any_outgoing(AddressKind::IosPush)) {
        check(apns::body(&out, NOW), 4_096);
    }

    #[test]
    fn any_block_is_a_message_for_a_browser_or_a_code(out in any_outgoing(AddressKind::FirefoxPush)) {
        check(web::body(&out, NOW), usize::MAX);
    }

    #[test]
    fn any_text_is_a_subscription_or_not(value in ".{0,200}|\\{.{0,100}\\}|https://[a-z.]{1,9}(\\|[A-Za-z0-9_-]{0,90}){0,3}") {
        let _ = web::is_subscription(&value);
    }
}
