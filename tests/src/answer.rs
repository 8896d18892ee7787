//! What the server answered, and what a test may say of it.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value};
use waypost_core::id::TransactionRef;
use waypost_status::Api;

use crate::proof;
use crate::record::Record;

/// An answer, whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub http: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// One element of an answer to a request that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The code.
    pub code: String,
    /// Its text.
    pub description: String,
    /// The transaction id, with its suffix.
    pub transid: String,
    /// The client's own reference.
    pub correlation: Option<String>,
    /// Field, rule and remedy of a refusal.
    pub detail: Option<Detail>,
}

/// What helps a caller to mend a refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The field at fault.
    pub field: String,
    /// The rule it breaks.
    pub rule: String,
    /// What to do.
    pub remedy: String,
}

impl Answer {
    /// The body as text.
    ///
    /// # Panics
    /// When it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a UTF-8 body")
    }

    /// The body as JSON, said to be JSON.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    pub fn json(&self) -> Value {
        let content_type = self.headers.get("content-type").map(|value| value.as_bytes());
        assert_eq!(content_type, Some(&b"application/json"[..]), "content-type of {}", self.text());
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// Asserts that the request was taken as one element per destination object; what each says.
    ///
    /// # Panics
    /// When it was not.
    #[must_use]
    pub fn units(&self) -> Vec<Unit> {
        assert_eq!(self.http, 200, "{}", self.text());
        let json = self.json();
        assert_members(&json, &["response"]);
        let units = json["response"].as_array().unwrap_or_else(|| panic!("no array: {}", self.text()));
        units.iter().map(unit).collect()
    }

    /// Asserts that the one destination object was queued; its transaction id.
    ///
    /// # Panics
    /// When it was not.
    pub fn queued(&self) -> String {
        let [transid] = <[String; 1]>::try_from(self.all_queued()).expect("one unit");
        transid
    }

    /// Asserts that every destination object was queued; their transaction ids.
    ///
    /// # Panics
    /// When one was not.
    pub fn all_queued(&self) -> Vec<String> {
        let queued = |unit: Unit| {
            assert_eq!(
                (unit.code.as_str(), unit.description.as_str()),
                ("1001", "Queued"),
                "{}",
                self.text()
            );
            unit.transid
        };
        self.units().into_iter().map(queued).collect()
    }

    /// Asserts that the whole request was refused with this code and text; the detail.
    ///
    /// # Panics
    /// When it was not.
    pub fn refused(&self, http: u16, code: &str, description: &str) -> Detail {
        let said = self.refusal(http);
        assert_eq!((said.0.as_str(), said.1.as_str()), (code, description), "{}", self.text());
        proof::seen(Api::Messaging, code, description);
        said.2
    }

    /// Asserts that a look-up of `asked` was refused with this code and text.
    ///
    /// # Panics
    /// When it was not.
    pub fn refused_lookup(&self, http: u16, code: &str, description: &str, asked: &str) -> Detail {
        let json = self.json();
        assert_eq!(json["response"]["transid"], asked, "{json}");
        let (said_code, said_text, detail) = self.refusal_object(&json, http);
        assert_eq!((said_code.as_str(), said_text.as_str()), (code, description), "{json}");
        proof::seen(Api::TransactionStatus, code, description);
        detail
    }

    /// Asserts that a look-up found records; the records.
    ///
    /// # Panics
    /// When it did not.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        assert_eq!(self.http, 200, "{}", self.text());
        let json = self.json();
        let records = json.as_array().unwrap_or_else(|| panic!("no array: {json}"));
        records.iter().map(Record::read).collect()
    }

    /// Asserts an answer without a body.
    ///
    /// # Panics
    /// When it has one, or another status.
    pub fn bare(&self, http: u16) {
        assert_eq!((self.http, self.text()), (http, ""));
    }

    fn refusal(&self, http: u16) -> (String, String, Detail) {
        let json = self.json();
        assert_transid(text(&json["response"], "transid"));
        self.refusal_object(&json, http)
    }

    fn refusal_object(&self, json: &Value, http: u16) -> (String, String, Detail) {
        assert_eq!(self.http, http, "{json}");
        assert_members(json, &["response"]);
        let response = &json["response"];
        assert_members(response, &["code", "description", "detail", "transid"]);
        (text(response, "code"), text(response, "description"), detail(&response["detail"]))
    }
}

fn unit(json: &Value) -> Unit {
    let correlation = json.get("correlationid").map(|_| text(json, "correlationid"));
    let detail = json.get("detail").map(detail);
    let mut members = vec!["code", "description", "transid"];
    members.extend(correlation.as_ref().map(|_| "correlationid"));
    members.extend(detail.as_ref().map(|_| "detail"));
    assert_members(json, &members);
    let unit = Unit {
        code: text(json, "code"),
        description: text(json, "description"),
        transid: text(json, "transid"),
        correlation,
        detail,
    };
    assert_eq!(unit.detail.is_none(), unit.code == "1001", "a refusal says what helps: {json}");
    assert_transid(unit.transid.clone());
    // What the contract adds in burst mode is not part of the row.
    proof::seen(Api::Messaging, &unit.code, unit.description.trim_end_matches(" in burst mode"));
    unit
}

fn detail(json: &Value) -> Detail {
    assert_members(json, &["field", "remedy", "rule"]);
    let detail =
        Detail { field: text(json, "field"), rule: text(json, "rule"), remedy: text(json, "remedy") };
    assert!(!detail.rule.is_empty() && !detail.remedy.is_empty(), "a rule and a remedy: {json}");
    detail
}

/// A lower-case UUID, with or without a place.
fn assert_transid(transid: String) {
    let parsed: TransactionRef =
        transid.parse().unwrap_or_else(|_| panic!("{transid:?} is no transaction id"));
    assert_eq!(parsed.to_string(), transid);
}

/// The text member `name` of an object.
pub(crate) fn text(json: &Value, name: &str) -> String {
    json[name].as_str().unwrap_or_else(|| panic!("no text {name} in {json}")).to_owned()
}

/// Asserts the names of an object's members, in any order.
pub(crate) fn assert_members(json: &Value, names: &[&str]) {
    let object: &Map<String, Value> = json.as_object().unwrap_or_else(|| panic!("no object: {json}"));
    let mut found: Vec<&str> = object.keys().map(String::as_str).collect();
    let mut wanted = names.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted, "members of {json}");
}
