//! The application token `app-jwt`: HS256, bound to its key (spec 2.2).

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Days a token lives, exactly.
pub const TOKEN_DAYS: i64 = 730;
/// Characters of a key that its token repeats.
pub const SUFFIX_CHARS: usize = 12;
/// Longest token that is looked at.
const TOKEN_BYTES_MAX: usize = 4_096;
/// How far the caller's clock may be ahead of ours, seconds.
const SKEW_SECS: i64 = 60;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Short name of the application.
    #[serde(default)]
    pub nameid: String,
    /// Its display name.
    #[serde(default)]
    pub unique_name: String,
    /// Always `User`.
    #[serde(default)]
    pub role: String,
    /// The last twelve characters of the key it belongs to.
    #[serde(rename = "CorrelationKey", default)]
    pub correlation_key: String,
    /// Not before, unix seconds.
    pub nbf: i64,
    /// End, unix seconds.
    pub exp: i64,
    /// Made at, unix seconds.
    pub iat: i64,
    /// Who made it.
    pub iss: String,
    /// For whom.
    pub aud: String,
}

/// What a token must fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The signing secret.
    pub secret: &'a [u8],
    /// The end of the presented key.
    pub suffix: &'a str,
    /// Who must have made it.
    pub issuer: &'a str,
    /// For whom.
    pub audience: &'a str,
    /// Now, unix seconds.
    pub now_secs: i64,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
}

/// Signs the claims.
///
/// # Errors
/// Never in practice: the claims are plain texts and numbers.
pub fn sign(claims: &Claims, secret: &[u8]) -> Result<String, serde_json::Error> {
    let header = Header { alg: "HS256".to_owned(), typ: "JWT".to_owned() };
    let part = |json: Vec<u8>| URL_SAFE_NO_PAD.encode(json);
    let signed = format!("{}.{}", part(serde_json::to_vec(&header)?), part(serde_json::to_vec(claims)?));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The claims of a token that is signed, alive, and made for this key; `None` for any other.
#[must_use]
pub fn verify(token: &str, expected: &Expected<'_>) -> Option<Claims> {
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
    let key = hmac::Key::new(hmac::HMAC_SHA256, expected.secret);
    hmac::verify(&key, signed.as_bytes(), &signature).ok()?;
    let claims: Claims = decode(claims)?;
    fits(&claims, expected).then_some(claims)
}

fn fits(claims: &Claims, expected: &Expected<'_>) -> bool {
    let bound =
        constant_time::verify_slices_are_equal(claims.correlation_key.as_bytes(), expected.suffix.as_bytes());
    let now = expected.now_secs;
    bound.is_ok()
        && claims.nbf <= now.saturating_add(SKEW_SECS)
        && now < claims.exp
        && claims.iss == expected.issuer
        && claims.aud == expected.audience
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// The end of a key that its token repeats.
#[must_use]
pub fn suffix(key: &str) -> &str {
    key.len().checked_sub(SUFFIX_CHARS).and_then(|at| key.get(at..)).unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"thirty-two octets of a signature";

    fn claims() -> Claims {
        Claims {
            nameid: "CSF".to_owned(),
            unique_name: "Seafarers".to_owned(),
            role: "User".to_owned(),
            correlation_key: "89abcdef0123".to_owned(),
            nbf: 1_000,
            exp: 1_000 + TOKEN_DAYS * 86_400,
            iat: 1_000,
            iss: "me".to_owned(),
            aud: "you".to_owned(),
        }
    }

    fn expected() -> Expected<'static> {
        Expected { secret: SECRET, suffix: "89abcdef0123", issuer: "me", audience: "you", now_secs: 2_000 }
    }

    #[test]
    fn a_token_is_read_back_by_its_secret_and_key_only() {
        let token = sign(&claims(), SECRET).unwrap();
        assert_eq!(verify(&token, &expected()), Some(claims()));
        assert_eq!(verify(&token, &Expected { secret: b"another", ..expected() }), None);
        assert_eq!(verify(&token, &Expected { suffix: "000000000000", ..expected() }), None);
        assert_eq!(verify(&token, &Expected { issuer: "she", ..expected() }), None);
        assert_eq!(verify(&token, &Expected { audience: "she", ..expected() }), None);
    }

    #[test]
    fn a_token_lives_from_nbf_to_exp() {
        let token = sign(&claims(), SECRET).unwrap();
        let at = |now_secs| verify(&token, &Expected { now_secs, ..expected() }).is_some();
        assert!(
            !at(939) && at(940) && at(1_000 + TOKEN_DAYS * 86_400 - 1) && !at(1_000 + TOKEN_DAYS * 86_400)
        );
    }

    #[test]
    fn another_algorithm_and_a_changed_letter_are_refused() {
        let token = sign(&claims(), SECRET).unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let (_, rest) = token.split_once('.').unwrap();
        for odd in [
            format!("{none}.{rest}"),
            format!("{token}x"),
            "a.b.c".to_owned(),
            String::new(),
            "é.é.é".to_owned(),
        ] {
            assert_eq!(verify(&odd, &expected()), None, "{odd}");
        }
    }

    #[test]
    fn the_suffix_is_the_last_twelve_characters() {
        assert_eq!(suffix("0123456789abcdef0123456789abcdef"), "456789abcdef");
        assert_eq!(suffix("short"), "short");
        assert_eq!(suffix("ééééééééééé"), "éééééé");
    }
}
