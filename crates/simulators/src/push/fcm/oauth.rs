//! The token server: takes assertions of the service account, gives access tokens for an hour.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use http::Method;
use serde_json::json;
use url::form_urlencoded;
use waypost_core::time::Micros;

use super::super::jwt::Jwt;
use super::super::reply::{Asked, Reply};
use super::super::sim::lock;

pub(super) const CLIENT_EMAIL: &str = "push@waypost-sandbox.iam.gserviceaccount.com";
pub(super) const KEY_ID: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
const WIDE_SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TOKEN_SECS: i64 = 3_599;
/// How far the other side's clock may be ahead.
const SKEW_SECS: i64 = 60;
const SHORT_LIVED: &str = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. \
    Check your iat and exp values in the JWT claim.";

pub(super) struct TokenServer {
    pub(super) url: String,
    public_key: Vec<u8>,
    good: Mutex<HashMap<String, Micros>>,
    given: AtomicU64,
    failures: Mutex<(u16, u32)>,
}

impl TokenServer {
    pub(super) fn new(url: String, public_key: Vec<u8>) -> Self {
        let (good, failures) = (Mutex::default(), Mutex::new((500, 0)));
        Self { url, public_key, good, given: AtomicU64::new(0), failures }
    }

    pub(super) fn is_good(&self, token: &str, now: Micros) -> bool {
        lock(&self.good).get(token).is_some_and(|until| now < *until)
    }

    pub(super) fn given(&self) -> u64 {
        self.given.load(Ordering::Relaxed)
    }

    pub(super) fn revoke(&self) {
        lock(&self.good).clear();
    }

    pub(super) fn fail(&self, status: u16, times: u32) {
        *lock(&self.failures) = (status, times);
    }

    pub(super) fn answer(&self, asked: &Asked, now: Micros) -> Reply {
        if let Some(status) = self.next_failure() {
            return Reply::new(status, &format!("HTTP {status}"), String::new());
        }
        match self.check(asked, now) {
            Ok(()) => self.give(now),
            Err((status, error, text)) => {
                Reply::json(status, error, &json!({"error": error, "error_description": text}))
            }
        }
    }

    fn next_failure(&self) -> Option<u16> {
        let mut failures = lock(&self.failures);
        let (status, times) = *failures;
        failures.1 = times.checked_sub(1)?;
        Some(status)
    }

    fn check(&self, asked: &Asked, now: Micros) -> Result<(), (u16, &'static str, &'static str)> {
        let form = asked.header("content-type") == Some("application/x-www-form-urlencoded");
        if asked.method != Method::POST || !form {
            return Err((400, "invalid_request", "The request is not a form."));
        }
        let pairs: HashMap<String, String> = form_urlencoded::parse(&asked.body).into_owned().collect();
        if pairs.get("grant_type").map(String::as_str) != Some(GRANT) {
            return Err((400, "unsupported_grant_type", "Invalid grant_type"));
        }
        let assertion = pairs.get("assertion").map(String::as_str);
        let missing = (400, "invalid_request", "Required parameter is missing: assertion");
        let jwt = Jwt::read(assertion.ok_or(missing)?);
        let jwt = jwt.ok_or((400, "invalid_request", "Bad Request"))?;
        if jwt.text("iss") != Some(CLIENT_EMAIL) {
            return Err((400, "invalid_grant", "Invalid grant: account not found"));
        }
        if !jwt.is_rs256_by(&self.public_key) || jwt.header["kid"] != KEY_ID {
            return Err((400, "invalid_grant", "Invalid JWT Signature."));
        }
        if jwt.text("aud") != Some(&self.url) {
            return Err((400, "invalid_grant", "Invalid JWT: Failed audience check."));
        }
        let moments = jwt.secs("iat").zip(jwt.secs("exp"));
        let is_timely = |(iat, exp): (i64, i64)| {
            let now = now.as_secs();
            iat <= now + SKEW_SECS && exp > now && exp > iat && exp - iat <= 3_600
        };
        if !moments.is_some_and(is_timely) {
            return Err((400, "invalid_grant", SHORT_LIVED));
        }
        let scopes = jwt.text("scope").unwrap_or_default();
        if !scopes.split(' ').any(|scope| scope == SCOPE || scope == WIDE_SCOPE) {
            return Err((400, "invalid_scope", "Invalid OAuth scope or ID token audience provided."));
        }
        Ok(())
    }

    fn give(&self, now: Micros) -> Reply {
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        let mut random = [0; 16];
        // Without randomness the token is only guessable, on this machine.
        let _ = aws_lc_rs::rand::fill(&mut random);
        let token = format!("ya29.sim-{number}-{:032x}", u128::from_be_bytes(random));
        let mut good = lock(&self.good);
        good.retain(|_, until| now < *until);
        good.insert(token.clone(), now.add_ms(TOKEN_SECS * 1_000));
        drop(good);
        let body = json!({"access_token": token, "expires_in": TOKEN_SECS, "token_type": "Bearer"});
        Reply::json(200, "", &body)
    }
}
