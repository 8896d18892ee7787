//! `x-hub-signature`: HMAC of the raw body in hexadecimal.

use aws_lc_rs::hmac;

/// Whether `signature` (`sha256=<hex>`, `sha512=<hex>` or the legacy `sha1=<hex>`) is that of `body` by `secret`.
#[must_use]
pub fn is_signed_by(secret: &str, body: &[u8], signature: &str) -> bool {
    let Some((algorithm, digest)) = signature.split_once('=') else { return false };
    let algorithm = match algorithm {
        "sha256" => hmac::HMAC_SHA256,
        "sha512" => hmac::HMAC_SHA512,
        "sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        _ => return false,
    };
    let Some(digest) = octets(digest) else { return false };
    hmac::verify(&hmac::Key::new(algorithm, secret.as_bytes()), body, &digest).is_ok()
}

fn octets(hex: &str) -> Option<Vec<u8>> {
    let digit = |octet: u8| char::from(octet).to_digit(16);
    let pair = |pair: &[u8]| match *pair {
        [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
        _ => None,
    };
    hex.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_rfc_4231_and_nothing_else() {
        let sha256 = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let sha512 = "sha512=164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";
        let (secret, body) = ("Jefe", b"what do ya want for nothing?");
        for good in [sha256, sha512] {
            assert!(is_signed_by(secret, body, good), "{good}");
            assert!(!is_signed_by("other", body, good), "{good}");
            assert!(!is_signed_by(secret, b"other", good), "{good}");
        }
        for bad in ["", "sha256=", "sha256=5b", "md5=5bdc", "sha256=xyz", &sha256[..20]] {
            assert!(!is_signed_by(secret, body, bad), "{bad}");
        }
    }
}
