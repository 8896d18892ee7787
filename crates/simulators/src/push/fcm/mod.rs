//! FCM HTTP v1 and the token server in front of it.

mod answers;
mod message;
mod oauth;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use http::Method;
use serde_json::{Value, json};
use waypost_channels::push::outcomes::{Provider, Row};
use waypost_core::time::Clock;

use self::answers::{of_row, of_word};
use self::oauth::TokenServer;
use super::StartError;
use super::forced::{Forced, forced};
use super::keys::RsaKey;
use super::reply::{Asked, Asks, Reply, Rules, Verdict};
use super::sim::{Sim, lock};

/// The project of the simulated app.
const PROJECT: &str = "waypost-sandbox";

/// A running FCM.
#[derive(Debug)]
pub struct Fcm {
    sim: Sim,
    site: Arc<Site>,
    key_pem: String,
}

struct Site {
    tokens: TokenServer,
    unregistered: Mutex<HashSet<String>>,
    next_id: AtomicU64,
    clock: Arc<dyn Clock>,
}

impl Fcm {
    /// Starts on loopback with a service account made now.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let key = RsaKey::make().ok_or(StartError::Keys)?;
        let mut made = None;
        let sim = super::serve::start(|base| {
            let site = Arc::new(Site {
                tokens: TokenServer::new(format!("{base}/token"), key.public),
                unregistered: Mutex::default(),
                next_id: AtomicU64::new(1),
                clock,
            });
            made = Some(Arc::clone(&site));
            site
        });
        let sim = sim.await?;
        let site = made.ok_or(StartError::Keys)?;
        Ok(Self { sim, site, key_pem: key.pem })
    }

    /// The settings of an app that uses it.
    #[must_use]
    pub fn config(&self) -> Value {
        json!({"fcm_base_url": self.base_url(), "fcm_oauth_url": self.site.tokens.url})
    }

    /// The credentials of that app: the service account's file.
    #[must_use]
    pub fn secrets(&self) -> Value {
        json!({"fcm_service_account": {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": oauth::KEY_ID,
            "private_key": self.key_pem,
            "client_email": oauth::CLIENT_EMAIL,
            "token_uri": self.site.tokens.url,
        }})
    }

    /// From now on the token is answered with UNREGISTERED.
    pub fn unregister(&self, token: &str) {
        lock(&self.site.unregistered).insert(token.to_owned());
    }

    /// Access tokens given out since the start.
    #[must_use]
    pub fn tokens_given(&self) -> u64 {
        self.site.tokens.given()
    }

    /// Takes every access token back.
    pub fn revoke_tokens(&self) {
        self.site.tokens.revoke();
    }

    /// The next requests for a token get this status, without a body.
    pub fn fail_tokens(&self, status: u16, times: u32) {
        self.site.tokens.fail(status, times);
    }
}

impl std::ops::Deref for Fcm {
    type Target = Sim;

    fn deref(&self) -> &Sim {
        &self.sim
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fcm")
    }
}

impl Rules for Site {
    const TAKES_HTTP1: bool = true;
    const PROVIDER: Provider = Provider::Fcm;

    fn judge(&self, asked: &Asked) -> Asks {
        if asked.path == "/token" {
            return Asks::Other(self.tokens.answer(asked, self.clock.now()));
        }
        let message = serde_json::from_slice::<Value>(&asked.body).unwrap_or_default();
        let content = message["message"].clone();
        let address = content["token"].as_str().unwrap_or_default().to_owned();
        let reply = self.check(asked, &address).unwrap_or_else(|| self.taken());
        Asks::Message(Verdict { address, content, reply })
    }

    fn answer_of(&self, row: &Row) -> Reply {
        of_row(row)
    }
}

impl Site {
    /// What is wrong; in the order of the real one: path, who asks, what is asked, whom it is for.
    fn check(&self, asked: &Asked, token: &str) -> Option<Reply> {
        let segments = asked.segments();
        let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ["v1", "projects", project, "messages:send"] = parts[..] else {
            return Some(Reply::new(404, "HTTP 404", "<html>Not Found</html>".to_owned()));
        };
        if asked.method != Method::POST {
            return Some(Reply::new(405, "HTTP 405", String::new()));
        }
        let bearer = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        if !bearer.is_some_and(|token| self.tokens.is_good(token, self.clock.now())) {
            return Some(of_word("UNAUTHENTICATED"));
        }
        if project != PROJECT {
            return Some(of_word("PERMISSION_DENIED"));
        }
        match forced(Provider::Fcm, token) {
            Forced::Refused(row) => return Some(of_row(row)),
            Forced::Taken | Forced::No => {}
        }
        if let Err(wrong) = message::check(&asked.body) {
            return Some(answers::invalid(&wrong));
        }
        lock(&self.unregistered).contains(token).then(|| of_word("UNREGISTERED"))
    }

    fn taken(&self) -> Reply {
        let number = self.next_id.fetch_add(1, Ordering::Relaxed);
        let name = format!("projects/{PROJECT}/messages/0:{number:016}%31bd1c9431bd1c94");
        Reply::json(200, "", &json!({"name": name})).taken(name)
    }
}
