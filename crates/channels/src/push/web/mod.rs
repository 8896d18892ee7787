//! Web Push: RFC 8030 with content encrypted for the browser (RFC 8291) and our identity signed (RFC 8292).

mod encrypt;
mod message;
mod subscription;
mod vapid;

use bytes::Bytes;
use serde_json::Value;
use url::Url;

pub(super) use self::encrypt::public_of;
pub(super) use self::message::short_name;
use self::subscription::Subscription;
use self::vapid::Vapid;
use super::account::{needed, text};
use super::base::{SettingsError, base, is_loopback};
use super::call::{Call, headers};
use super::outcomes::Provider;
use super::refusal::{ended, outcome, refused, unanswered};
use crate::connector::{AppAccount, Handed, Outgoing};

/// A push service itself failed.
pub(super) const SERVER_ERROR: u16 = 7214;
/// The subscription cannot be used.
const INVALID: u16 = 7212;

/// The Web Push side of an account.
#[derive(Debug)]
pub(super) struct WebAccount {
    vapid: Vapid,
    sandbox: Option<Sandbox>,
}

/// What a bare word means as an address of a sandbox account.
#[derive(Debug)]
struct Sandbox {
    any: Option<SandboxService>,
}

/// A push service on this machine that takes any word, and the keys of the browser behind it.
#[derive(Debug)]
struct SandboxService {
    base: Url,
    keys: String,
}

impl WebAccount {
    pub(super) fn open(account: &AppAccount) -> Result<Option<Self>, SettingsError> {
        let Some(key) = text(&account.secrets, "vapid_private_key")? else { return Ok(None) };
        let subject = needed(&account.config, "vapid_subject")?;
        let vapid = Vapid::new(key, subject)?;
        let sandbox = if account.sandbox { Some(Sandbox::open(&account.config)?) } else { None };
        Ok(Some(Self { vapid, sandbox }))
    }

    /// One attempt, with a second signature when the first is refused as such.
    pub(super) async fn send(&self, outgoing: &Outgoing, call: &Call<'_>) -> Handed {
        match self.try_send(outgoing, call).await {
            Ok(handed) | Err(handed) => handed,
        }
    }

    async fn try_send(&self, outgoing: &Outgoing, call: &Call<'_>) -> Result<Handed, Handed> {
        let message = message::message(outgoing, call.now())?;
        let subscription = self.subscription(&outgoing.address.value)?;
        let body = encrypt::seal(&subscription, message.plaintext.as_bytes(), &*call.tools.random);
        let body = Bytes::from(body.map_err(|error| refused(error.code(), error.to_string()))?);
        let ttl = message.ttl.to_string();
        let mut is_fresh = false;
        loop {
            let origin = subscription.endpoint.origin().ascii_serialization();
            let unsigned = || refused(7114, "the VAPID key cannot sign");
            let authorization = self.vapid.authorization(&origin, call.now()).ok_or_else(unsigned)?;
            let mut pairs = vec![
                ("authorization", &*authorization),
                ("content-encoding", "aes128gcm"),
                ("content-type", "application/octet-stream"),
                ("ttl", &ttl),
                ("urgency", "normal"),
            ];
            if let Some(topic) = &message.topic {
                pairs.push(("topic", topic));
            }
            let head = headers(&pairs).ok_or_else(|| refused(7114, "vapid_subject cannot be sent"))?;
            let sent = call.post(&subscription.endpoint, head, body.clone()).await;
            let response = sent.map_err(|error| unsent(&error))?;
            if response.status.is_success() {
                let place = response.headers.get("location").and_then(|place| place.to_str().ok());
                let provider_ref = place.unwrap_or_default().to_owned();
                return Ok(Handed::Taken { provider_ref, receipt_follows: true });
            }
            let text = String::from_utf8_lossy(&response.body);
            let outcome = outcome(Provider::WebPush, response.status.as_u16(), "", &text);
            if outcome.renews && !is_fresh {
                self.vapid.forget(&origin);
                is_fresh = true;
                continue;
            }
            return Ok(ended(outcome, &response, "", &text));
        }
    }

    fn subscription(&self, value: &str) -> Result<Subscription, Handed> {
        let named = match &self.sandbox {
            Some(Sandbox { any: Some(service) }) => service.subscription(value),
            _ => None,
        };
        let subscription = named.map_or_else(|| Subscription::parse(value), Ok);
        let subscription = subscription.map_err(|error| refused(INVALID, error.to_string()))?;
        let here = is_loopback(&subscription.endpoint);
        match (&self.sandbox, subscription.endpoint.scheme()) {
            (Some(_), _) if !here => Err(refused(7114, "a sandbox account may only reach this machine")),
            (Some(_), "http" | "https") | (None, "https") => Ok(subscription),
            _ => Err(refused(INVALID, "the subscription's endpoint must be an https URL")),
        }
    }
}

/// An endpoint is the customer's word: one that must not be spoken to is their error, not our configuration.
fn unsent(error: &waypost_egress::EgressError) -> Handed {
    match unanswered(error, SERVER_ERROR) {
        Handed::Refused { detail, .. } => refused(INVALID, detail),
        other => other,
    }
}

impl Sandbox {
    fn open(config: &Value) -> Result<Self, SettingsError> {
        const KEY: &str = "web_sandbox";
        let Some(service) = config.get(KEY).filter(|service| !service.is_null()) else {
            return Ok(Self { any: None });
        };
        let part = |part: &str| {
            let missing = || SettingsError::new(KEY, format!("it must have a text {part}"));
            service.get(part).and_then(Value::as_str).ok_or_else(missing)
        };
        let base = base(KEY, part("base_url")?, true)?;
        let keys = format!("{}|{}", part("p256dh")?, part("auth")?);
        let service = SandboxService { base, keys };
        if service.subscription("word").is_none() {
            return Err(SettingsError::new(KEY, "its p256dh or auth is no key of a subscription"));
        }
        Ok(Self { any: Some(service) })
    }
}

impl SandboxService {
    /// The subscription behind a bare word.
    fn subscription(&self, word: &str) -> Option<Subscription> {
        if word.is_empty() || word.contains(['|', '{']) {
            return None;
        }
        let url = super::base::below(&self.base, &["push", word])?;
        Subscription::parse(&format!("{url}|{}", self.keys)).ok()
    }
}

/// The content alone.
#[cfg(test)]
pub(super) fn body(outgoing: &Outgoing, now: waypost_core::time::Micros) -> Result<String, Handed> {
    message::message(outgoing, now).map(|message| message.plaintext)
}

#[cfg(test)]
pub(super) fn is_subscription(value: &str) -> bool {
    Subscription::parse(value).is_ok()
}
