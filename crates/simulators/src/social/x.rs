//! X's direct messages and media as an app sees them.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use waypost_channels::twitter::{meanings, oauth};
use waypost_core::time::{Clock, Micros};

use super::call::{Call, Reply};
use super::forced::{Wish, wish};
use super::form;
use super::hooks::{Hook, sign_x};
use super::message::text;
use super::server::{Provider, lock};

/// An app and the user who lets it send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XAccount {
    /// The user's id.
    pub user_id: String,
    /// Names the app.
    pub consumer_key: String,
    /// The app's secret.
    pub consumer_secret: String,
    /// Names the user.
    pub access_token: String,
    /// The user's secret.
    pub access_token_secret: String,
}

impl Default for XAccount {
    fn default() -> Self {
        Self {
            user_id: "3001969357".to_owned(),
            consumer_key: "simulatedConsumerKey".to_owned(),
            consumer_secret: "simulatedConsumerSecret".to_owned(),
            access_token: "3001969357-simulatedToken".to_owned(),
            access_token_secret: "simulatedTokenSecret".to_owned(),
        }
    }
}

pub(super) struct X {
    pub account: XAccount,
    pub clock: Arc<dyn Clock>,
    pub next: AtomicU64,
    /// Nonces seen, with their timestamps.
    pub nonces: Mutex<HashSet<(i64, String)>>,
    pub media: Mutex<HashSet<String>>,
}

/// How far a client's clock may be off.
const SKEW_SECS_MAX: i64 = 300;
const NONCES_MAX: usize = 100_000;
const TEXT_CHARS_MAX: usize = 10_000;
const OPTIONS_MAX: usize = 20;
const IMAGE_BYTES_MAX: usize = 5 << 20;

type Fault = (i64, String);

fn fault(code: i64, words: &str) -> Fault {
    (code, words.to_owned())
}

impl Provider for X {
    fn answer(&self, call: &Call) -> Reply {
        let done = self.authenticate(call).and_then(|()| match (call.method.as_str(), call.path()) {
            ("POST", "/1.1/direct_messages/events/new.json") => self.message(call),
            ("POST", "/1.1/media/upload.json") => self.upload(call),
            _ => Err(fault(34, "Sorry, that page does not exist.")),
        });
        done.unwrap_or_else(|(code, words)| self.error(code, &words))
    }
}

impl X {
    /// Computes the signature anew and compares; each nonce once.
    fn authenticate(&self, call: &Call) -> Result<(), Fault> {
        let header = call.header("authorization").and_then(|value| value.strip_prefix("OAuth "));
        let params = header.and_then(parse).ok_or_else(|| fault(215, "Bad Authentication data."))?;
        let param = |name: &str| params.get(name).map_or("", String::as_str);
        if param("oauth_consumer_key") != self.account.consumer_key {
            return Err(fault(32, "Could not authenticate you."));
        }
        if param("oauth_token") != self.account.access_token {
            return Err(fault(89, "Invalid or expired token."));
        }
        let timestamp: i64 = param("oauth_timestamp").parse().map_err(|_| fault(215, "Bad timestamp."))?;
        if (timestamp - self.clock.now().as_secs()).abs() > SKEW_SECS_MAX {
            return Err(fault(135, "Timestamp out of bounds."));
        }
        let signed: Vec<(&str, &str)> = params
            .iter()
            .filter(|(name, _)| *name != "oauth_signature")
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let (secret, token_secret) = (&self.account.consumer_secret, &self.account.access_token_secret);
        let expected = oauth::signature(&call.method, &call.url, &signed, secret, token_secret);
        let is_hmac = param("oauth_signature_method") == "HMAC-SHA1" && param("oauth_version") == "1.0";
        if !is_hmac || expected != param("oauth_signature") {
            return Err(fault(32, "Could not authenticate you."));
        }
        let mut nonces = lock(&self.nonces);
        if nonces.len() >= NONCES_MAX {
            nonces.clear();
        }
        if param("oauth_nonce").is_empty() || !nonces.insert((timestamp, param("oauth_nonce").to_owned())) {
            return Err(fault(32, "Could not authenticate you."));
        }
        Ok(())
    }

    fn message(&self, call: &Call) -> Result<Reply, Fault> {
        if call.header("content-type") != Some("application/json") {
            return Err(fault(214, "The body is to be JSON."));
        }
        let body = call.json();
        let at = |pointer: &str| body.pointer(&format!("/event{pointer}"));
        if text(at("/type")) != Some("message_create") {
            return Err(fault(214, "event.type: one of [message_create]"));
        }
        let recipient = text(at("/message_create/target/recipient_id")).unwrap_or_default();
        if recipient.is_empty() || !recipient.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(fault(108, "Cannot find specified user."));
        }
        self.check(at("/message_create/message_data").unwrap_or(&Value::Null))?;
        if let Wish::Error(row) = wish(meanings(), recipient) {
            return Err((row.code, row.name.clone()));
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        let mut event = body["event"].clone();
        event["id"] = json!(id);
        event["created_timestamp"] = json!(self.clock.now().as_ms().to_string());
        event["message_create"]["sender_id"] = json!(self.account.user_id);
        Ok(Reply { taken: Some(id), ..Reply::ok(json!({ "event": event })) })
    }

