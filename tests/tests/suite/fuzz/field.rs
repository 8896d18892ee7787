//! The server that is tried, what is in its ledger, and what an answer must be.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use serde_json::{Value, json};
use waypost_core::time::{Clock, Micros, SystemClock};
use waypost_status::Api;
use waypost_status::proof::observed;
use waypost_store::directory::admin;
use waypost_store::{Ctx, Sql, TenantId};
use waypost_suite::{Answer, Engine, Http, Social, proof, sms};

/// A server with the providers of the social channels.
pub struct Field {
    pub social: Social,
    profile_key: String,
    ledger: Ledger,
    panicked: Arc<Mutex<Vec<String>>>,
}

/// Rows of what a request may write, over all tenants; or how many there are more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    pub requests: i64,
    pub messages: i64,
    /// Customers, app profiles, their keys, batches, answers under idempotency keys, what users said.
    pub others: i64,
}

const COUNT: &str = "SELECT (SELECT count(*) FROM request), (SELECT count(*) FROM message), \
    (SELECT count(*) FROM customer) + (SELECT count(*) FROM app_profile) + (SELECT count(*) FROM profile_key) \
    + (SELECT count(*) FROM profile_request) + (SELECT count(*) FROM idempotency) \
    + (SELECT count(*) FROM social_inbound) + (SELECT count(*) FROM inbound)";

pub fn now() -> Micros {
    SystemClock.now()
}

/// Whether a client could ask for it.
pub fn is_uri(path: &str) -> bool {
    path.parse::<http::Uri>().is_ok() && !path.contains('#')
}

impl Field {
    pub async fn new(engine: Engine) -> Self {
        let social = Social::start(engine).await;
        let tenant = social.login.tenant;
        let job =
            move |tx: &mut dyn Sql| admin::create_key(tx, &Ctx::operator(TenantId(tenant)), now(), None);
        let profile_key = social.stage.desk.change("a profile key", job).await.text;
        let panicked = Arc::new(Mutex::new(Vec::new()));
        let (told, before) = (Arc::clone(&panicked), std::panic::take_hook());
        // A task that panics takes only itself along: without this nobody would know.
        std::panic::set_hook(Box::new(move |info| {
            told.lock().unwrap().push(info.to_string());
            before(info);
        }));
        let mut field = Self { social, profile_key, ledger: Ledger::default(), panicked };
        field.written().await;
        field
    }

    pub fn http(&self) -> &Http {
        &self.social.stage.http
    }

    pub fn key(&self) -> String {
        self.social.login.key.clone()
    }

    pub fn profile_key(&self) -> String {
        self.profile_key.clone()
    }

    /// What was written since it was asked last.
    pub async fn written(&mut self) -> Ledger {
        let count = |tx: &mut dyn Sql| {
            let row = &tx.query(COUNT, &[])?[0];
            Ok(Ledger { requests: row.int(0)?, messages: row.int(1)?, others: row.int(2)? })
        };
        let now = self.social.stage.desk.read(count).await;
        let before = std::mem::replace(&mut self.ledger, now);
        Ledger {
            requests: now.requests - before.requests,
            messages: now.messages - before.messages,
            others: now.others - before.others,
        }
    }

    /// Sends a good message; its transaction id.
    pub async fn send(&mut self) -> String {
        let transid = self.social.stage.http.post(&self.key(), &sms("Hi", "447700900001")).await.queued();
        self.written().await;
        transid
    }

    pub fn nobody_panicked(&self, case: &str) {
        let panicked = self.panicked.lock().unwrap();
        assert!(panicked.is_empty(), "{panicked:?}\n{case}");
    }

    /// After all that the server takes a message, sends it and tells its end.
    pub async fn still_delivers(&self) {
        const TO: &str = "o-after-all-that";
        self.social.send("wechat", &json!({"wechatid": [TO]}), &json!({"text": "Hi"})).await;
        self.social.stage.hook.outcome(TO, 7500).await.assert_outcome(7500, "Delivered");
        self.nobody_panicked("at the end");
    }
}

/// Checks an answer of the Messaging family's shape; how many elements were taken.
pub fn units(apis: &[Api], answer: &Answer) -> Result<i64, TestCaseError> {
    let body = answer.json();
    let elements = match &body["response"] {
        Value::Array(elements) => elements.clone(),
        object => vec![object.clone()],
    };
    prop_assert!(!elements.is_empty());
    let mut taken = 0;
    for element in &elements {
        if element["code"] == "1001" {
            taken += 1;
        } else {
            refused(apis, element)?;
        }
    }
    Ok(taken)
}

/// Checks a refusal as a whole.
pub fn refusal(apis: &[Api], body: &str) -> Result<(), TestCaseError> {
    let body: Value =
        serde_json::from_str(body).map_err(|error| TestCaseError::fail(format!("{error}: {body}")))?;
    refused(apis, &body["response"])
}

fn refused(apis: &[Api], element: &Value) -> Result<(), TestCaseError> {
    let text = |name: &str| element[name].as_str().unwrap_or_default();
    let code: i64 = text("code").parse().map_err(|_| TestCaseError::fail(format!("no code: {element}")))?;
    let known = apis.iter().find(|api| observed(**api, code, text("description")).is_some());
    let api = known.ok_or_else(|| TestCaseError::fail(format!("not in the catalogue: {element}")))?;
    proof::seen(*api, text("code"), text("description"));
    prop_assert!(!text("transid").is_empty() || *api == Api::TransactionStatus, "{}", element);
    helps(element)
}

/// A refusal says which field broke which rule, and what to do.
fn helps(element: &Value) -> Result<(), TestCaseError> {
    for name in ["field", "rule", "remedy"] {
        let told = element["detail"][name].as_str().is_some_and(|text| !text.is_empty());
        prop_assert!(told, "no {} in {}", name, element);
    }
    Ok(())
}

/// Checks an answer of the Profile API; how many records were done.
pub fn records(answer: &Answer) -> Result<u64, TestCaseError> {
    let body = answer.json();
    let empty = Vec::new();
    let results = body["Results"].as_array().unwrap_or(&empty);
    let is_whole = body.get("Results").is_some() || body.get("Records").is_some();
    for element in std::iter::once(&body).chain(results) {
        let code = element["code"].as_str().unwrap_or_default();
        let text = element["description"].as_str().or(element["Description"].as_str()).unwrap_or_default();
        let text = if text == "success" { "SUCCESS" } else { text };
        let known = code.parse::<i64>().ok().and_then(|code| observed(Api::Profile, code, text));
        prop_assert!(known.is_some(), "not in the catalogue: {}", element);
        proof::seen(Api::Profile, code, text);
        let failed = !matches!(code, "1000" | "1002");
        if failed && (!is_whole || element != &body) {
            helps(element)?;
        }
    }
    Ok(body["SuccessCount"].as_u64().unwrap_or(0) + u64::from(body["description"] == "QUEUED"))
}
