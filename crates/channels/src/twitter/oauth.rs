//! OAuth 1.0a signatures (RFC 5849) with HMAC-SHA1, the only method the provider takes.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::{Position, Url};

/// The app's and the user's credentials.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// Names the app.
    pub consumer_key: &'a str,
    /// The app's secret.
    pub consumer_secret: &'a str,
    /// Names the user.
    pub token: &'a str,
    /// The user's secret.
    pub token_secret: &'a str,
}

/// What makes each request another one.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Never used twice within a second.
    pub nonce: &'a str,
    /// Unix seconds.
    pub timestamp: i64,
}

/// The value of the `authorization` header. Of the body only form fields are signed: JSON and multipart bodies have none.
#[must_use]
pub fn authorization(
    method: &str,
    url: &Url,
    form: &[(&str, &str)],
    credentials: Credentials<'_>,
    moment: Moment<'_>,
) -> String {
    let timestamp = moment.timestamp.to_string();
    let own = [
        ("oauth_consumer_key", credentials.consumer_key),
        ("oauth_nonce", moment.nonce),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", timestamp.as_str()),
        ("oauth_token", credentials.token),
        ("oauth_version", "1.0"),
    ];
    let params: Vec<(&str, &str)> = own.iter().chain(form).copied().collect();
    let signature = signature(method, url, &params, credentials.consumer_secret, credentials.token_secret);
    let mut header = "OAuth ".to_owned();
    for (name, value) in own.into_iter().chain([("oauth_signature", signature.as_str())]) {
        let separator = if name == "oauth_signature" { "" } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(header, "{}=\"{}\"{separator}", encode(name), encode(value));
    }
    header
}

/// The signature over a request (RFC 5849, 3.4): `params` are those of the header without the signature, and form fields.
#[must_use]
pub fn signature(
    method: &str,
    url: &Url,
    params: &[(&str, &str)],
    consumer_secret: &str,
    token_secret: &str,
) -> String {
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let query = query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut pairs: Vec<(String, String)> =
        params.iter().copied().chain(query).map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort();
    let joined: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let base = format!(
        "{}&{}&{}",
        method.to_ascii_uppercase(),
        encode(&url[..Position::AfterPath]),
        encode(&joined.join("&"))
    );
    let key = format!("{}&{}", encode(consumer_secret), encode(token_secret));
    let tag =
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes()), base.as_bytes());
    STANDARD.encode(tag)
}

/// Percent-encoding as RFC 5849, 3.6 has it: everything but the unreserved.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The provider's own worked example ("Creating a signature").
    #[test]
    fn the_providers_example_is_signed_as_it_says() {
        let url =
            Url::parse("https://api.twitter.com/1.1/statuses/update.json?include_entities=true").unwrap();
        let credentials = Credentials {
            consumer_key: "xvz1evFS4wEEPTGEFPHBog",
            consumer_secret: "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
            token: "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
            token_secret: "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
        };
        let moment = Moment { nonce: "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", timestamp: 1_318_622_958 };
        let form = [("status", "Hello Ladies + Gentlemen, a signed OAuth request!")];
        let header = authorization("post", &url, &form, credentials, moment);
        assert!(header.ends_with("oauth_signature=\"hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D\""), "{header}");
        assert!(
            header.starts_with("OAuth oauth_consumer_key=\"xvz1evFS4wEEPTGEFPHBog\", oauth_nonce="),
            "{header}"
        );
    }

    #[test]
    fn a_port_that_is_not_the_schemes_is_part_of_the_address() {
        let sign = |url: &str| signature("GET", &Url::parse(url).unwrap(), &[("a", "b")], "c", "t");
        assert_eq!(sign("http://127.0.0.1:80/x"), sign("http://127.0.0.1/x"));
        assert_ne!(sign("http://127.0.0.1:8080/x"), sign("http://127.0.0.1/x"));
    }

    #[test]
    fn only_the_unreserved_stay_as_they_are() {
        assert_eq!(encode("Az09-._~"), "Az09-._~");
        assert_eq!(encode("a b+c&d=é☃"), "a%20b%2Bc%26d%3D%C3%A9%E2%98%83");
    }
}
