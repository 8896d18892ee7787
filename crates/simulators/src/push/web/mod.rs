//! A Web Push service (RFC 8030) and the browser behind it, which reads what it gets (RFC 8291).

mod check;
mod decrypt;
mod vapid;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use waypost_channels::push::outcomes::{Provider, Row};
use waypost_core::time::Clock;

use self::decrypt::Browser;
use super::StartError;
use super::forced::{Forced, forced};
use super::keys::RawKey;
use super::reply::{Asked, Asks, Reply, Rules, Verdict};
use super::sim::{Sim, lock};

/// A running push service.
#[derive(Debug)]
pub struct WebPush {
    sim: Sim,
    site: Arc<Site>,
    server_key: String,
}

struct Site {
    base: String,
    browser: Browser,
    /// The `applicationServerKey` the browser subscribed with.
    server_point: Vec<u8>,
    unregistered: Mutex<HashSet<String>>,
    next_id: AtomicU64,
    clock: Arc<dyn Clock>,
}

impl WebPush {
    /// Starts on loopback with keys made now. Every word is a subscription: `<base>/push/<word>`.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let server = RawKey::make().ok_or(StartError::Keys)?;
        let browser = Browser::make().ok_or(StartError::Keys)?;
        let mut made = None;
        let sim = super::serve::start(|base| {
            let site = Arc::new(Site {
                base,
                browser,
                server_point: server.public,
                unregistered: Mutex::default(),
                next_id: AtomicU64::new(1),
                clock,
            });
            made = Some(Arc::clone(&site));
            site
        });
        let sim = sim.await?;
        let site = made.ok_or(StartError::Keys)?;
        Ok(Self { sim, site, server_key: server.private_text })
    }

    /// The settings of an app that uses it; by `web_sandbox` every word is an address.
    #[must_use]
    pub fn config(&self) -> Value {
        let browser = &self.site.browser;
        json!({
            "vapid_subject": "mailto:push@example.com",
            "web_sandbox": {
                "base_url": self.base_url(), "p256dh": browser.p256dh(), "auth": browser.auth(),
            },
        })
    }

    /// The credentials of that app.
    #[must_use]
    pub fn secrets(&self) -> Value {
        json!({"vapid_private_key": self.server_key})
    }

    /// A subscription as a browser gives it, as JSON text.
    #[must_use]
    pub fn subscription(&self, word: &str) -> String {
        let browser = &self.site.browser;
        json!({
            "endpoint": format!("{}/push/{word}", self.base_url()),
            "expirationTime": null,
            "keys": {"p256dh": browser.p256dh(), "auth": browser.auth()},
        })
        .to_string()
    }

    /// From now on the subscription is answered with 410.
    pub fn unregister(&self, word: &str) {
        lock(&self.site.unregistered).insert(word.to_owned());
    }
}

impl std::ops::Deref for WebPush {
    type Target = Sim;

    fn deref(&self) -> &Sim {
        &self.sim
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebPush")
    }
}

impl Rules for Site {
    const TAKES_HTTP1: bool = true;
    const PROVIDER: Provider = Provider::WebPush;

    fn judge(&self, asked: &Asked) -> Asks {
        let segments = asked.segments();
        let (address, content, reply) = match segments.as_slice() {
            [push, word] if push == "push" && !word.is_empty() => {
                let text = self.browser.open(&asked.body);
                let content = text.as_deref().map_or(Value::Null, content);
                let reply = self.check(asked, word, text.is_some()).err();
                (word.clone(), content, reply.unwrap_or_else(|| self.taken()))
            }
            _ => (String::new(), Value::Null, status(404, "Not Found")),
        };
        Asks::Message(Verdict { address, content, reply })
    }

    fn answer_of(&self, row: &Row) -> Reply {
        of_row(row)
    }
}

impl Site {
    fn check(&self, asked: &Asked, word: &str, is_readable: bool) -> Result<(), Reply> {
        if asked.method != http::Method::POST {
            return Err(status(405, "Method Not Allowed"));
        }
        let refused = |(code, text): (u16, &str)| status(code, text);
        let authorization = asked.header("authorization");
        vapid::check(authorization, &self.server_point, &self.base, self.clock.now()).map_err(refused)?;
        check::request(asked).map_err(refused)?;
        if let Forced::Refused(row) = forced(Provider::WebPush, word) {
            return Err(of_row(row));
        }
        if lock(&self.unregistered).contains(word) {
            return Err(status(410, "Gone"));
        }
        // The real service cannot know; its browser would drop the message. Here somebody is to notice.
        if is_readable { Ok(()) } else { Err(status(400, "the browser cannot read the content")) }
    }

    fn taken(&self) -> Reply {
        let number = self.next_id.fetch_add(1, Ordering::Relaxed);
        let place = format!("{}/message/{number}", self.base);
        Reply::new(201, "", String::new()).with("location", place.clone()).taken(place)
    }
}

fn content(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(text)))
}

fn of_row(row: &Row) -> Reply {
    status(row.http, row.text.as_deref().unwrap_or_default())
}

fn status(status: u16, text: &str) -> Reply {
    Reply::new(status, &format!("HTTP {status}"), text.to_owned())
}
