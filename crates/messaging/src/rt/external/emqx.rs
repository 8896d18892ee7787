//! Ending sessions at an EMQX, by its REST API. Whom it lets in it asks us (`rt/api/vouch`).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use url::Url;
use waypost_egress::{Egress, Response};

use super::{ANSWER_WITHIN, Unreachable};

/// Sessions of one name that are asked for at once. A name has one, save where the broker was away when one was ended.
const PAGE: usize = 100;
/// Longest list of them that is read, in octets.
const LIST_BYTES_MAX: usize = 1 << 20;

/// A handle to the REST API, version 5.
#[derive(Clone)]
pub struct Rest(Arc<Parts>);

struct Parts {
    base: Url,
    authorization: HeaderValue,
    egress: Egress,
}

/// A list of clients.
#[derive(Deserialize)]
struct Clients {
    data: Vec<Client>,
}

#[derive(Deserialize)]
struct Client {
    clientid: String,
}

/// What a client reads.
#[derive(Deserialize)]
struct Subscription {
    topic: String,
}

impl Rest {
    /// A handle to the API at `base`, for the API key `key` with its `secret`; `None` when they cannot be sent.
    #[must_use]
    pub fn new(base: Url, key: &str, secret: &str, egress: Egress) -> Option<Self> {
        let basic = format!("Basic {}", STANDARD.encode(format!("{key}:{secret}")));
        let mut authorization = HeaderValue::try_from(basic).ok()?;
        authorization.set_sensitive(true);
        (!base.cannot_be_a_base()).then(|| Self(Arc::new(Parts { base, authorization, egress })))
    }

    /// Ends every session of this user name, connected or not, with what the broker keeps for it.
    pub(super) async fn end(&self, name: &str) -> Result<(), Unreachable> {
        loop {
            let clients = self.clients(name).await?;
            for client in &clients {
                self.discard(&client.clientid).await?;
            }
            if clients.len() < PAGE {
                return Ok(());
            }
        }
    }

    /// Whether the broker has a session under this client id, connected or not.
    pub(super) async fn knows(&self, client_id: &str) -> Result<bool, Unreachable> {
        let answer = self.call(Method::GET, &self.url(&["clients", client_id]), Bytes::new()).await?;
        match answer.status {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            status => Err(refused("show a session", status)),
        }
    }

    /// Whether what is published to a topic reaches a session; if not, the session is subscribed, at the highest quality, whether
    /// its client asks for it or not. The broker says yes to that before it is so: ask again.
    pub(super) async fn reaches(&self, client_id: &str, topic: &str) -> Result<bool, Unreachable> {
        let url = self.url(&["clients", client_id, "subscriptions"]);
        let answer = self.call(Method::GET, &url, Bytes::new()).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(false),
            status => return Err(refused("show subscriptions", status)),
        }
        let all: Vec<Subscription> = read(&answer)?;
        if all.iter().any(|subscription| subscription.topic == topic) {
            return self.is_routed(topic).await;
        }
        self.subscribe(client_id, topic).await?;
        Ok(false)
    }

    async fn subscribe(&self, client_id: &str, topic: &str) -> Result<(), Unreachable> {
        let url = self.url(&["clients", client_id, "subscribe"]);
        let body = json!({"topic": topic, "qos": 2}).to_string();
        let answer = self.call(Method::POST, &url, body.into()).await?;
        match answer.status {
            StatusCode::OK | StatusCode::NOT_FOUND => Ok(()),
            status => Err(refused("subscribe a session", status)),
        }
    }

    /// Whether what is published to a topic goes to anybody: a subscription is noted before it has its route.
    async fn is_routed(&self, topic: &str) -> Result<bool, Unreachable> {
        let answer = self.call(Method::GET, &self.url(&["topics", topic]), Bytes::new()).await?;
        match answer.status {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            status => Err(refused("show a topic", status)),
        }
    }

    async fn clients(&self, name: &str) -> Result<Vec<Client>, Unreachable> {
        let mut url = self.url(&["clients"]);
        url.query_pairs_mut().append_pair("username", name).append_pair("limit", &PAGE.to_string());
        let answer = self.call(Method::GET, &url, Bytes::new()).await?;
        if answer.status != StatusCode::OK {
            return Err(refused("list sessions", answer.status));
        }
        Ok(read::<Clients>(&answer)?.data)
    }

    /// That it has ended meanwhile is no fault.
    async fn discard(&self, client_id: &str) -> Result<(), Unreachable> {
        let answer = self.call(Method::DELETE, &self.url(&["clients", client_id]), Bytes::new()).await?;
        match answer.status {
            StatusCode::NO_CONTENT | StatusCode::OK | StatusCode::NOT_FOUND => Ok(()),
            status => Err(refused("end a session", status)),
        }
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.0.base.clone();
        // Always there: `new` takes no other.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v5"]).extend(path);
        }
        url
    }

    async fn call(&self, method: Method, url: &Url, body: Bytes) -> Result<Response, Unreachable> {
        let json = HeaderValue::from_static("application/json");
        let mut headers =
            HeaderMap::from_iter([(AUTHORIZATION, self.0.authorization.clone()), (ACCEPT, json.clone())]);
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, json);
        }
        let within = u64::try_from(ANSWER_WITHIN.as_millis()).unwrap_or(u64::MAX);
        let asked = self.0.egress.request(method, url, headers, body, within, LIST_BYTES_MAX).await;
        asked.map_err(|error| {
            tracing::warn!(%error, "the MQTT broker's REST API does not answer");
            Unreachable
        })
    }
}

fn read<T: DeserializeOwned>(answer: &Response) -> Result<T, Unreachable> {
    serde_json::from_slice(&answer.body).map_err(|error| {
        tracing::warn!(%error, "an answer of the MQTT broker's REST API cannot be read");
        Unreachable
    })
}

fn refused(what: &str, status: StatusCode) -> Unreachable {
    tracing::warn!(%status, "the MQTT broker's REST API refuses to {what}: realtime.broker_api_key");
    Unreachable
}

#[cfg(test)]
mod tests {
    use waypost_core::time::SystemClock;
    use waypost_egress::{EgressPolicy, SystemResolver};

    use super::*;

    fn rest(base: &str) -> Option<Rest> {
        let resolver = Arc::new(SystemResolver::default());
        let egress = Egress::new(EgressPolicy::operators(), resolver, Arc::new(SystemClock)).unwrap();
        Rest::new(base.parse().unwrap(), "key", "secret", egress)
    }

    #[test]
    fn a_session_is_one_segment_of_the_path_whatever_its_name_has() {
        for base in ["http://emqx:18083", "http://emqx:18083/"] {
            let rest = rest(base).unwrap();
            let url = rest.url(&["clients", "MU1/ann?x%/d 1/at_t1"]);
            assert_eq!(url.as_str(), "http://emqx:18083/api/v5/clients/MU1%2Fann%3Fx%25%2Fd%201%2Fat_t1");
        }
        assert_eq!(
            rest("https://x/broker/").unwrap().url(&["clients"]).as_str(),
            "https://x/broker/api/v5/clients"
        );
        assert!(rest("mailto:broker").is_none());
    }
}
