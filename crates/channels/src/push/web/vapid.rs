//! Our identity towards push services (RFC 8292): one signed token for each of them, kept for hours.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use waypost_core::time::Micros;

use super::super::base::SettingsError;
use super::super::jwt::SigningKey;
use super::super::meters;
use super::super::outcomes::Provider;
use super::subscription::decode;

/// A token is good for twelve hours; services take no more than twenty-four.
const GOOD_SECS: i64 = 12 * 3_600;
/// It is replaced this long before its end.
const MARGIN_MS: i64 = 3_600_000;
/// Push services remembered; there are four or five in the world.
const SERVICES_MAX: usize = 64;

/// Signs and remembers.
pub(super) struct Vapid {
    key: SigningKey,
    public: String,
    subject: String,
    tokens: Mutex<HashMap<String, Token>>,
}

#[derive(Clone)]
struct Token {
    authorization: Arc<str>,
    issued_at: Micros,
}

impl Vapid {
    pub(super) fn new(key: &str, subject: &str) -> Result<Self, SettingsError> {
        let wrong = || SettingsError::new("vapid_private_key", "it must be 32 bytes in base64url");
        let scalar = decode(key).ok_or_else(wrong)?;
        let key = SigningKey::p256_from_scalar(&scalar).map_err(|_| wrong())?;
        if !subject.starts_with("mailto:") && !subject.starts_with("https:") {
            return Err(SettingsError::new("vapid_subject", "it must be a mailto: or https: address"));
        }
        let public = BASE64_URL_SAFE_NO_PAD.encode(key.public());
        Ok(Self { key, public, subject: subject.to_owned(), tokens: Mutex::default() })
    }

    /// The value of `authorization` for a push service; `None` when the key cannot sign.
    pub(super) fn authorization(&self, origin: &str, now: Micros) -> Option<Arc<str>> {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let is_good =
            |token: &&Token| (0..GOOD_SECS * 1_000 - MARGIN_MS).contains(&now.since_ms(token.issued_at));
        if let Some(token) = tokens.get(origin).filter(is_good) {
            return Some(Arc::clone(&token.authorization));
        }
        let claims = json!({"aud": origin, "exp": now.as_secs() + GOOD_SECS, "sub": self.subject});
        let token = self.key.token(None, &claims);
        meters::token(Provider::WebPush, token.is_some());
        let authorization: Arc<str> = format!("vapid t={}, k={}", token?, self.public).into();
        if tokens.len() >= SERVICES_MAX {
            tokens.clear();
        }
        let token = Token { authorization: Arc::clone(&authorization), issued_at: now };
        tokens.insert(origin.to_owned(), token);
        Some(authorization)
    }

    /// Gives up the token for a push service that refused it.
    pub(super) fn forget(&self, origin: &str) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).remove(origin);
    }
}

/// Without the tokens: they would end up in logs.
impl std::fmt::Debug for Vapid {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Vapid({})", self.public)
    }
}
