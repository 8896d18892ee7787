//! `x-hub-signature: sha256=<hex>`: an HMAC of the body, as WebSub (section 7) and many call-back contracts have it.

use aws_lc_rs::hmac;
use http::{HeaderName, HeaderValue};

/// The header's name.
pub const X_HUB_SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature");

const HEX: &[u8; 16] = b"0123456789abcdef";

/// The hash of the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HubHash {
    /// Only for receivers that know nothing newer.
    Sha1,
    /// The usual one.
    Sha256,
    /// The longest one.
    Sha512,
}

impl HubHash {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha512];

    /// The name before the `=`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn algorithm(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }
}

/// A shared secret with its hash; make it once and keep it.
#[derive(Clone, Debug)]
pub struct HubKey {
    hash: HubHash,
    key: hmac::Key,
}

impl HubKey {
    /// The secret's bytes, as they are.
    #[must_use]
    pub fn new(hash: HubHash, secret: &[u8]) -> Self {
        Self { hash, key: hmac::Key::new(hash.algorithm(), secret) }
    }

    /// The header's value for `body`.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> HeaderValue {
        let tag = hmac::sign(&self.key, body);
        let name = self.hash.name();
        let mut text = String::with_capacity(name.len() + 1 + tag.as_ref().len() * 2);
        text.push_str(name);
        text.push('=');
        for &byte in tag.as_ref() {
            for digit in [byte >> 4, byte & 0x0f] {
                text.push(char::from(HEX[usize::from(digit)]));
            }
        }
        // Letters, digits and "=": always a header value.
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// True when `value` is this key's signature of `body`. The comparison takes the same time wherever they differ. A
    /// signature by another hash is false.
    #[must_use]
    pub fn verify(&self, value: &[u8], body: &[u8]) -> bool {
        let hex = value.strip_prefix(self.hash.name().as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
        let tag = hex.and_then(unhex);
        tag.is_some_and(|tag| hmac::verify(&self.key, body, &tag).is_ok())
    }
}

fn unhex(hex: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    // No hash has more than 64 bytes.
    if hex.len() > 128 || !hex.len().is_multiple_of(2) {
        return None;
    }
    hex.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202 case 2 and RFC 4231 case 2: the key "Jefe".
    #[test]
    fn it_signs_as_the_rfcs_vectors_say() {
        let body = b"what do ya want for nothing?";
        let expected = [
            "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            "sha512=164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd\
             caeab1a34d4a6b4b636e070a38bce737",
        ];
        for (hash, expected) in HubHash::ALL.into_iter().zip(expected) {
            let key = HubKey::new(hash, b"Jefe");
            assert_eq!(key.sign(body), expected);
            assert!(key.verify(expected.as_bytes(), body));
            assert!(key.verify(expected.to_uppercase().replace("SHA", "sha").as_bytes(), body));
        }
    }

    #[test]
    fn anything_else_is_not_a_signature() {
        let key = HubKey::new(HubHash::Sha256, b"secret");
        let good = key.sign(b"body");
        let good = good.to_str().unwrap();
        let sha1 = HubKey::new(HubHash::Sha1, b"secret").sign(b"body");
        let (shorter, other) =
            (&good[..good.len() - 2], HubKey::new(HubHash::Sha256, b"other").sign(b"body"));
        let bad = [
            "",
            "sha256",
            "sha256=",
            "sha256=zz",
            "sha256=abc",
            shorter,
            &good[7..],
            &format!("{good}00"),
            &"0".repeat(10_000),
            sha1.to_str().unwrap(),
            other.to_str().unwrap(),
        ];
        assert!(bad.into_iter().all(|value| !key.verify(value.as_bytes(), b"body")));
        assert!(key.verify(good.as_bytes(), b"body") && !key.verify(good.as_bytes(), b"Body"));
    }
}
