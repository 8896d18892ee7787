//! Secrets at rest: AES-256-GCM under a master key that is kept outside the store.
//!
//! A sealed value is bound to its place: the purpose (`table/column/owner`) is authenticated with it, so a value moved
//! to another row does not open. Owners are named by slugs, not row ids, so that an export opens where it is imported.

use std::fmt;
use std::ops::Deref;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{digest, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::StoreError;

/// Bytes of the master key.
pub const KEY_BYTES: usize = 32;
/// First byte of a sealed value.
const VERSION: u8 = 1;
/// Bytes that tell which key sealed a value.
const KEY_ID_BYTES: usize = 4;
const HEAD_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_LEN;

/// Why a secret could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// The text is not the base64 of 32 bytes.
    #[error("the master key is not 32 bytes in base64")]
    BadKey,
    /// The value was sealed with another master key.
    #[error(
        "a stored secret was sealed with another master key; configure the key it was sealed with, or set the secret again"
    )]
    WrongKey,
    /// The value was changed, cut, or moved from another row.
    #[error("a stored secret is damaged or belongs to another row; set it again")]
    Damaged,
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    NoRandom,
}

impl From<SealError> for StoreError {
    fn from(error: SealError) -> Self {
        Self::Refused(error.to_string())
    }
}

/// The key that seals; never shown.
pub struct MasterKey {
    bytes: [u8; KEY_BYTES],
    id: [u8; KEY_ID_BYTES],
}

impl MasterKey {
    /// From its 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        let mut id = [0; KEY_ID_BYTES];
        let hash = digest::digest(&digest::SHA256, &[b"waypost master key".as_slice(), &bytes].concat());
        id.copy_from_slice(&hash.as_ref()[..KEY_ID_BYTES]);
        Self { bytes, id }
    }

    /// From its base64 form; blanks around it are ignored.
    ///
    /// # Errors
    /// [`SealError::BadKey`].
    pub fn from_base64(text: &str) -> Result<Self, SealError> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| SealError::BadKey)?;
        bytes.try_into().map(Self::from_bytes).map_err(|_| SealError::BadKey)
    }

    /// A new random key.
    ///
    /// # Errors
    /// [`SealError::NoRandom`].
    pub fn generate() -> Result<Self, SealError> {
        let mut bytes = [0; KEY_BYTES];
        rand::fill(&mut bytes).map_err(|_| SealError::NoRandom)?;
        Ok(Self::from_bytes(bytes))
    }

    /// The base64 form, to be kept outside the store.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.bytes)
    }

    fn cipher(&self) -> Result<LessSafeKey, SealError> {
        UnboundKey::new(&AES_256_GCM, &self.bytes).map(LessSafeKey::new).map_err(|_| SealError::BadKey)
    }

    /// A key of its own for a purpose, from which neither this key nor that of another purpose can be told.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; KEY_BYTES] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.bytes);
        let tag = hmac::sign(&key, purpose.as_bytes());
        let mut derived = [0; KEY_BYTES];
        derived.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        derived
    }

    /// Seals `plain` for one place.
    ///
    /// # Errors
    /// [`SealError::NoRandom`].
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|_| SealError::NoRandom)?;
        let mut body = plain.to_vec();
        self.cipher()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(purpose.as_bytes()),
                &mut body,
            )
            .map_err(|_| SealError::Damaged)?;
        Ok([&[VERSION], self.id.as_slice(), &nonce, &body].concat())
    }

    /// Opens what [`MasterKey::seal`] made for the same place.
    ///
    /// # Errors
    /// [`SealError::WrongKey`] or [`SealError::Damaged`].
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Secret, SealError> {
        let (head, body) = sealed.split_at_checked(HEAD_BYTES).ok_or(SealError::Damaged)?;
        let (Some(&VERSION), id) = (head.first(), &head[1..=KEY_ID_BYTES]) else {
            return Err(SealError::Damaged);
        };
        if id != self.id {
            return Err(SealError::WrongKey);
        }
        let nonce: [u8; NONCE_LEN] = head[1 + KEY_ID_BYTES..].try_into().map_err(|_| SealError::Damaged)?;
        let mut body = body.to_vec();
        let plain = self
            .cipher()?
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.as_bytes()), &mut body)
            .map_err(|_| SealError::Damaged)?;
        Ok(Secret(plain.to_vec()))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MasterKey(…)")
    }
}

/// An opened secret; its bytes are not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// As text, when it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl Deref for Secret {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_in_its_place_only() {
        let key = MasterKey::generate().unwrap();
        let sealed = key.seal("smpp_connection/password/a", b"hunter2").unwrap();
        assert_eq!(&*key.open("smpp_connection/password/a", &sealed).unwrap(), b"hunter2");
        assert_eq!(key.open("smpp_connection/password/b", &sealed), Err(SealError::Damaged));
        assert_ne!(key.seal("smpp_connection/password/a", b"hunter2").unwrap(), sealed);
    }

    #[test]
    fn another_key_is_told_from_damage() {
        let (key, other) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
        let mut sealed = key.seal("p", b"x").unwrap();
        assert_eq!(other.open("p", &sealed), Err(SealError::WrongKey));
        *sealed.last_mut().unwrap() ^= 1;
        assert_eq!(key.open("p", &sealed), Err(SealError::Damaged));
        assert_eq!(key.open("p", &sealed[..HEAD_BYTES - 1]), Err(SealError::Damaged));
        assert_eq!(key.open("p", &[]), Err(SealError::Damaged));
    }

    #[test]
    fn a_key_survives_its_text_and_is_not_printed() {
        let key = MasterKey::from_bytes([7; KEY_BYTES]);
        let again = MasterKey::from_base64(&format!(" {}\n", key.to_base64())).unwrap();
        assert_eq!(again.bytes, key.bytes);
        assert_eq!(format!("{key:?}"), "MasterKey(…)");
        assert_eq!(MasterKey::from_base64("AAAA").unwrap_err(), SealError::BadKey);
        assert_eq!(MasterKey::from_base64("not base64").unwrap_err(), SealError::BadKey);
    }
}
