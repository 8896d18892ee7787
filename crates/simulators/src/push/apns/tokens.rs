//! Provider tokens: signed by the team's key, no older than an hour, not renewed all the time.

use std::sync::Mutex;

use waypost_core::time::Micros;

use super::super::jwt::Jwt;
use super::super::sim::lock;
use super::{KEY_ID, TEAM_ID};

const AGE_SECS_MAX: i64 = 3_600;
/// How far the other side's clock may be ahead.
const SKEW_SECS: i64 = 60;
/// Within this time only so many different tokens are taken: one server renews once, but several may start anew.
const WINDOW_SECS: i64 = 20 * 60;
const TOKENS_MAX: usize = 8;

pub(super) struct ProviderTokens {
    public: Vec<u8>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The tokens of the window and when each was first seen.
    recent: Vec<(String, Micros)>,
    seen: u64,
}

impl ProviderTokens {
    pub(super) fn new(public: Vec<u8>) -> Self {
        Self { public, state: Mutex::default() }
    }

    pub(super) fn seen(&self) -> u64 {
        lock(&self.state).seen
    }

    pub(super) fn check(&self, authorization: Option<&str>, now: Micros) -> Result<(), &'static str> {
        let Some((scheme, token)) = authorization.and_then(|value| value.split_once(' ')) else {
            return Err("MissingProviderToken");
        };
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err("MissingProviderToken");
        }
        let jwt = Jwt::read(token).ok_or("InvalidProviderToken")?;
        let is_ours = jwt.header["kid"] == KEY_ID && jwt.text("iss") == Some(TEAM_ID);
        let Some(iat) = jwt.secs("iat") else { return Err("InvalidProviderToken") };
        if !is_ours || !jwt.is_es256_by(&self.public) || iat > now.as_secs() + SKEW_SECS {
            return Err("InvalidProviderToken");
        }
        if now.as_secs() - iat > AGE_SECS_MAX {
            return Err("ExpiredProviderToken");
        }
        if self.is_renewed_too_often(token, now) {
            return Err("TooManyProviderTokenUpdates");
        }
        Ok(())
    }

    fn is_renewed_too_often(&self, token: &str, now: Micros) -> bool {
        let mut state = lock(&self.state);
        if state.recent.iter().any(|(known, _)| known == token) {
            return false;
        }
        state.recent.retain(|(_, since)| now.since_ms(*since) < WINDOW_SECS * 1_000);
        if state.recent.len() >= TOKENS_MAX {
            return true;
        }
        state.recent.push((token.to_owned(), now));
        state.seen += 1;
        false
    }
}
