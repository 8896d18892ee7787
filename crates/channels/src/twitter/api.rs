//! One signed call, and the errors of the provider.

use std::fmt::Write as _;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use url::Url;
use waypost_core::time::{Clock, Micros};
use waypost_egress::Egress;

use super::meanings;
use super::oauth::{Credentials, Moment, authorization};
use crate::connector::{AppAccount, Handed};
use crate::social::{Answer, Meaning, call, handed, missing, secret_text};

/// When the quota begins anew, unix seconds.
const QUOTA_RESET: &str = "x-rate-limit-reset";

fn credentials(account: &AppAccount) -> Result<Credentials<'_>, Handed> {
    let text = |name| secret_text(account, name).ok_or_else(|| missing(name));
    Ok(Credentials {
        consumer_key: text("consumer_key")?,
        consumer_secret: text("consumer_secret")?,
        token: text("access_token")?,
        token_secret: text("access_token_secret")?,
    })
}

/// Posts a body whose fields are not signed.
///
/// # Errors
/// What became of the message when there is no answer.
pub(super) async fn post(
    egress: &Egress,
    clock: &dyn Clock,
    account: &AppAccount,
    url: &Url,
    content_type: &str,
    body: Bytes,
    deadline_ms: u64,
) -> Result<Answer, Handed> {
    let nonce = nonce().ok_or_else(|| missing("randomness"))?;
    let moment = Moment { nonce: &nonce, timestamp: clock.now().as_secs() };
    let signed = authorization("POST", url, &[], credentials(account)?, moment);
    let mut headers = HeaderMap::new();
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| missing("usable credential"));
    headers.insert(CONTENT_TYPE, value(content_type)?);
    let mut signed = value(&signed)?;
    signed.set_sensitive(true);
    headers.insert(AUTHORIZATION, signed);
    call(egress, Method::POST, url, headers, body, deadline_ms).await
}

fn nonce() -> Option<String> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    let mut text = String::with_capacity(32);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Some(text)
}

/// What an answer that is no success means. Media errors come in `error`, others in `errors`.
pub(super) fn meaning(answer: &Answer) -> (Meaning, String) {
    let code = answer.int("/errors/0/code").or_else(|| answer.int("/error/code"));
    let words = ["/errors/0/message", "/error/message", "/error", "/detail"];
    let words = words.iter().find_map(|at| answer.text(at)).unwrap_or("no reason given");
    let number = code.map_or_else(|| format!("HTTP {}", answer.status), |code| format!("#{code}"));
    (meanings().of(code, None, answer.status), format!("{number} {words}"))
}

/// What a refusal means for the message.
pub(super) fn refused(answer: &Answer, now: Micros) -> Handed {
    let (meaning, detail) = meaning(answer);
    handed(meaning, &detail, answer.retry_after.or_else(|| reset(answer, now)))
}

fn reset(answer: &Answer, now: Micros) -> Option<Micros> {
    let secs = answer.headers.get(QUOTA_RESET)?.to_str().ok()?.trim().parse().ok()?;
    Some(Micros::from_secs(secs)).filter(|at| *at > now)
}
