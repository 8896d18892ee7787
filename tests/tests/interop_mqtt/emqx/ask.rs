//! What an EMQX asks before it lets a client do something, as version 5 asks it, and how it takes the answers.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use http::Method;
use rumqttc::mqttbytes::matches;
use serde_json::{Value, json};
use waypost_suite::Http;

/// What the server under test is asked with.
pub const ASKS_WITH: &str = "an-emqx-asks-with-this";

/// A client that was let in.
#[derive(Clone)]
pub struct Let {
    pub client_id: String,
    pub username: String,
    pub is_superuser: bool,
    rules: Vec<Value>,
}

/// Where the questions go.
#[derive(Clone, Default)]
pub struct Ask(Arc<OnceLock<Http>>);

impl Ask {
    /// The server runs: it is asked from now on.
    pub fn at(&self, server: SocketAddr) {
        assert!(self.0.set(Http::new(server)).is_ok(), "one server");
    }

    /// Status and body; `None` when nobody answers, or not in JSON.
    async fn post(&self, question: &str, body: &Value) -> Option<(u16, Value)> {
        let path = format!("/realtime/broker/v1/{question}");
        let bearer = format!("Bearer {ASKS_WITH}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let answer =
            self.0.get()?.try_send(Method::POST, &path, &headers, body.to_string().into()).await.ok()?;
        let is_json = answer.headers.get("content-type").is_some_and(|kind| kind == "application/json");
        is_json.then(|| (answer.http, answer.json()))
    }

    /// Whether a client may come in: only a success that says `allow` lets it.
    pub async fn authenticate(
        &self,
        client_id: &str,
        username: &str,
        password: &str,
        with_rules: bool,
    ) -> Option<Let> {
        let body = json!({"clientid": client_id, "username": username, "password": password});
        let (200, answer) = self.post("authenticate", &body).await? else { return None };
        if answer["result"] != "allow" {
            return None;
        }
        let is_superuser = answer["is_superuser"].as_bool()?;
        // A version before 5.8 does not look at them.
        let rules = answer["acl"].as_array().filter(|_| with_rules).cloned().unwrap_or_default();
        if let Some(until) = answer.get("expire_at") {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
            assert!(until.as_u64().is_some_and(|until| until > now && until / 2 < now), "{until}");
        }
        rules.iter().for_each(strict);
        Some(Let { client_id: client_id.to_owned(), username: username.to_owned(), is_superuser, rules })
    }

    /// Whether a client that was let in may do something: by its rules, else by a question; without an answer it may not.
    pub async fn authorize(&self, client: &Let, action: &str, qos: u8, topic: &str) -> bool {
        if client.is_superuser {
            return true;
        }
        let applies = |rule: &&Value| {
            [action, "all"].iter().any(|name| rule["action"] == *name)
                && match rule["topic"].as_str().unwrap() {
                    literal if literal.starts_with("eq ") => literal["eq ".len()..] == *topic,
                    pattern => matches(topic, pattern),
                }
        };
        if let Some(rule) = client.rules.iter().find(applies) {
            return rule["permission"] == "allow";
        }
        let body = json!({
            "clientid": client.client_id, "username": client.username, "topic": topic, "action": action,
            "qos": qos.to_string()
        });
        matches!(self.post("authorize", &body).await, Some((200, answer)) if answer["result"] == "allow")
    }
}

/// A rule has these members with these values, or the whole answer is refused.
fn strict(rule: &Value) {
    let members = rule.as_object().expect("a rule is an object");
    assert!(members.keys().all(|name| ["permission", "action", "topic"].contains(&name.as_str())), "{rule}");
    assert!(["allow", "deny"].iter().any(|word| rule["permission"] == *word), "{rule}");
    assert!(["subscribe", "publish", "all"].iter().any(|word| rule["action"] == *word), "{rule}");
    assert!(rule["topic"].is_string(), "{rule}");
}
