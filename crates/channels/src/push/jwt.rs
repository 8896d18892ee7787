//! Signed tokens (RFC 7519 in the compact form of RFC 7515), with the two algorithms the push clouds take.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not PEM with a PKCS#8 private key.
    #[error("it is not a PEM file with a PKCS#8 private key")]
    Pem,
    /// Not an RSA key of 2,048 bits or more.
    #[error("it is not an RSA key of at least 2048 bits")]
    Rsa,
    /// Not a key on P-256.
    #[error("it is not a key on the curve P-256")]
    P256,
}

/// A private key that signs tokens.
pub(super) enum SigningKey {
    /// RS256.
    Rsa(rsa::KeyPair),
    /// ES256.
    P256(EcdsaKeyPair),
}

impl SigningKey {
    pub(super) fn rsa_from_pem(pem: &str) -> Result<Self, KeyError> {
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| KeyError::Pem)?;
        let key = rsa::KeyPair::from_pkcs8(key.secret_pkcs8_der()).map_err(|_| KeyError::Rsa)?;
        Ok(Self::Rsa(key))
    }

    pub(super) fn p256_from_pem(pem: &str) -> Result<Self, KeyError> {
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| KeyError::Pem)?;
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.secret_pkcs8_der());
        Ok(Self::P256(key.map_err(|_| KeyError::P256)?))
    }

    /// From the number alone, 32 bytes.
    pub(super) fn p256_from_scalar(scalar: &[u8]) -> Result<Self, KeyError> {
        let public = super::web::public_of(scalar).ok_or(KeyError::P256)?;
        let key =
            EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, scalar, &public);
        Ok(Self::P256(key.map_err(|_| KeyError::P256)?))
    }

    /// The public key: uncompressed point, or DER.
    pub(super) fn public(&self) -> &[u8] {
        match self {
            Self::Rsa(key) => key.public_key().as_ref(),
            Self::P256(key) => key.public_key().as_ref(),
        }
    }

    const fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::P256(_) => "ES256",
        }
    }

    /// The token with these claims; `None` when the library cannot sign, which it gives no reason for.
    pub(super) fn token(&self, key_id: Option<&str>, claims: &Value) -> Option<String> {
        let mut header = json!({"alg": self.algorithm(), "typ": "JWT"});
        if let Some(id) = key_id {
            header["kid"] = Value::from(id);
        }
        let mut token = BASE64_URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut token);
        let signature = self.sign(token.as_bytes())?;
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Some(token)
    }

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            Self::P256(key) => Some(key.sign(&random, message).ok()?.as_ref().to_vec()),
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "SigningKey({})", self.algorithm())
    }
}
