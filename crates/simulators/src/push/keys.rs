//! Keys made at the start, so that none lies in the repository.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::encoding::{AsBigEndian, AsDer, EcPrivateKeyBin, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

/// A service account's key.
pub(super) struct RsaKey {
    pub(super) pem: String,
    pub(super) public: Vec<u8>,
}

impl RsaKey {
    pub(super) fn make() -> Option<Self> {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
        let der: Pkcs8V1Der<'_> = key.as_der().ok()?;
        Some(Self { pem: pem(der.as_ref()), public: key.public_key().as_ref().to_vec() })
    }
}

/// A team's key.
pub(super) struct EcKey {
    pub(super) pem: String,
    pub(super) public: Vec<u8>,
}

impl EcKey {
    pub(super) fn make() -> Option<Self> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok()?;
        let der = key.to_pkcs8v1().ok()?;
        Some(Self { pem: pem(der.as_ref()), public: key.public_key().as_ref().to_vec() })
    }
}

/// A key as web push tools give it: the number and the point, in base64url.
pub(super) struct RawKey {
    pub(super) private: PrivateKey,
    pub(super) private_text: String,
    pub(super) public: Vec<u8>,
    pub(super) public_text: String,
}

impl RawKey {
    pub(super) fn make() -> Option<Self> {
        let private = PrivateKey::generate(&ECDH_P256).ok()?;
        let number: EcPrivateKeyBin<'_> = private.as_be_bytes().ok()?;
        let private_text = BASE64_URL_SAFE_NO_PAD.encode(number.as_ref());
        let public = private.compute_public_key().ok()?.as_ref().to_vec();
        let public_text = BASE64_URL_SAFE_NO_PAD.encode(&public);
        Some(Self { private, private_text, public, public_text })
    }
}

fn pem(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let mut pem = "-----BEGIN PRIVATE KEY-----\n".to_owned();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at_checked(64).unwrap_or((rest, ""));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}
