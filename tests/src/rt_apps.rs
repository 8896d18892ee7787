//! The RT API as services and apps call it about threads, topics and media.

use http::Method;
use serde_json::{Value, json};
use waypost_status::Api;

use crate::rt::{CLIENT_KEY, Phone, RT_APP, Rt};
use crate::{Answer, proof};

/// The server key of an app that has one.
pub const SERVER_KEY: &str = "sk-8d0e77";

impl Rt {
    /// Calls `/rtmsAPI/api/v1/apps/{app}/{rest}` with the client key.
    pub async fn apps(&self, method: Method, rest: &str, body: Value) -> Answer {
        self.apps_with(method, rest, &[("secretKey", CLIENT_KEY)], body).await
    }

    /// The same with other headers; no body is sent for null.
    pub async fn apps_with(
        &self,
        method: Method,
        rest: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answer {
        let path = format!("/rtmsAPI/api/v1/apps/{RT_APP}/{rest}");
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [&[("content-type", "application/json")][..], headers].concat();
        self.stage.http.send(method, &path, &headers, text).await
    }

    /// The same as a user's device does.
    pub async fn apps_as(&self, phone: &Phone, method: Method, rest: &str, body: Value) -> Answer {
        let headers = [("secretKey", CLIENT_KEY), ("accessToken", phone.token.as_str())];
        self.apps_with(method, rest, &headers, body).await
    }

    /// Makes a conversation; its id.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn thread(&self, title: &str) -> String {
        let body = json!({"type": "Conversation", "title": title});
        let made = rt_listed(&self.apps(Method::POST, "threads", body).await);
        made["thread"]["id"].as_str().expect("an id").to_owned()
    }

    /// Makes a topic; its id.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn topic(&self, name: &str) -> String {
        let body = json!({"name": name, "description": "of the suite"});
        let made = rt_counted(&self.apps(Method::POST, "topics", body).await);
        made["id"].as_str().expect("an id").to_owned()
    }
}

/// The members of an answer of the calls about threads: `"0"` and `success`. Noted as proven.
///
/// # Panics
/// When it is another answer.
pub fn rt_listed(answer: &Answer) -> Value {
    let body = answer.json();
    assert_eq!(
        (answer.http, &body["code"], &body["description"]),
        (200, &json!("0"), &json!("success")),
        "{body}"
    );
    assert_eq!(answer.headers["content-type"], "application/json");
    proof::seen(Api::Realtime, "0", "Success");
    body
}

/// The members of an answer of the calls about topics, whose code is a number. Noted as proven.
///
/// # Panics
/// When it is another answer.
pub fn rt_counted(answer: &Answer) -> Value {
    let body = answer.json();
    assert_eq!((answer.http, &body["code"]), (200, &json!(0)), "{body}");
    assert_eq!(answer.headers["content-type"], "application/json");
    proof::seen(Api::Realtime, "0", "Success");
    body
}
