//! API keys: 32 random bytes behind a readable prefix, stored as SHA-256. The entropy is what makes a plain hash enough.

use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::types::KeyKind;
use crate::StoreError;
use crate::seal::SealError;

/// Bytes of a key's hash.
pub const KEY_HASH_BYTES: usize = 32;
/// Random bytes of a key.
const KEY_BYTES: usize = 32;
/// Characters after the prefix that are kept to recognise a key by.
const SHOWN_CHARS: usize = 6;

/// A new key: its text and what may be shown of it later.
pub(super) fn generate(kind: KeyKind) -> Result<(String, String), StoreError> {
    let mut bytes = [0; KEY_BYTES];
    rand::fill(&mut bytes).map_err(|_| SealError::NoRandom)?;
    let text = format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(bytes));
    let shown = text.chars().take(kind.prefix().len() + SHOWN_CHARS).collect();
    Ok((text, shown))
}

/// What is stored of a presented key.
pub(super) fn hash(presented: &str) -> [u8; KEY_HASH_BYTES] {
    let mut hash = [0; KEY_HASH_BYTES];
    hash.copy_from_slice(digest::digest(&digest::SHA256, presented.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_prefix_and_256_random_bits() {
        let (text, shown) = generate(KeyKind::Service).unwrap();
        assert!(text.starts_with("wps_") && text.starts_with(&shown));
        assert_eq!((text.len(), shown.len()), (4 + 43, 10));
        assert_ne!(generate(KeyKind::Service).unwrap().0, text);
        assert!(generate(KeyKind::Profile).unwrap().0.starts_with("wpp_"));
    }
}