    fn check(&self, data: &Value) -> Result<(), Fault> {
        let words = text(data.get("text")).unwrap_or_default();
        if words.is_empty() {
            return Err(fault(38, "message_data.text parameter is missing."));
        }
        if words.chars().count() > TEXT_CHARS_MAX {
            return Err(fault(354, "The text of your direct message is over the max character limit."));
        }
        if let Some(attachment) = data.get("attachment") {
            let id = text(attachment.pointer("/media/id")).unwrap_or_default();
            if text(attachment.get("type")) != Some("media") || !lock(&self.media).contains(id) {
                return Err(fault(324, "The validation of media ids failed."));
            }
        }
        data.get("quick_reply").map_or(Ok(()), check_quick_reply)
    }

    fn upload(&self, call: &Call) -> Result<Reply, Fault> {
        let content_type = call.header("content-type").unwrap_or_default();
        let fields = form::fields(content_type, &call.body).unwrap_or_default();
        let media = fields.iter().find(|field| field.name == "media");
        let media = media.ok_or_else(|| fault(38, "media parameter is missing."))?;
        let category = call.query("media_category").unwrap_or_default();
        let is_gif = media.bytes.starts_with(b"GIF8");
        let is_image = is_gif
            || media.bytes.starts_with(b"\xff\xd8\xff")
            || media.bytes.starts_with(b"\x89PNG")
            || media.bytes.starts_with(b"RIFF");
        let fits = if is_gif { category == "dm_gif" } else { category == "dm_image" };
        if !is_image || !fits || media.bytes.len() > IMAGE_BYTES_MAX {
            return Err(fault(324, "media type unrecognized."));
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        lock(&self.media).insert(id.to_string());
        Ok(Reply::ok(json!({
            "media_id": id,
            "media_id_string": id.to_string(),
            "size": media.bytes.len(),
            "expires_after_secs": 86_400,
        })))
    }

    fn error(&self, code: i64, words: &str) -> Reply {
        let row = meanings().rows().error.iter().find(|row| row.code == code);
        let body = json!({ "errors": [{ "code": code, "message": words }] });
        let reply = Reply::status(row.map_or(400, |row| row.status), body);
        if reply.status == 429 {
            let reset = self.clock.now().as_secs() + 900;
            return reply.with_header("x-rate-limit-reset", reset.to_string());
        }
        reply
    }

    /// A message of a user to the account.
    pub fn inbound(&self, id: &str, sender: &str, words: &str, at: Micros) -> Hook {
        self.hook(&json!({
            "for_user_id": self.account.user_id,
            "direct_message_events": [{
                "type": "message_create",
                "id": id,
                "created_timestamp": at.as_ms().to_string(),
                "message_create": {
                    "target": { "recipient_id": self.account.user_id },
                    "sender_id": sender,
                    "message_data": { "text": words, "entities": {} },
                },
            }],
        }))
    }

    /// Any activity of the account.
    pub fn hook(&self, body: &Value) -> Hook {
        let body = body.to_string().into_bytes();
        let signature = sign_x(&self.account.consumer_secret, &body);
        let headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("x-twitter-webhooks-signature".to_owned(), signature),
        ];
        Hook { query: Vec::new(), headers, body }
    }
}

fn check_quick_reply(reply: &Value) -> Result<(), Fault> {
    let options =
        reply.get("options").and_then(Value::as_array).filter(|_| text(reply.get("type")) == Some("options"));
    let options = options.ok_or_else(|| fault(214, "quick_reply.type: one of [options]"))?;
    let fits = |option: &Value, name: &str, max: usize| {
        text(option.get(name)).is_none_or(|value| value.chars().count() <= max)
    };
    let is_good = |option: &Value| {
        text(option.get("label")).is_some_and(|label| !label.is_empty())
            && fits(option, "label", 36)
            && fits(option, "description", 72)
            && fits(option, "metadata", 1_000)
    };
    if options.is_empty() || options.len() > OPTIONS_MAX || !options.iter().all(is_good) {
        return Err(fault(214, "quick_reply.options: 1 to 20 options with a label of at most 36 characters"));
    }
    Ok(())
}

/// The parameters of an `OAuth` header, decoded.
fn parse(header: &str) -> Option<HashMap<String, String>> {
    header
        .split(',')
        .map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let hex = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}
