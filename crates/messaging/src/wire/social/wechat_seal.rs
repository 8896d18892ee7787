//! How WeChat signs and encrypts its webhooks.

use aws_lc_rs::cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

/// Keys are 43 characters drawn at random: the last one may have bits that mean nothing.
const KEY: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Octets before the message: random ones, and its length.
const HEAD: usize = 16 + 4;
/// Octets of padding, at most.
const PAD_MAX: usize = 32;

/// Whether `presented` is the signature over `texts`: the SHA-1 of their sorted sequence, in hexadecimal. The comparison
/// takes the same time wherever they differ.
#[must_use]
pub fn is_signed(presented: &str, texts: &[&str]) -> bool {
    let mut sorted = texts.to_vec();
    sorted.sort_unstable();
    let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, sorted.concat().as_bytes());
    let expected: String = sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    verify_slices_are_equal(expected.as_bytes(), presented.to_ascii_lowercase().as_bytes()).is_ok()
}

/// Decrypts a message for the account `app_id`; `None` when it was not made for it.
#[must_use]
pub fn open(encoding_aes_key: &str, app_id: &str, sealed: &str) -> Option<Vec<u8>> {
    let key = KEY.decode(format!("{encoding_aes_key}=")).ok().filter(|key| key.len() == 32)?;
    let mut sealed = STANDARD.decode(sealed.trim()).ok()?;
    let iv: [u8; 16] = key.get(..16)?.try_into().ok()?;
    if sealed.is_empty() || !sealed.len().is_multiple_of(16) {
        return None;
    }
    let cipher = DecryptingKey::cbc(UnboundCipherKey::new(&AES_256, &key).ok()?).ok()?;
    let plain = cipher.decrypt(&mut sealed, DecryptionContext::Iv128(FixedLength::from(iv))).ok()?;
    let pad = usize::from(*plain.last()?);
    if pad == 0 || pad > PAD_MAX {
        return None;
    }
    let plain = plain.get(..plain.len().checked_sub(pad)?)?;
    let length: [u8; 4] = plain.get(16..HEAD)?.try_into().ok()?;
    let end = HEAD.checked_add(usize::try_from(u32::from_be_bytes(length)).ok()?)?;
    let message = plain.get(HEAD..end)?;
    // What follows the message names whom it was made for.
    (plain.get(end..)? == app_id.as_bytes()).then(|| message.to_vec())
}
