//! The content for one browser: RFC 8291 over the coding of RFC 8188.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};

use super::super::random::Randomness;
use super::subscription::Subscription;

/// The record size; there is one record.
const RECORD_BYTES: u32 = 4_096;
const SALT_BYTES: usize = 16;
const TAG_BYTES: usize = 16;
/// Salt, record size, length of the key, key.
const HEAD_BYTES: usize = SALT_BYTES + 4 + 1 + super::subscription::POINT_BYTES;
/// What push services must take is 4,096 bytes (RFC 8291, section 4): head, text, delimiter, tag.
pub(super) const PLAINTEXT_BYTES_MAX: usize = RECORD_BYTES as usize - HEAD_BYTES - 1 - TAG_BYTES;
/// Draws of a one-time key; each fails less than once in 2^32.
const DRAWS_MAX: usize = 4;
/// Says that the record is the last.
const LAST_RECORD: u8 = 2;

/// Why content cannot be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum SealError {
    #[error("the payload is above {PLAINTEXT_BYTES_MAX} bytes")]
    TooLong,
    #[error("the subscription's p256dh is not a point on P-256")]
    Point,
    #[error("there is no randomness, or the cryptographic library fails")]
    Crypto,
}

impl SealError {
    pub(super) const fn code(self) -> u16 {
        match self {
            Self::TooLong => 7505,
            Self::Point => super::INVALID,
            Self::Crypto => 7114,
        }
    }
}

/// The body of the request.
pub(super) fn seal(
    to: &Subscription,
    plaintext: &[u8],
    random: &dyn Randomness,
) -> Result<Vec<u8>, SealError> {
    if plaintext.len() > PLAINTEXT_BYTES_MAX {
        return Err(SealError::TooLong);
    }
    let key = one_time_key(random).ok_or(SealError::Crypto)?;
    let mut salt = [0; SALT_BYTES];
    if !random.fill(&mut salt) {
        return Err(SealError::Crypto);
    }
    let ours = key.compute_public_key().map_err(|_| SealError::Crypto)?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, to.p256dh);
    let input = agree(&key, peer, SealError::Point, |shared| {
        // Named in the order of the RFC: the browser's key, then ours.
        let info: [&[u8]; 3] = [b"WebPush: info\0", &to.p256dh, ours.as_ref()];
        derive::<32>(&to.auth, shared, &info).ok_or(SealError::Crypto)
    })?;
    let content_key = derive::<16>(&salt, &input, &[b"Content-Encoding: aes128gcm\0"]);
    let nonce = derive::<12>(&salt, &input, &[b"Content-Encoding: nonce\0"]);
    let (content_key, nonce) = content_key.zip(nonce).ok_or(SealError::Crypto)?;

    let mut record = plaintext.to_vec();
    record.push(LAST_RECORD);
    let unbound = UnboundKey::new(&AES_128_GCM, &content_key).map_err(|_| SealError::Crypto)?;
    let nonce = Nonce::assume_unique_for_key(nonce);
    LessSafeKey::new(unbound)
        .seal_in_place_append_tag(nonce, Aad::empty(), &mut record)
        .map_err(|_| SealError::Crypto)?;

    let mut body = Vec::with_capacity(HEAD_BYTES + record.len());
    body.extend_from_slice(&salt);
    body.extend_from_slice(&RECORD_BYTES.to_be_bytes());
    body.push(u8::try_from(ours.as_ref().len()).map_err(|_| SealError::Crypto)?);
    body.extend_from_slice(ours.as_ref());
    body.extend_from_slice(&record);
    Ok(body)
}

/// The public key of a number on P-256, uncompressed; `None` when it is no private key.
pub(in super::super) fn public_of(scalar: &[u8]) -> Option<Vec<u8>> {
    let key = PrivateKey::from_private_key(&ECDH_P256, scalar).ok()?;
    Some(key.compute_public_key().ok()?.as_ref().to_vec())
}

fn one_time_key(random: &dyn Randomness) -> Option<PrivateKey> {
    (0..DRAWS_MAX).find_map(|_| {
        let mut scalar = [0; 32];
        let filled = random.fill(&mut scalar);
        filled.then(|| PrivateKey::from_private_key(&ECDH_P256, &scalar).ok())?
    })
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(salt: &[u8], input: &[u8], info: &[&[u8]]) -> Option<[u8; N]> {
    let mut out = [0; N];
    Salt::new(HKDF_SHA256, salt).extract(input).expand(info, Bytes(N)).ok()?.fill(&mut out).ok()?;
    Some(out)
}

#[cfg(test)]
#[path = "encrypt_tests.rs"]
mod tests;
