//! Who asks (RFC 8292): signed by the key the browser subscribed with, for this service, for a day at most.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use waypost_core::time::Micros;

use super::super::jwt::Jwt;

const GOOD_SECS_MAX: i64 = 86_400;

pub(super) fn check(
    authorization: Option<&str>,
    server_point: &[u8],
    origin: &str,
    now: Micros,
) -> Result<(), (u16, &'static str)> {
    let parts = authorization.and_then(|value| value.strip_prefix("vapid "));
    let Some(parts) = parts else { return Err((401, "no vapid authorization")) };
    let part = |name: &str| {
        let parts = parts.split(',').filter_map(|part| part.trim().split_once('='));
        parts.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let (Some(token), Some(key)) = (part("t"), part("k")) else {
        return Err((401, "the vapid authorization has no t and k"));
    };
    let point = BASE64_URL_SAFE_NO_PAD.decode(key).unwrap_or_default();
    if point != server_point {
        return Err((403, "the key is not the one of the subscription"));
    }
    let jwt = Jwt::read(token).ok_or((401, "t is no token"))?;
    if !jwt.is_es256_by(&point) {
        return Err((403, "the signature is wrong"));
    }
    if jwt.text("aud") != Some(origin) {
        return Err((403, "aud is another service"));
    }
    let left = jwt.secs("exp").map(|exp| exp - now.as_secs());
    if !left.is_some_and(|left| (1..=GOOD_SECS_MAX).contains(&left)) {
        return Err((401, "exp is past or more than a day away"));
    }
    let subject = jwt.text("sub").unwrap_or_default();
    if !subject.starts_with("mailto:") && !subject.starts_with("https:") {
        return Err((403, "sub is no address"));
    }
    Ok(())
}
