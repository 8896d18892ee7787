//! Who calls: the service key, or a token signed with the service secret (spec 2.2).

use std::sync::Arc;

use aws_lc_rs::hmac;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use waypost_core::time::Micros;

use super::seams::{Caller, DirectoryView};
use crate::rules::Refusal;

/// A token is dead this long after its `iat`.
const TOKEN_SECS_MAX: i64 = 60 * 60;
/// How far a caller's clock may be ahead of ours.
const SKEW_SECS_MAX: i64 = 60;
/// Longest token that is looked at.
const TOKEN_BYTES_MAX: usize = 4_096;

/// The caller of a request. A Bearer token wins over a key.
///
/// # Errors
/// 7002 without either, 7001 when the one that counts is no good.
pub(super) async fn caller(
    headers: &HeaderMap,
    directory: &dyn DirectoryView,
    now: Micros,
) -> Result<Arc<Caller>, Refusal> {
    if let Some(token) = bearer(headers) {
        return by_token(token, directory, now).ok_or(Refusal::TokenInvalid);
    }
    let presented = headers.get("key").filter(|key| !key.is_empty()).ok_or(Refusal::KeyMissing)?;
    let presented = presented.to_str().map_err(|_| Refusal::KeyUnknown)?;
    if let Some(caller) = directory.by_key(presented) {
        return Ok(caller);
    }
    directory.refresh().await;
    directory.by_key(presented).ok_or(Refusal::KeyUnknown)
}

/// The token of `Authorization: Bearer`; another scheme is none of ours.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    const SCHEME: &[u8] = b"bearer ";
    let (scheme, token) = headers.get(AUTHORIZATION)?.as_bytes().split_at_checked(SCHEME.len())?;
    // A token that is no text is a bad token, not a missing one.
    scheme.eq_ignore_ascii_case(SCHEME).then(|| std::str::from_utf8(token).unwrap_or_default().trim())
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    iat: i64,
    #[serde(default)]
    exp: Option<i64>,
}

fn by_token(token: &str, directory: &dyn DirectoryView, now: Micros) -> Option<Arc<Caller>> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Header = decode(header)?;
    let claims: Claims = decode(claims)?;
    if header.alg != "HS256" {
        return None;
    }
    let login = directory.by_service_id(&claims.iss).filter(|login| !login.secret.is_empty())?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    // Compares in constant time.
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &login.secret), signed.as_bytes(), &signature).ok()?;
    is_alive(&claims, now.as_secs()).then_some(login.caller)
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn is_alive(claims: &Claims, now_secs: i64) -> bool {
    let age_secs = now_secs.saturating_sub(claims.iat);
    (-SKEW_SECS_MAX..TOKEN_SECS_MAX).contains(&age_secs) && claims.exp.is_none_or(|exp| now_secs < exp)
}
