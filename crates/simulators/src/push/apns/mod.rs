//! APNs with token authentication.

mod check;
mod tokens;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use waypost_channels::push::outcomes::{Provider, Row};
use waypost_core::time::Clock;

use self::tokens::ProviderTokens;
use super::StartError;
use super::forced::{Forced, forced, named};
use super::keys::EcKey;
use super::reply::{Asked, Asks, Reply, Rules, Verdict};
use super::sim::{Sim, lock};

/// The app.
const TOPIC: &str = "com.example.waypost";
const TEAM_ID: &str = "WAYPOST001";
const KEY_ID: &str = "SANDBOX001";

/// A running APNs.
#[derive(Debug)]
pub struct Apns {
    sim: Sim,
    site: Arc<Site>,
    key_pem: String,
}

struct Site {
    tokens: ProviderTokens,
    unregistered: Mutex<HashSet<String>>,
    next_id: AtomicU64,
    clock: Arc<dyn Clock>,
}

impl Apns {
    /// Starts on loopback with a team's key made now.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let key = EcKey::make().ok_or(StartError::Keys)?;
        let site = Arc::new(Site {
            tokens: ProviderTokens::new(key.public),
            unregistered: Mutex::default(),
            next_id: AtomicU64::new(1),
            clock,
        });
        let rules = Arc::clone(&site);
        let sim = super::serve::start(|_| rules).await?;
        Ok(Self { sim, site, key_pem: key.pem })
    }

    /// The settings of an app that uses it.
    #[must_use]
    pub fn config(&self) -> Value {
        json!({
            "apns_base_url": self.base_url(), "apns_team_id": TEAM_ID, "apns_key_id": KEY_ID, "apns_topic": TOPIC,
        })
    }

    /// The credentials of that app.
    #[must_use]
    pub fn secrets(&self) -> Value {
        json!({"apns_key": self.key_pem})
    }

    /// From now on the token is answered with Unregistered.
    pub fn unregister(&self, token: &str) {
        lock(&self.site.unregistered).insert(token.to_owned());
    }

    /// Different provider tokens seen since the start.
    #[must_use]
    pub fn tokens_seen(&self) -> u64 {
        self.site.tokens.seen()
    }
}

impl std::ops::Deref for Apns {
    type Target = Sim;

    fn deref(&self) -> &Sim {
        &self.sim
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Apns")
    }
}

impl Rules for Site {
    // The real one speaks nothing else.
    const TAKES_HTTP1: bool = false;
    const PROVIDER: Provider = Provider::Apns;

    fn judge(&self, asked: &Asked) -> Asks {
        let segments = asked.segments();
        let device = match segments.as_slice() {
            [three, device, token] if three == "3" && device == "device" => Some(token.as_str()),
            _ => None,
        };
        let id = self.id(asked);
        let reply = match self.check(asked, device) {
            Err(reason) => refused(reason),
            Ok(()) => Reply::new(200, "", String::new()).taken(id.clone()),
        };
        let address = device.unwrap_or_default().to_owned();
        let content = serde_json::from_slice(&asked.body).unwrap_or_default();
        Asks::Message(Verdict { address, content, reply: reply.with("apns-id", id) })
    }

    fn answer_of(&self, row: &Row) -> Reply {
        of_row(row)
    }
}

impl Site {
    /// The reason of a refusal; in the order path, who asks, headers, whom it is for, what is sent.
    fn check(&self, asked: &Asked, device: Option<&str>) -> Result<(), &'static str> {
        let Some(device) = device else { return Err("BadPath") };
        if asked.method != http::Method::POST {
            return Err("MethodNotAllowed");
        }
        self.tokens.check(asked.header("authorization"), self.clock.now())?;
        check::headers(asked, TOPIC)?;
        match forced(Provider::Apns, device) {
            Forced::Refused(row) => return Err(&row.error),
            Forced::Taken => {}
            Forced::No => check::device(device)?,
        }
        check::payload(&asked.body)?;
        if lock(&self.unregistered).contains(device) {
            return Err("Unregistered");
        }
        Ok(())
    }

    /// The id of the message: the sender's, or one of ours.
    fn id(&self, asked: &Asked) -> String {
        if let Some(id) = asked.header("apns-id") {
            return id.to_owned();
        }
        let number = self.next_id.fetch_add(1, Ordering::Relaxed);
        format!("00000000-0000-8000-8000-{number:012x}")
    }
}

fn refused(reason: &str) -> Reply {
    named(Provider::Apns, reason).map_or_else(|| Reply::new(500, "HTTP 500", String::new()), of_row)
}

fn of_row(row: &Row) -> Reply {
    if row.error.starts_with("HTTP ") {
        return Reply::new(row.http, &row.error, String::new());
    }
    let mut body = json!({"reason": row.error});
    if row.http == 410 {
        body["timestamp"] = json!(1_700_000_000_000_i64);
    }
    Reply::json(row.http, &row.error, &body)
}
