//! A partner that pushes to the server, and what it is answered.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::Value;
use waypost_content::{Kind, Op, sample, wire::Json};
use waypost_status::Api;
use waypost_suite::{Answer, Http, Stage, proof};

use super::run;

/// A partner with a login.
pub struct Feed {
    pub http: Http,
    pub password: String,
    pub authorization: String,
}

impl Feed {
    /// Made by command, as an operator does.
    pub async fn new(stage: &Stage) -> Self {
        Self::of(stage, "false").await
    }

    /// One whose content is the tenant's own.
    pub async fn feeding(stage: &Stage) -> Self {
        Self::of(stage, "true").await
    }

    async fn of(stage: &Stage, feeds: &str) -> Self {
        let tenant = stage.login.tenant_slug.as_str();
        let create = ["admin", "partner", "create", "--tenant", tenant, "--slug", "feed", "--feeds", feeds];
        run(stage, &create).await;
        let login = run(stage, &["admin", "partner", "login", "feed", "--user", "feed"]).await;
        let password = login["password"].as_str().unwrap().to_owned();
        let authorization = format!("Basic {}", STANDARD.encode(format!("feed:{password}")));
        Self { http: Http::new(stage.http.address()), password, authorization }
    }

    /// Sends a request of the contract.
    pub async fn send(&self, method: Method, path: &str, body: impl Into<bytes::Bytes>) -> Answer {
        self.with(method, path, &[("authorization", &self.authorization)], body).await
    }

    /// The same with other headers than the content type.
    pub async fn with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<bytes::Bytes>,
    ) -> Answer {
        let headers = [&[("content-type", "application/json")], headers].concat();
        let answer = self.http.send(method, &format!("/content{path}"), &headers, body).await;
        if answer.headers.get("content-encoding").is_none() {
            noted(&answer);
        }
        answer
    }

    /// A hotel with a tax, a policy, two room types and two rate plans.
    pub async fn furnish(&self, property: &str) {
        for (n, push) in furniture(property).into_iter().enumerate() {
            let answer = self.send(Method::POST, &push.0, push.1).await;
            assert_eq!((answer.http, answer.text()), (200, success(&format!("{property}-{n}")).as_str()));
        }
    }
}

/// Paths and messages of [`Feed::furnish`].
pub fn furniture(property: &str) -> Vec<(String, String)> {
    let objects = [
        (Kind::Hotel, vec![sample::hotel(property)]),
        (Kind::Tax, vec![sample::tax("CITY")]),
        (Kind::Policy, vec![sample::policy("C24H")]),
        (Kind::Room, vec![sample::room("A"), sample::room("B")]),
        (Kind::RatePlan, vec![sample::rateplan("RP1", "C24H"), sample::rateplan("RP2", "C24H")]),
    ];
    let message = |(n, (kind, objects)): (usize, (Kind, Vec<Json>))| {
        let id = format!("{property}-{n}");
        (kind.create_path().to_owned(), sample::message(&id, kind, Op::New, property, objects).to_string())
    };
    objects.into_iter().enumerate().map(message).collect()
}

/// The whole body of a success.
pub fn success(id: &str) -> String {
    format!(r#"{{"messageId":"{id}","status":{{"success":true,"message":"message received successfully"}}}}"#)
}

/// The whole body of a refusal; of each error its object, text and code.
pub fn refusal(id: &str, message: &str, errors: &[(Option<&str>, &str, u16)]) -> String {
    let errors: Vec<String> = errors
        .iter()
        .map(|(object, text, code)| {
            let object = object.map_or_else(String::new, |object| format!(r#""objectCode":"{object}","#));
            format!(r#"{{{object}"errorMessage":"{text}","errorCode":{code}}}"#)
        })
        .collect();
    let errors = errors.join(",");
    format!(
        r#"{{"messageId":"{id}","status":{{"success":false,"message":"{message}","errors":[{errors}]}}}}"#
    )
}

/// Notes the catalogue's entries an answer was made from.
fn noted(answer: &Answer) {
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return };
    for error in body["status"]["errors"].as_array().into_iter().flatten() {
        let (code, text) = (error["errorCode"].to_string(), error["errorMessage"].as_str().unwrap());
        proof::seen(Api::MetadataPush, &code, text);
    }
}
