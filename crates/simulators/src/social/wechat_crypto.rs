//! How WeChat signs and encrypts what it sends.

use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
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

/// The padding's block; not that of the cipher.
const BLOCK: usize = 32;

/// SHA-1 of the sorted texts, in hexadecimal.
#[must_use]
pub fn signature(texts: &[&str]) -> String {
    let mut sorted = texts.to_vec();
    sorted.sort_unstable();
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, sorted.concat().as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Encrypts a message for the owner of `encoding_aes_key`; `None` when that is no key.
#[must_use]
pub fn encrypt(encoding_aes_key: &str, app_id: &str, xml: &str) -> Option<String> {
    let key = KEY.decode(format!("{encoding_aes_key}=")).ok().filter(|key| key.len() == 32)?;
    let mut plain = vec![0; 16];
    aws_lc_rs::rand::fill(&mut plain).ok()?;
    plain.extend_from_slice(&u32::try_from(xml.len()).ok()?.to_be_bytes());
    plain.extend_from_slice(xml.as_bytes());
    plain.extend_from_slice(app_id.as_bytes());
    let pad = BLOCK - plain.len() % BLOCK;
    plain.extend(std::iter::repeat_n(u8::try_from(pad).ok()?, pad));
    let iv: [u8; 16] = key.get(..16)?.try_into().ok()?;
    let cipher = EncryptingKey::cbc(UnboundCipherKey::new(&AES_256, &key).ok()?).ok()?;
    cipher.less_safe_encrypt(&mut plain, EncryptionContext::Iv128(FixedLength::from(iv))).ok()?;
    Some(STANDARD.encode(plain))
}
