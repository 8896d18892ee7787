//! Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp` and `webhook-signature: v1,<base64>`, an HMAC-SHA256 over
//! `id.timestamp.body`.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use thiserror::Error;
use waypost_core::time::Micros;

/// The delivery's id: the same on every attempt.
pub const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
/// The attempt's time, unix seconds.
pub const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
/// One or more signatures, separated by spaces.
pub const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

const SECRET_PREFIX: &str = "whsec_";
const SECRET_BYTES_MIN: usize = 24;
const SECRET_BYTES_MAX: usize = 64;
const SIGNATURES_MAX: usize = 16;

/// A secret that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SecretError {
    /// Not `whsec_` and standard base64.
    #[error("a webhook secret is whsec_ followed by base64")]
    Format,
    /// Outside the standard's 24 to 64 bytes.
    #[error("a webhook secret has 24 to 64 bytes, not {0}")]
    Length(usize),
}

/// Why a call-back is not what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// A header is missing or not readable.
    #[error("a webhook header is missing or malformed")]
    Headers,
    /// Too old, or from the future.
    #[error("the webhook's timestamp is outside the tolerance")]
    Timestamp,
    /// No signature fits.
    #[error("no webhook signature matches")]
    Signature,
}

/// The three headers of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookHeaders {
    /// `webhook-id`.
    pub id: HeaderValue,
    /// `webhook-timestamp`.
    pub timestamp: HeaderValue,
    /// `webhook-signature`.
    pub signature: HeaderValue,
}

impl WebhookHeaders {
    /// Sets the three headers.
    pub fn insert_into(self, headers: &mut HeaderMap) {
        headers.insert(WEBHOOK_ID, self.id);
        headers.insert(WEBHOOK_TIMESTAMP, self.timestamp);
        headers.insert(WEBHOOK_SIGNATURE, self.signature);
    }
}

/// A shared secret; make it once and keep it.
#[derive(Clone, Debug)]
pub struct WebhookKey(hmac::Key);

impl WebhookKey {
    /// A secret in its written form, `whsec_…`.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn parse(secret: &str) -> Result<Self, SecretError> {
        let encoded = secret.strip_prefix(SECRET_PREFIX).ok_or(SecretError::Format)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| SecretError::Format)?;
        if !(SECRET_BYTES_MIN..=SECRET_BYTES_MAX).contains(&bytes.len()) {
            return Err(SecretError::Length(bytes.len()));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The headers for an attempt at `now`; `None` when `id` cannot stand in a header, or has a dot, which would make
    /// the signed text ambiguous.
    #[must_use]
    pub fn sign(&self, id: &str, now: Micros, body: &[u8]) -> Option<WebhookHeaders> {
        if id.contains('.') || id.is_empty() {
            return None;
        }
        let timestamp = now.as_secs().to_string();
        let tag = self.tag(id, &timestamp, body);
        let signature = format!("v1,{}", STANDARD.encode(tag.as_ref()));
        Some(WebhookHeaders {
            id: HeaderValue::from_str(id).ok()?,
            timestamp: HeaderValue::try_from(timestamp).ok()?,
            signature: HeaderValue::try_from(signature).ok()?,
        })
    }

    /// Checks the headers of a received call-back against its body and the time.
    ///
    /// # Errors
    /// [`VerifyError`]; the comparison of signatures takes the same time wherever they differ.
    pub fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Micros,
        tolerance_s: i64,
    ) -> Result<(), VerifyError> {
        let header =
            |name| headers.get(name).and_then(|value| value.to_str().ok()).ok_or(VerifyError::Headers);
        let (id, timestamp, signatures) =
            (header(WEBHOOK_ID)?, header(WEBHOOK_TIMESTAMP)?, header(WEBHOOK_SIGNATURE)?);
        let sent: i64 = timestamp.parse().map_err(|_| VerifyError::Headers)?;
        if now.as_secs().saturating_sub(sent).saturating_abs() > tolerance_s {
            return Err(VerifyError::Timestamp);
        }
        let mut signatures =
            signatures.split(' ').filter_map(|one| one.strip_prefix("v1,")).take(SIGNATURES_MAX);
        let signed = self.tag(id, timestamp, body);
        let matches = signatures.any(|one| {
            let tag = STANDARD.decode(one);
            tag.is_ok_and(|tag| {
                aws_lc_rs::constant_time::verify_slices_are_equal(&tag, signed.as_ref()).is_ok()
            })
        });
        if matches { Ok(()) } else { Err(VerifyError::Signature) }
    }

    fn tag(&self, id: &str, timestamp: &str, body: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            context.update(part);
        }
        context.sign()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const AT: Micros = Micros::from_secs(1_614_265_330);

    fn signed() -> HeaderMap {
        let mut headers = HeaderMap::new();
        WebhookKey::parse(SECRET).unwrap().sign(ID, AT, BODY).unwrap().insert_into(&mut headers);
        headers
    }

    /// The vector of the reference libraries.
    #[test]
    fn it_signs_as_the_reference_libraries_do() {
        let headers = signed();
        let values = [WEBHOOK_ID, WEBHOOK_TIMESTAMP, WEBHOOK_SIGNATURE].map(|name| headers[name].clone());
        assert_eq!(values, [ID, "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="]);
    }

    #[test]
    fn it_verifies_its_own_among_several_and_refuses_everything_else() {
        let key = WebhookKey::parse(SECRET).unwrap();
        let verify = |headers: &HeaderMap, body: &[u8], now| key.verify(headers, body, now, 300);
        let mut headers = signed();
        assert_eq!(verify(&headers, BODY, AT.add_ms(300_000)), Ok(()));
        assert_eq!(verify(&headers, BODY, AT.add_ms(301_000)), Err(VerifyError::Timestamp));
        assert_eq!(verify(&headers, BODY, AT.sub_ms(301_000)), Err(VerifyError::Timestamp));
        assert_eq!(verify(&headers, b"{}", AT), Err(VerifyError::Signature));
        let good = headers[WEBHOOK_SIGNATURE].to_str().unwrap().to_owned();
        headers.insert(WEBHOOK_SIGNATURE, format!("v1a,xx v1,AAAA v1,!! {good}").parse().unwrap());
        assert_eq!(verify(&headers, BODY, AT), Ok(()));
        headers.insert(WEBHOOK_SIGNATURE, good.replace("v1,", "v2,").parse().unwrap());
        assert_eq!(verify(&headers, BODY, AT), Err(VerifyError::Signature));
        headers.remove(WEBHOOK_ID);
        assert_eq!(verify(&headers, BODY, AT), Err(VerifyError::Headers));
    }

    #[test]
    fn secrets_and_ids_outside_the_standard_are_refused() {
        let parse = |secret: &str| WebhookKey::parse(secret).err();
        assert_eq!(parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Some(SecretError::Format));
        assert_eq!(parse("whsec_***"), Some(SecretError::Format));
        assert_eq!(parse("whsec_AAAA"), Some(SecretError::Length(3)));
        assert_eq!(parse(&format!("whsec_{}", STANDARD.encode([0; 65]))), Some(SecretError::Length(65)));
        let key = WebhookKey::parse(SECRET).unwrap();
        assert!(["", "a.b", "a\nb"].into_iter().all(|id| key.sign(id, AT, BODY).is_none()));
    }
}
