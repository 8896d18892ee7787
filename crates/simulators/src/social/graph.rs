//! The Graph API as a page sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::hmac;
use serde_json::{Value, json};
use waypost_channels::messenger::meanings;
use waypost_core::time::{Clock, Micros};

use super::call::{Call, Reply};
use super::forced::{Wish, wish};
use super::hooks::{Hook, sign_hub};
use super::message;
use super::server::Provider;

/// A page and the app that speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphAccount {
    /// The page.
    pub page_id: String,
    /// Its token.
    pub page_token: String,
    /// The app's secret.
    pub app_secret: String,
    /// What the app answers a subscription's challenge for.
    pub verify_token: String,
}

impl Default for GraphAccount {
    fn default() -> Self {
        Self {
            page_id: "104857600000001".to_owned(),
            page_token: "EAASimulatedPageToken".to_owned(),
            app_secret: "0123456789abcdef0123456789abcdef".to_owned(),
            verify_token: "verify-me".to_owned(),
        }
    }
}

pub(super) struct Graph {
    pub account: GraphAccount,
    pub clock: Arc<dyn Clock>,
    /// Makes ids that no other run has made.
    pub run: u64,
    pub next: AtomicU64,
}

impl Provider for Graph {
    fn answer(&self, call: &Call) -> Reply {
        self.check(call).unwrap_or_else(|(code, subcode, words)| error(code, subcode, &words))
    }
}

impl Graph {
    fn check(&self, call: &Call) -> Result<Reply, message::Fault> {
        let steps: Vec<&str> = call.path().trim_start_matches('/').split('/').collect();
        let [version, page, "messages"] = steps[..] else {
            return Err((2500, None, "Unknown path components".to_owned()));
        };
        if !version.starts_with('v') || call.method != "POST" {
            return Err((2500, None, "Unknown path components".to_owned()));
        }
        self.authenticate(call)?;
        if page != "me" && page != self.account.page_id {
            return Err((100, Some(33), "Object does not exist or cannot be loaded".to_owned()));
        }
        let body = call.json();
        message::check(&body)?;
        Ok(self.take(&body))
    }

    fn authenticate(&self, call: &Call) -> Result<(), message::Fault> {
        let header = call.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let token = header.map(str::to_owned).or_else(|| call.query("access_token"));
        if token.as_deref() != Some(self.account.page_token.as_str()) {
            return Err((190, None, "Invalid OAuth access token - Cannot parse access token".to_owned()));
        }
        let secret = hmac::Key::new(hmac::HMAC_SHA256, self.account.app_secret.as_bytes());
        let tag = hmac::sign(&secret, self.account.page_token.as_bytes());
        let proof: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        if call.query("appsecret_proof") != Some(proof) {
            return Err(message::param("Invalid appsecret_proof provided in the API argument"));
        }
        Ok(())
    }

    fn take(&self, body: &Value) -> Reply {
        let psid = message::text(body.pointer("/recipient/id")).unwrap_or_default().to_owned();
        if body.get("sender_action").is_some() {
            return Reply::ok(json!({ "recipient_id": psid }));
        }
        let wish = wish(meanings(), &psid);
        if let Wish::Error(row) = wish {
            return error(row.code, row.subcode, &row.name);
        }
        let mid = format!("m_{:016x}{:08x}", self.run, self.next.fetch_add(1, Ordering::Relaxed));
        let now = self.clock.now();
        let delivered = || self.delivery(&psid, &[&mid], now);
        let hooks = match wish {
            Wish::Silent => Vec::new(),
            Wish::Read => vec![delivered(), self.read(&psid, now)],
            Wish::None | Wish::Error(_) => vec![delivered()],
        };
        let body = json!({ "recipient_id": psid, "message_id": mid });
        Reply { hooks, taken: Some(mid.clone()), ..Reply::ok(body) }
    }

    /// A delivery report.
    pub fn delivery(&self, psid: &str, mids: &[&str], watermark: Micros) -> Hook {
        let event = json!({ "delivery": { "mids": mids, "watermark": watermark.as_ms() } });
        self.hook(psid, watermark, event)
    }

    /// A read report: everything up to the watermark.
    pub fn read(&self, psid: &str, watermark: Micros) -> Hook {
        self.hook(psid, watermark, json!({ "read": { "watermark": watermark.as_ms() } }))
    }

    /// Any event of a user.
    pub fn hook(&self, psid: &str, at: Micros, event: Value) -> Hook {
        let mut event = event;
        event["sender"] = json!({ "id": psid });
        event["recipient"] = json!({ "id": self.account.page_id });
        event["timestamp"] = json!(at.as_ms());
        let entry = json!({ "id": self.account.page_id, "time": at.as_ms(), "messaging": [event] });
        let body = json!({ "object": "page", "entry": [entry] }).to_string().into_bytes();
        let signature = sign_hub(&self.account.app_secret, &body);
        let headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("x-hub-signature-256".to_owned(), signature),
        ];
        Hook { query: Vec::new(), headers, body }
    }
}

fn error(code: i64, subcode: Option<i64>, words: &str) -> Reply {
    let rows = &meanings().rows().error;
    let row = rows.iter().find(|row| (row.code, row.subcode) == (code, subcode));
    let row = row.or_else(|| rows.iter().find(|row| row.code == code));
    let mut error = json!({
        "message": format!("(#{code}) {words}"),
        "type": if code == 190 { "OAuthException" } else { "GraphMethodException" },
        "code": code,
        "fbtrace_id": "ASimulated",
    });
    if let Some(subcode) = subcode {
        error["error_subcode"] = json!(subcode);
    }
    Reply::status(row.map_or(400, |row| row.status), json!({ "error": error }))
}
