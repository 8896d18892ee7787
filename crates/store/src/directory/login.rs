//! Passwords by which a content partner logs in: long random texts, kept as a salted hash. Their length is what makes a
//! plain hash enough, as with API keys.

use aws_lc_rs::{constant_time, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::StoreError;
use crate::seal::SealError;

/// Characters of a password at least: 16 random bytes in base64 have 22.
pub const PASSWORD_CHARS_MIN: usize = 20;
const SALT_BYTES: usize = 16;
const PASSWORD_BYTES: usize = 24;

/// A new password.
///
/// # Errors
/// When the system gives no random bytes.
pub fn generate() -> Result<String, StoreError> {
    let mut bytes = [0; PASSWORD_BYTES];
    rand::fill(&mut bytes).map_err(|_| SealError::NoRandom)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is stored of a password: a salt and the hash under it.
pub(super) fn hash(password: &str) -> Result<Vec<u8>, StoreError> {
    let mut salt = [0; SALT_BYTES];
    rand::fill(&mut salt).map_err(|_| SealError::NoRandom)?;
    Ok([salt.as_slice(), tag(&salt, password).as_ref()].concat())
}

/// Whether a presented password is the stored one; takes the same time for every password.
#[must_use]
pub fn matches(stored: &[u8], presented: &str) -> bool {
    let Some((salt, kept)) = stored.split_at_checked(SALT_BYTES) else { return false };
    constant_time::verify_slices_are_equal(kept, tag(salt, presented).as_ref()).is_ok()
}

fn tag(salt: &[u8], password: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), password.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let password = generate().unwrap();
        assert!(password.len() >= PASSWORD_CHARS_MIN);
        let (one, other) = (hash(&password).unwrap(), hash(&password).unwrap());
        assert_ne!(one, other);
        assert!(matches(&one, &password) && matches(&other, &password));
        assert!(
            !matches(&one, "something else") && !matches(&[], &password) && !matches(&one[..20], &password)
        );
    }
}
