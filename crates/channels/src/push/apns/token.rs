//! Provider tokens: signed by us, good for an hour, not to be renewed more than once in twenty minutes.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use waypost_core::time::Micros;

use super::super::jwt::SigningKey;
use super::super::meters;
use super::super::outcomes::Provider;

/// A token of this age is replaced: well before the hour after which APNs takes it no more.
const AGE_MS_MAX: i64 = 45 * 60_000;
/// APNs refuses who renews sooner than this.
const RENEW_MS_MIN: i64 = 20 * 60_000;

/// Makes and keeps the token of one key.
pub(super) struct TokenCache {
    key: SigningKey,
    team: String,
    key_id: String,
    current: Mutex<Option<Token>>,
}

#[derive(Clone)]
struct Token {
    bearer: Arc<str>,
    issued_at: Micros,
}

impl TokenCache {
    pub(super) fn new(key: SigningKey, team: String, key_id: String) -> Self {
        Self { key, team, key_id, current: Mutex::new(None) }
    }

    /// The value of `authorization`; `None` when the key cannot sign.
    pub(super) fn get(&self, now: Micros) -> Option<Arc<str>> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = &*current {
            // A clock that was set back must not leave us with a token of the future.
            if (0..AGE_MS_MAX).contains(&now.since_ms(token.issued_at)) {
                return Some(Arc::clone(&token.bearer));
            }
        }
        let claims = json!({"iss": self.team, "iat": now.as_secs()});
        let token = self.key.token(Some(&self.key_id), &claims);
        meters::token(Provider::Apns, token.is_some());
        let bearer: Arc<str> = format!("bearer {}", token?).into();
        *current = Some(Token { bearer: Arc::clone(&bearer), issued_at: now });
        Some(bearer)
    }

    /// Gives a refused token up; whether another is worth a try: it was replaced already, or is old enough to be.
    pub(super) fn renew(&self, bearer: &str, now: Micros) -> bool {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match &*current {
            Some(token) if &*token.bearer == bearer => {
                let may = now.since_ms(token.issued_at) >= RENEW_MS_MIN;
                if may {
                    *current = None;
                }
                may
            }
            _ => true,
        }
    }
}

/// Without the token: it would end up in logs.
impl std::fmt::Debug for TokenCache {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "TokenCache({} of {})", self.key_id, self.team)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_secs(1_700_000_000);

    fn cache() -> TokenCache {
        let key = SigningKey::p256_from_scalar(&[7; 32]).unwrap();
        TokenCache::new(key, "TEAM".to_owned(), "KEY".to_owned())
    }

    #[test]
    fn a_token_is_kept_for_forty_five_minutes() {
        let cache = cache();
        let first = cache.get(NOW).unwrap();
        assert_eq!(cache.get(NOW.add_ms(AGE_MS_MAX - 1)).unwrap(), first);
        let second = cache.get(NOW.add_ms(AGE_MS_MAX)).unwrap();
        assert_ne!(second, first);
        assert_ne!(cache.get(NOW).unwrap(), second, "a clock set back");
    }

    #[test]
    fn a_refused_token_is_replaced_only_when_it_is_twenty_minutes_old() {
        let cache = cache();
        let first = cache.get(NOW).unwrap();
        assert!(!cache.renew(&first, NOW.add_ms(RENEW_MS_MIN - 1)));
        assert_eq!(cache.get(NOW.add_ms(RENEW_MS_MIN - 1)).unwrap(), first);
        assert!(cache.renew(&first, NOW.add_ms(RENEW_MS_MIN)));
        assert_ne!(cache.get(NOW.add_ms(RENEW_MS_MIN)).unwrap(), first);
        assert!(cache.renew(&first, NOW.add_ms(RENEW_MS_MIN)), "somebody else has replaced it");
    }
}
