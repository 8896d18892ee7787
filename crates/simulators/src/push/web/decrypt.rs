//! The browser: its keys, and the reading of content (RFC 8188, RFC 8291), without sharing code with the connector.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, UnparsedPublicKey, agree};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::super::keys::RawKey;

const TAG_BYTES: usize = 16;
/// Ends the only record of a message.
const LAST_RECORD: u8 = 2;

/// A browser with one subscription.
pub(super) struct Browser {
    key: RawKey,
    auth: [u8; 16],
}

impl Browser {
    pub(super) fn make() -> Option<Self> {
        let mut auth = [0; 16];
        aws_lc_rs::rand::fill(&mut auth).ok()?;
        Some(Self { key: RawKey::make()?, auth })
    }

    pub(super) fn p256dh(&self) -> &str {
        &self.key.public_text
    }

    pub(super) fn auth(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.auth)
    }

    /// The text of a body; `None` when it is not for this browser or not of its form.
    pub(super) fn open(&self, body: &[u8]) -> Option<Vec<u8>> {
        let (salt, rest) = body.split_at_checked(16)?;
        let (record_bytes, rest) = rest.split_first_chunk::<4>()?;
        let (key_bytes, rest) = rest.split_first()?;
        let (sender, record) = rest.split_at_checked(usize::from(*key_bytes))?;
        let record_bytes = usize::try_from(u32::from_be_bytes(*record_bytes)).ok()?;
        // One record only; a record holds its delimiter and the tag.
        if record_bytes < TAG_BYTES + 2 || record.len() > record_bytes {
            return None;
        }
        let peer = UnparsedPublicKey::new(&ECDH_P256, sender);
        let shared = agree(&self.key.private, peer, (), |shared| Ok(shared.to_vec())).ok()?;

        let info = [b"WebPush: info\0", self.key.public.as_slice(), sender].concat();
        let input = hkdf(&self.auth, &shared, &info);
        let key = hkdf(salt, &input, b"Content-Encoding: aes128gcm\0");
        let nonce = hkdf(salt, &input, b"Content-Encoding: nonce\0");
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key.get(..16)?).ok()?);
        let nonce = Nonce::try_assume_unique_for_key(nonce.get(..12)?).ok()?;
        let mut record = record.to_vec();
        let text = key.open_in_place(nonce, Aad::empty(), &mut record).ok()?;
        let end = text.iter().rposition(|byte| *byte != 0)?;
        let (text, padding) = text.split_at_checked(end)?;
        (padding.first() == Some(&LAST_RECORD)).then(|| text.to_vec())
    }
}

/// HKDF with SHA-256 (RFC 5869) of one block, spelt out.
fn hkdf(salt: &[u8], input: &[u8], info: &[u8]) -> Vec<u8> {
    let key = sign(&Key::new(HMAC_SHA256, salt), input);
    let block = [info, &[1]].concat();
    sign(&Key::new(HMAC_SHA256, key.as_ref()), &block).as_ref().to_vec()
}
