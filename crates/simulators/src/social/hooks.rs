//! Webhooks: made, signed as the provider signs, and posted.

use aws_lc_rs::hmac;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use url::Url;
use waypost_egress::{Egress, EgressError};

/// A webhook that is ready to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Added to the webhook's address.
    pub query: Vec<(String, String)>,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The value of `x-hub-signature-256`.
#[must_use]
pub fn sign_hub(secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body);
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

/// The value of `x-twitter-webhooks-signature`, and of a CRC's `response_token`.
#[must_use]
pub fn sign_x(secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body);
    format!("sha256={}", STANDARD.encode(tag))
}

/// How long a webhook may take.
const DEADLINE_MS: u64 = 5_000;
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Posts a webhook; the status and body of the answer.
///
/// # Errors
/// Those of the exchange.
pub(super) async fn post(egress: &Egress, url: &Url, hook: &Hook) -> Result<(u16, String), EgressError> {
    let mut url = url.clone();
    if !hook.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&hook.query);
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &hook.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    let body = Bytes::from(hook.body.clone());
    let answer = egress.request(Method::POST, &url, headers, body, DEADLINE_MS, ANSWER_BYTES_MAX).await?;
    Ok((answer.status.as_u16(), String::from_utf8_lossy(&answer.body).into_owned()))
}
