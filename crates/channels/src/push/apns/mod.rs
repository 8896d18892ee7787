//! APNs: `POST /3/device/<token>` over HTTP/2 with a token signed by the team's key.

mod payload;
mod token;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use serde_json::Value;
use url::Url;

use self::token::TokenCache;
use super::account::{needed, text};
use super::base::{SettingsError, base, below};
use super::call::{Call, headers};
use super::jwt::SigningKey;
use super::outcomes::Provider;
use super::refusal::{ended, outcome, refused, unanswered};
use crate::connector::{AppAccount, Handed, Outgoing};

/// The hosts of the two environments.
const PRODUCTION: &str = "https://api.push.apple.com";
const DEVELOPMENT: &str = "https://api.sandbox.push.apple.com";
/// APNs itself failed.
pub(super) const SERVER_ERROR: u16 = 7517;
/// Apple names no length; today's tokens have 64 digits, those of some kinds 160.
const TOKEN_DIGITS_MAX: usize = 400;

/// The APNs side of an account.
#[derive(Debug)]
pub(super) struct ApnsAccount {
    host: Url,
    topic: String,
    sandbox: bool,
    tokens: TokenCache,
}

impl ApnsAccount {
    pub(super) fn open(account: &AppAccount) -> Result<Option<Self>, SettingsError> {
        let (config, sandbox) = (&account.config, account.sandbox);
        let Some(pem) = text(&account.secrets, "apns_key")? else { return Ok(None) };
        let wrong = |error| SettingsError::new("apns_key", format!("it cannot be used: {error}"));
        let key = SigningKey::p256_from_pem(pem).map_err(wrong)?;
        let team = needed(config, "apns_team_id")?.to_owned();
        let key_id = needed(config, "apns_key_id")?.to_owned();
        let topic = needed(config, "apns_topic")?.to_owned();
        let host = match text(config, "apns_environment")? {
            None | Some("production") => PRODUCTION,
            Some("development") => DEVELOPMENT,
            Some(_) => {
                return Err(SettingsError::new("apns_environment", "it must be production or development"));
            }
        };
        let host = base("apns_base_url", text(config, "apns_base_url")?.unwrap_or(host), sandbox)?;
        Ok(Some(Self { host, topic, sandbox, tokens: TokenCache::new(key, team, key_id) }))
    }

    /// One attempt, with a second token when the first is refused as such.
    pub(super) async fn send(&self, outgoing: &Outgoing, call: &Call<'_>) -> Handed {
        match self.try_send(outgoing, call).await {
            Ok(handed) | Err(handed) => handed,
        }
    }

    async fn try_send(&self, outgoing: &Outgoing, call: &Call<'_>) -> Result<Handed, Handed> {
        let token = &outgoing.address.value;
        check_token(token, self.sandbox)?;
        let push = payload::push(outgoing, call.now())?;
        let unnamed = || refused(7512, "the token cannot be a part of a URL");
        let url = below(&self.host, &["3", "device", token]).ok_or_else(unnamed)?;
        let id = message_id(outgoing);
        let mut is_fresh = false;
        loop {
            let now = call.now();
            let bearer = self.tokens.get(now).ok_or_else(|| refused(7114, "the APNs key cannot sign"))?;
            let head = self.head(&push, &id, &bearer);
            let head = head.ok_or_else(|| refused(7114, "apns_topic cannot be sent as a header"))?;
            let sent = call.post_h2(&url, head, Bytes::from(push.body.clone())).await;
            let response = sent.map_err(|error| unanswered(&error, SERVER_ERROR))?;
            if response.status.is_success() {
                let given = response.headers.get("apns-id").and_then(|id| id.to_str().ok());
                let provider_ref = given.unwrap_or(&id).to_owned();
                return Ok(Handed::Taken { provider_ref, receipt_follows: true });
            }
            let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
            let reason = body["reason"].as_str().unwrap_or_default();
            let outcome = outcome(Provider::Apns, response.status.as_u16(), reason, "");
            if outcome.renews && !is_fresh && self.tokens.renew(&bearer, now) {
                is_fresh = true;
                continue;
            }
            return Ok(ended(outcome, &response, reason, ""));
        }
    }

    fn head(&self, push: &payload::Push, id: &str, bearer: &str) -> Option<http::HeaderMap> {
        let expiration = push.expiration.to_string();
        let mut pairs = vec![
            ("authorization", bearer),
            ("content-type", "application/json"),
            ("apns-topic", &self.topic),
            ("apns-id", id),
            ("apns-expiration", &expiration),
            ("apns-priority", "10"),
            ("apns-push-type", "alert"),
        ];
        if let Some(key) = &push.collapse_id {
            pairs.push(("apns-collapse-id", key));
        }
        headers(&pairs)
    }
}

/// A token is hexadecimal. In the sandbox a value that asks for an outcome needs no other form.
fn check_token(token: &str, sandbox: bool) -> Result<(), Handed> {
    let is_hex = token.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_form =
        is_hex && !token.is_empty() && token.len().is_multiple_of(2) && token.len() <= TOKEN_DIGITS_MAX;
    if is_form || (sandbox && super::asks_for_outcome(token)) {
        return Ok(());
    }
    Err(refused(7512, "an APNs device token is an even number of hexadecimal digits"))
}

/// The id of the message for this device: the same for every attempt.
fn message_id(outgoing: &Outgoing) -> String {
    let text = format!("{}\n{}", outgoing.tid, outgoing.address.value);
    let hash = digest(&SHA256, text.as_bytes());
    let mut id: u128 = hash.as_ref().iter().take(16).fold(0, |id, byte| id << 8 | u128::from(*byte));
    // Version 8, of the form RFC 9562 leaves to the maker.
    id = id & !(0xf << 76) | 0x8 << 76;
    id = id & !(0x3 << 62) | 0x2 << 62;
    let hex = format!("{id:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

/// The payload alone.
#[cfg(test)]
pub(super) fn body(outgoing: &Outgoing, now: waypost_core::time::Micros) -> Result<String, Handed> {
    payload::push(outgoing, now).map(|push| push.body)
}
