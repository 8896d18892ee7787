//! Payload encryption (spec 8.8): what an app of `encryption` sends and receives is `{"encrypted": "<base64>"}`, base64 of an
//! initialisation vector and of AES-256-CBC with PKCS 7 padding.
//!
//! There is no authentication in it, because the contract has none: TLS protects the way, this hides what is on a broker.

use aws_lc_rs::cipher::{
    AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use waypost_channels::connector::AppAccount;

/// Octets of a key.
pub const KEY_BYTES: usize = 32;
/// Octets of an initialisation vector.
const IV_BYTES: usize = 16;
/// The one member of what is encrypted.
const MEMBER: &str = "encrypted";

/// The key of an app.
#[derive(Clone, PartialEq, Eq)]
pub struct PayloadKey([u8; KEY_BYTES]);

impl std::fmt::Debug for PayloadKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("PayloadKey").finish_non_exhaustive()
    }
}

impl PayloadKey {
    /// The key of an app that encrypts: `encryption_key` of its credentials, base64 of 32 octets, or one of its own made of
    /// the server's `secret`. `None` when it does not.
    #[must_use]
    pub fn of(account: &AppAccount, secret: &[u8; KEY_BYTES]) -> Option<Self> {
        if account.config.get("encryption") != Some(&Value::Bool(true)) {
            return None;
        }
        let given = account.secrets.get("encryption_key").and_then(Value::as_str).and_then(read_key);
        Some(Self(given.unwrap_or_else(|| digest(secret, account.app_id.as_bytes()))))
    }

    /// As clients are told it.
    #[must_use]
    pub fn text(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Encrypts a message; the same `number` gives the same, so that a repetition is one. `None` never happens in practice.
    #[must_use]
    pub fn seal(&self, number: i64, plain: &[u8]) -> Option<String> {
        // Nobody without the key can tell it beforehand, and no two messages share one.
        let tag: [u8; KEY_BYTES] = digest(&self.0, &number.to_be_bytes());
        let (iv, _) = tag.split_first_chunk::<IV_BYTES>()?;
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, &self.0).ok()?).ok()?;
        let mut sealed = plain.to_vec();
        key.less_safe_encrypt(&mut sealed, EncryptionContext::Iv128(FixedLength::from(iv))).ok()?;
        Some(json!({ MEMBER: STANDARD.encode([&iv[..], &sealed].concat()) }).to_string())
    }

    /// What is in `{"encrypted": …}`; `None` when it is not that, or under another key. Which of them is not told: it would
    /// help who guesses.
    #[must_use]
    pub fn open(&self, members: &serde_json::Map<String, Value>) -> Option<Vec<u8>> {
        let bytes = STANDARD.decode(members.get(MEMBER)?.as_str()?).ok()?;
        let (iv, sealed) = bytes.split_first_chunk::<IV_BYTES>()?;
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, &self.0).ok()?).ok()?;
        let mut sealed = sealed.to_vec();
        let plain = key.decrypt(&mut sealed, DecryptionContext::Iv128(FixedLength::from(iv))).ok()?;
        Some(plain.to_vec())
    }
}

/// A key as credentials hold it.
#[must_use]
pub fn read_key(text: &str) -> Option<[u8; KEY_BYTES]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

fn digest(key: &[u8], of: &[u8]) -> [u8; KEY_BYTES] {
    let tag = hmac::sign(&hmac::Key::new(HMAC_SHA256, key), of);
    let mut out = [0; KEY_BYTES];
    out.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(config: Value, secrets: Value) -> AppAccount {
        AppAccount { id: 1, app_id: "MU1".to_owned(), revision: 0, config, secrets, sandbox: false }
    }

    fn members(text: &str) -> serde_json::Map<String, Value> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_app_encrypts_when_it_is_told_to_by_its_own_key_or_the_given_one() {
        let of = |config, secrets| PayloadKey::of(&account(config, secrets), &[1; KEY_BYTES]);
        for off in [json!({}), json!({"encryption": false}), json!({"encryption": "1"})] {
            assert_eq!(of(off, json!({})), None);
        }
        let on = json!({"encryption": true});
        let own = of(on.clone(), json!({})).unwrap();
        assert_eq!(STANDARD.decode(own.text()).unwrap().len(), KEY_BYTES);
        assert_ne!(Some(own), PayloadKey::of(&account(on.clone(), json!({})), &[2; KEY_BYTES]));
        let given = STANDARD.encode([7; KEY_BYTES]);
        assert_eq!(of(on, json!({"encryption_key": given})).unwrap().text(), given);
    }

    #[test]
    fn what_was_sealed_is_opened_by_the_same_key_only_and_a_repetition_is_the_same() {
        let key = PayloadKey([3; KEY_BYTES]);
        let sealed = key.seal(9, b"{\"message\":\"Hi\"}").unwrap();
        assert_eq!(key.seal(9, b"{\"message\":\"Hi\"}").unwrap(), sealed);
        assert_ne!(key.seal(10, b"{\"message\":\"Hi\"}").unwrap(), sealed);
        assert_eq!(key.open(&members(&sealed)).unwrap(), b"{\"message\":\"Hi\"}");
        assert_ne!(
            PayloadKey([4; KEY_BYTES]).open(&members(&sealed)).as_deref(),
            Some(&b"{\"message\":\"Hi\"}"[..])
        );
        for bad in [r"{}", r#"{"encrypted": 7}"#, r#"{"encrypted": "?"}"#, r#"{"encrypted": "AAAA"}"#] {
            assert_eq!(key.open(&members(bad)), None, "{bad}");
        }
    }

    /// Made by `openssl enc -aes-256-cbc -K 03… -iv 000102…0f`, which shares no code with this.
    #[test]
    fn what_another_program_sealed_is_opened() {
        let sealed = r#"{"encrypted": "AAECAwQFBgcICQoLDA0OD9hzwcdWXMW1Mx06+EubgdrnjtTVR5BIiKGkPzShaYfk"}"#;
        assert_eq!(PayloadKey([3; KEY_BYTES]).open(&members(sealed)).unwrap(), b"{\"message\":\"Hi\"}");
    }
}
