//! Reading signed tokens, without sharing code with the connector that writes them.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

/// A token, taken apart.
#[derive(Debug)]
pub(super) struct Jwt<'a> {
    pub(super) header: Value,
    pub(super) claims: Value,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jwt<'a> {
    /// `None` when it is not three parts of base64url, the first two JSON objects.
    pub(super) fn read(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let (header, claims) = (object(header)?, object(claims)?);
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        Some(Self { header, claims, signed, signature })
    }

    pub(super) fn is_rs256_by(&self, public_der: &[u8]) -> bool {
        self.is_signed("RS256", &RSA_PKCS1_2048_8192_SHA256, public_der)
    }

    pub(super) fn is_es256_by(&self, point: &[u8]) -> bool {
        self.is_signed("ES256", &ECDSA_P256_SHA256_FIXED, point)
    }

    /// A text among the claims.
    pub(super) fn text(&self, claim: &str) -> Option<&str> {
        self.claims[claim].as_str()
    }

    /// A moment among the claims, unix seconds.
    pub(super) fn secs(&self, claim: &str) -> Option<i64> {
        self.claims[claim].as_i64()
    }

    fn is_signed(&self, name: &str, algorithm: &'static dyn VerificationAlgorithm, key: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(algorithm, key);
        self.header["alg"] == name && key.verify(self.signed.as_bytes(), &self.signature).is_ok()
    }
}

fn object(part: &str) -> Option<Value> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}
