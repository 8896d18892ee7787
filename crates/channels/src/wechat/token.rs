//! Access tokens: one per account, fetched when needed, by one caller at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use waypost_core::time::Micros;

/// A token is not used in the last minutes of its life: a request may be on its way that long.
const MARGIN_MS: i64 = 300_000;

/// A token and the end of its use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub text: Arc<str>,
    until: Micros,
}

impl Token {
    /// A token that the provider takes for `expires_in` seconds from `now`.
    pub fn new(text: &str, expires_in_secs: i64, now: Micros) -> Self {
        let life_ms = expires_in_secs.max(0).saturating_mul(1_000);
        // Short lives are cut by a tenth only.
        let margin_ms = MARGIN_MS.min(life_ms / 10);
        Self { text: text.into(), until: now.add_ms(life_ms - margin_ms) }
    }

    pub fn is_good(&self, now: Micros) -> bool {
        now < self.until
    }
}

/// The token of one account. Its lock is held while a token is fetched, so that who comes meanwhile waits for it instead
/// of fetching another.
pub(super) type Slot = Arc<tokio::sync::Mutex<Option<Token>>>;

/// The slots of all accounts: one for each, of its newest revision.
#[derive(Default)]
pub(super) struct Tokens {
    slots: Mutex<HashMap<i64, (u64, Slot)>>,
}

impl Tokens {
    /// The slot of an account. Another revision has other credentials: what was kept for it is void.
    pub fn slot(&self, account: i64, revision: u64) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, slot) = slots.entry(account).or_insert_with(|| (revision, Slot::default()));
        if *kept != revision {
            (*kept, *slot) = (revision, Slot::default());
        }
        Arc::clone(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_given_up_before_the_provider_does() {
        let now = Micros::from_secs(1_000);
        let token = Token::new("t", 7_200, now);
        assert!(token.is_good(now) && token.is_good(now.add_ms(6_899_999)));
        assert!(!token.is_good(now.add_ms(6_900_000)));
        let short = Token::new("t", 10, now);
        assert!(short.is_good(now.add_ms(8_999)) && !short.is_good(now.add_ms(9_000)));
        assert!(!Token::new("t", 0, now).is_good(now));
    }

    #[test]
    fn another_revision_starts_without_a_token() {
        let tokens = Tokens::default();
        let first = tokens.slot(1, 1);
        assert!(Arc::ptr_eq(&first, &tokens.slot(1, 1)));
        assert!(!Arc::ptr_eq(&first, &tokens.slot(2, 1)));
        assert!(!Arc::ptr_eq(&first, &tokens.slot(1, 2)));
    }
}
