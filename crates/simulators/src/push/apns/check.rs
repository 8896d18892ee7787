//! The checks of one request, as Apple's "Sending notification requests to APNs" has them.

use serde_json::Value;

use super::super::reply::Asked;

const PAYLOAD_BYTES_MAX: usize = 4_096;
const COLLAPSE_BYTES_MAX: usize = 64;
const PUSH_TYPES: [&str; 10] = [
    "alert",
    "background",
    "complication",
    "controls",
    "fileprovider",
    "liveactivity",
    "location",
    "mdm",
    "pushtotalk",
    "voip",
];

/// A header, what it may be, and the reason when it is something else.
type Rule = (&'static str, fn(&str) -> bool, &'static str);

pub(super) fn headers(asked: &Asked, topic: &str) -> Result<(), &'static str> {
    let is_twice = |name: &http::HeaderName| {
        name.as_str().starts_with("apns-") && asked.headers.get_all(name).iter().count() > 1
    };
    if asked.headers.keys().any(is_twice) {
        return Err("DuplicateHeaders");
    }
    match asked.header("apns-topic") {
        None => return Err("MissingTopic"),
        Some(named) if named != topic => return Err("TopicDisallowed"),
        Some(_) => {}
    }
    let checks: [Rule; 5] = [
        ("apns-id", is_uuid, "BadMessageId"),
        ("apns-expiration", |value| value.parse::<u64>().is_ok(), "BadExpirationDate"),
        ("apns-priority", |value| ["10", "5", "1"].contains(&value), "BadPriority"),
        ("apns-collapse-id", |value| value.len() <= COLLAPSE_BYTES_MAX, "BadCollapseId"),
        ("apns-push-type", |value| PUSH_TYPES.contains(&value), "InvalidPushType"),
    ];
    for (name, is_good, reason) in checks {
        if asked.header(name).is_some_and(|value| !is_good(value)) {
            return Err(reason);
        }
    }
    Ok(())
}

pub(super) fn device(token: &str) -> Result<(), &'static str> {
    if token.is_empty() {
        return Err("MissingDeviceToken");
    }
    let is_hex = token.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex && token.len().is_multiple_of(2) { Ok(()) } else { Err("BadDeviceToken") }
}

pub(super) fn payload(body: &[u8]) -> Result<(), &'static str> {
    if body.len() > PAYLOAD_BYTES_MAX {
        return Err("PayloadTooLarge");
    }
    let payload: Option<Value> = serde_json::from_slice(body).ok();
    match payload {
        Some(payload) if payload["aps"].is_object() => Ok(()),
        _ => Err("PayloadEmpty"),
    }
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let is_digit = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderName, HeaderValue, Method, Version};

    use super::*;

    fn with(pairs: &[(&'static str, &str)]) -> Result<(), &'static str> {
        let mut map = HeaderMap::new();
        map.insert("apns-topic", HeaderValue::from_static("a.b"));
        for (name, value) in pairs {
            if name == &"apns-topic" {
                map.remove(*name);
            }
            if !value.is_empty() {
                map.append(HeaderName::from_static(name), value.parse().unwrap());
            }
        }
        let (method, path, body) = (Method::POST, String::new(), Bytes::new());
        headers(&Asked { method, path, version: Version::HTTP_2, headers: map, body }, "a.b")
    }

    #[test]
    fn every_header_has_its_rule_and_its_reason() {
        let good = "0189c6f0-1111-8222-8333-444455556666";
        assert_eq!(with(&[]), Ok(()));
        assert_eq!(with(&[("apns-id", good), ("apns-expiration", "0"), ("apns-priority", "5")]), Ok(()));
        assert_eq!(with(&[("apns-push-type", "alert"), ("apns-collapse-id", &"k".repeat(64))]), Ok(()));
        assert_eq!(with(&[("apns-topic", "")]), Err("MissingTopic"));
        assert_eq!(with(&[("apns-topic", "c.d")]), Err("TopicDisallowed"));
        assert_eq!(with(&[("apns-id", good), ("apns-id", good)]), Err("DuplicateHeaders"));
        for id in ["x", &good[1..], &good.replace('-', "x")] {
            assert_eq!(with(&[("apns-id", id)]), Err("BadMessageId"), "{id}");
        }
        assert_eq!(with(&[("apns-expiration", "-1")]), Err("BadExpirationDate"));
        assert_eq!(with(&[("apns-priority", "7")]), Err("BadPriority"));
        assert_eq!(with(&[("apns-collapse-id", &"k".repeat(65))]), Err("BadCollapseId"));
        assert_eq!(with(&[("apns-push-type", "loud")]), Err("InvalidPushType"));
    }

    #[test]
    fn devices_and_payloads_have_their_form() {
        assert_eq!([device("00ff"), device("")], [Ok(()), Err("MissingDeviceToken")]);
        assert_eq!([device("0"), device("zz")], [Err("BadDeviceToken"); 2]);
        assert_eq!(payload(br#"{"aps":{}}"#), Ok(()));
        for bad in [&b""[..], b"{}", b"{\"aps\":1}", b"x"] {
            assert_eq!(payload(bad), Err("PayloadEmpty"));
        }
        assert_eq!(payload(&[b' '; 4_097]), Err("PayloadTooLarge"));
    }
}
