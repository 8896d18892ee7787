//! A browser's subscription, in the forms an address may have.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use url::Url;

/// Longer values are none.
const VALUE_BYTES_MAX: usize = 4_096;
/// An uncompressed point on P-256.
pub(super) const POINT_BYTES: usize = 65;
/// The secret both sides share.
pub(super) const AUTH_BYTES: usize = 16;

/// Where to send, and for whom to encrypt.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Subscription {
    pub(super) endpoint: Url,
    pub(super) p256dh: [u8; POINT_BYTES],
    pub(super) auth: [u8; AUTH_BYTES],
}

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum SubscriptionError {
    #[error("a web push id is the subscription's JSON or endpoint|p256dh|auth")]
    Form,
    #[error("the subscription's endpoint is not a URL")]
    Endpoint,
    #[error("the subscription's p256dh is not an uncompressed point on P-256 in base64url")]
    Point,
    #[error("the subscription's auth is not 16 bytes in base64url")]
    Auth,
}

#[derive(Deserialize)]
struct Written {
    endpoint: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

impl Subscription {
    pub(super) fn parse(value: &str) -> Result<Self, SubscriptionError> {
        if value.len() > VALUE_BYTES_MAX {
            return Err(SubscriptionError::Form);
        }
        let value = value.trim();
        if value.starts_with('{') {
            let written: Written = serde_json::from_str(value).map_err(|_| SubscriptionError::Form)?;
            return Self::of(&written.endpoint, &written.keys.p256dh, &written.keys.auth);
        }
        let mut parts = value.split('|');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(endpoint), Some(p256dh), Some(auth), None) => Self::of(endpoint, p256dh, auth),
            _ => Err(SubscriptionError::Form),
        }
    }

    fn of(endpoint: &str, p256dh: &str, auth: &str) -> Result<Self, SubscriptionError> {
        let endpoint: Url = endpoint.trim().parse().map_err(|_| SubscriptionError::Endpoint)?;
        if endpoint.host().is_none() {
            return Err(SubscriptionError::Endpoint);
        }
        let point = decode(p256dh).and_then(|point| point.try_into().ok());
        let point: [u8; POINT_BYTES] = point.ok_or(SubscriptionError::Point)?;
        if point.first() != Some(&4) {
            return Err(SubscriptionError::Point);
        }
        let auth = decode(auth).and_then(|auth| auth.try_into().ok());
        Ok(Self { endpoint, p256dh: point, auth: auth.ok_or(SubscriptionError::Auth)? })
    }
}

/// Base64url as browsers give it, and the classic alphabet as some libraries do; with or without padding.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['+', '/']) { &STANDARD } else { &URL_SAFE };
    GeneralPurpose::new(alphabet, config).decode(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    #[test]
    fn the_forms_of_one_subscription_are_the_same_subscription() {
        let short = Subscription::parse(&format!("https://push.test/a|{POINT}|{AUTH}")).unwrap();
        let json = format!(
            r#"{{"endpoint":"https://push.test/a","expirationTime":null,"keys":{{"p256dh":"{POINT}","auth":"{AUTH}"}}}}"#
        );
        let classic = format!(
            "https://push.test/a|{}=|{}==",
            POINT.replace('-', "+").replace('_', "/"),
            AUTH.replace('_', "/")
        );
        assert_eq!(short.endpoint.as_str(), "https://push.test/a");
        assert_eq!(Subscription::parse(&json).unwrap(), short);
        assert_eq!(Subscription::parse(&classic).unwrap(), short);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let table = [
            ("", SubscriptionError::Form),
            ("word", SubscriptionError::Form),
            ("{}", SubscriptionError::Form),
            ("a|b|c|d", SubscriptionError::Form),
            (&format!("push.test|{POINT}|{AUTH}"), SubscriptionError::Endpoint),
            (&format!("data:x|{POINT}|{AUTH}"), SubscriptionError::Endpoint),
            (&format!("https://push.test|{AUTH}|{AUTH}"), SubscriptionError::Point),
            (&format!("https://push.test|A{}|{AUTH}", &POINT[1..]), SubscriptionError::Point),
            (&format!("https://push.test|{POINT}|{POINT}"), SubscriptionError::Auth),
            (&format!("https://push.test|{POINT}|*"), SubscriptionError::Auth),
            (&format!("https://push.test/{}|{POINT}|{AUTH}", "x".repeat(5_000)), SubscriptionError::Form),
        ];
        for (value, error) in table {
            assert_eq!(Subscription::parse(value), Err(error), "{value}");
        }
    }
}
