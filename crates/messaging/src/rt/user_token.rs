//! The end-user token (spec 8.1): a JWT by which the app's own server vouches for who a user is.

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use waypost_channels::connector::AppAccount;

/// Longest token that is looked at.
const TOKEN_BYTES_MAX: usize = 4_096;
/// How far the app's clock may be from ours, seconds.
const SKEW_SECS: i64 = 60;

/// Why a user is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotVouched {
    /// 39: there is no token.
    Missing,
    /// 38: it is none, is signed by another key, or is another user's.
    Wrong,
    /// 40: it has ended.
    Ended,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
}

/// Whether the app of `account` vouches for a user: with a `user_token_key` among its credentials it must, by an HS256 token
/// whose `sub` is the user and whose `exp` (Unix seconds) is ahead. `bearer` is the token without the word before it.
///
/// # Errors
/// [`NotVouched`].
pub fn check(
    account: &AppAccount,
    bearer: Option<&str>,
    user: &str,
    now_secs: i64,
) -> Result<(), NotVouched> {
    let Some(key) = account.secrets.get("user_token_key") else { return Ok(()) };
    // What is no text signs nothing: everybody is refused rather than nobody asked.
    let key = key.as_str().filter(|key| !key.is_empty()).ok_or(NotVouched::Wrong)?;
    let claims = read(bearer.ok_or(NotVouched::Missing)?, key.as_bytes()).ok_or(NotVouched::Wrong)?;
    if claims.sub != user || claims.nbf.is_some_and(|begins| begins > now_secs.saturating_add(SKEW_SECS)) {
        return Err(NotVouched::Wrong);
    }
    if claims.exp <= now_secs { Err(NotVouched::Ended) } else { Ok(()) }
}

/// The claims of a token signed by the key.
fn read(token: &str, key: &[u8]) -> Option<Claims> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Header = decode(header)?;
    if header.alg != "HS256" {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    // Compares in constant time.
    hmac::verify(&hmac::Key::new(HMAC_SHA256, key), signed.as_bytes(), &signature).ok()?;
    decode(claims)
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const KEY: &str = "thirty-two octets of a signature";
    const NOW: i64 = 1_600_000_000;

    fn account(secrets: Value) -> AppAccount {
        AppAccount {
            id: 1,
            app_id: "MU1".to_owned(),
            revision: 0,
            config: json!({}),
            secrets,
            sandbox: false,
        }
    }

    fn token(alg: &str, claims: &Value, key: &str) -> String {
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", part(&json!({ "alg": alg, "typ": "JWT" })), part(claims));
        let signature = hmac::sign(&hmac::Key::new(HMAC_SHA256, key.as_bytes()), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn without_a_key_nobody_is_asked_and_with_one_everybody() {
        assert_eq!(check(&account(json!({})), None, "ann", NOW), Ok(()));
        let asked = account(json!({ "user_token_key": KEY }));
        assert_eq!(check(&asked, None, "ann", NOW), Err(NotVouched::Missing));
        assert_eq!(check(&account(json!({"user_token_key": 7})), None, "ann", NOW), Err(NotVouched::Wrong));
    }

    #[test]
    fn only_a_signed_token_of_this_user_that_has_not_ended_vouches() {
        let asked = account(json!({ "user_token_key": KEY }));
        let good = json!({"sub": "ann", "exp": NOW + 60});
        let of = |token: String| check(&asked, Some(&token), "ann", NOW);
        assert_eq!(of(token("HS256", &good, KEY)), Ok(()));
        assert_eq!(of(token("HS256", &json!({"sub": "ann", "exp": NOW}), KEY)), Err(NotVouched::Ended));
        for wrong in [
            token("none", &good, KEY),
            token("HS256", &good, "another"),
            token("HS256", &json!({"sub": "bob", "exp": NOW + 60}), KEY),
            token("HS256", &json!({"sub": "ann"}), KEY),
            token("HS256", &json!({"sub": "ann", "exp": NOW + 600, "nbf": NOW + 300}), KEY),
            "x".repeat(TOKEN_BYTES_MAX + 1),
            "a.b".to_owned(),
        ] {
            assert_eq!(of(wrong), Err(NotVouched::Wrong));
        }
    }
}
