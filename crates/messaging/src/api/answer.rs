//! The bodies of answers (spec 2.3), written by hand: a body is made of a [`Status`] or not at all.

use std::fmt::{Display, Write as _};
use std::sync::LazyLock;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use waypost_core::id::{TransactionId, TransactionRef};
use waypost_status::{MessagingCode, Status};

use super::code;
use crate::rules::{Detail, Plan, Refusal, UnitPlan};

/// 1001: the one row whose text is asked for at every request.
static QUEUED: LazyLock<Status> = LazyLock::new(|| MessagingCode::Queued.status());

/// What the contract adds to the text of 1001 when burst mode applies (spec 3.12).
const IN_BURST_MODE: &str = " in burst mode";

/// Bytes of an accepted unit without its correlation id.
const UNIT_BYTES: usize = 128;

/// The code an answer carries, for the metrics; of several units the first accepted one's, else the first one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AnswerCode(pub &'static str);

/// A JSON text under construction.
#[derive(Default)]
pub(super) struct Json(String);

impl Json {
    /// An empty text with room.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// Punctuation, names and texts that need no escape.
    pub fn raw(&mut self, text: &str) -> &mut Self {
        self.0.push_str(text);
        self
    }

    /// What needs no escape and is formatted.
    pub fn plain(&mut self, value: &dyn Display) -> &mut Self {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{value}");
        self
    }

    /// A text with its quotation marks.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.0.push('"');
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
            let (before, from) = rest.split_at(at);
            self.0.push_str(before);
            let Some(special) = from.chars().next() else { break };
            match special {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                '\t' => self.0.push_str("\\t"),
                other => drop(write!(self.0, "\\u{:04x}", u32::from(other))),
            }
            rest = &from[1..];
        }
        self.0.push_str(rest);
        self.0.push('"');
        self
    }

    /// What helps the caller, as the last member of an object.
    pub fn detail(&mut self, detail: &Detail) -> &mut Self {
        self.raw(",\"detail\":{\"field\":").text(&detail.field);
        self.raw(",\"rule\":").text(&detail.rule);
        self.raw(",\"remedy\":").text(&detail.remedy).raw("}")
    }

    /// `"code":…,"description":…,"transid":` and the id.
    pub fn head(&mut self, status: &Status, suffix: &str, transid: &dyn Display) -> &mut Self {
        self.raw("{\"code\":\"").raw(status.code_str()).raw("\",\"description\":");
        if suffix.is_empty() {
            self.text(status.message());
        } else {
            self.text(&format!("{}{suffix}", status.message()));
        }
        self.raw(",\"transid\":\"").plain(transid).raw("\"")
    }

    /// The finished text.
    pub fn finish(self) -> String {
        self.0
    }
}

/// A finished answer with one body.
pub(crate) fn respond(http: StatusCode, code: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = http;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if http == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response.extensions_mut().insert(AnswerCode(code));
    response
}

/// A refused request: an object.
pub(super) fn refused(refusal: &Refusal, transid: TransactionId) -> Response {
    let status = code::messaging(refusal);
    let mut json = Json::with_capacity(256);
    json.raw("{\"response\":").head(&status, "", &transid).detail(&refusal.detail()).raw("}}");
    respond(code::http_status(refusal), status.code_str(), json.finish())
}

/// A refused look-up: an object whose `transid` is the id asked for, whatever it was.
pub(super) fn refused_lookup(status: &Status, http: StatusCode, asked: &str, detail: &Detail) -> Response {
    let mut json = Json::with_capacity(256);
    json.raw("{\"response\":{\"code\":\"").raw(status.code_str());
    json.raw("\",\"description\":").text(status.message());
    json.raw(",\"transid\":").text(asked).detail(detail).raw("}}");
    respond(http, status.code_str(), json.finish())
}

/// The answer to a request that was taken, one element per destination object. It is written before the request is
/// kept, since the plan goes into the ledger, and sent after.
pub(super) struct Units {
    body: String,
    code: &'static str,
}

impl Units {
    /// Writes the elements.
    pub fn of(plan: &Plan, transid: TransactionId, in_burst: bool) -> Self {
        let suffix = if in_burst { IN_BURST_MODE } else { "" };
        let mut json = Json::with_capacity(plan.units.len() * UNIT_BYTES + 32);
        let mut refused_code = None;
        json.raw("{\"response\":[");
        for (place, unit) in plan.units.iter().enumerate() {
            if place > 0 {
                json.raw(",");
            }
            let transid = TransactionRef { transid, unit: plan.suffix(place) };
            match unit {
                UnitPlan::Accepted(unit) => {
                    json.head(&QUEUED, suffix, &transid);
                    correlation(&mut json, unit.correlation.as_deref());
                }
                UnitPlan::Refused { refusal, correlation: own } => {
                    let status = code::messaging(refusal);
                    refused_code = refused_code.or(Some(status.code_str()));
                    json.head(&status, "", &transid);
                    correlation(&mut json, own.as_deref());
                    json.detail(&refusal.detail());
                }
            }
            json.raw("}");
        }
        json.raw("]}");
        let any_accepted = plan.accepted().next().is_some();
        let code = refused_code.filter(|_| !any_accepted).unwrap_or_else(|| QUEUED.code_str());
        Self { body: json.finish(), code }
    }

    /// The text, to be kept under an idempotency key.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Sends it.
    pub fn respond(self) -> Response {
        respond(StatusCode::OK, self.code, self.body)
    }
}

fn correlation(json: &mut Json, correlation: Option<&str>) {
    if let Some(correlation) = correlation {
        json.raw(",\"correlationid\":").text(correlation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn every_text_is_written_as_json_and_read_back(text in "\\PC*|[\\x00-\\x7f]*") {
            let mut json = Json::default();
            json.text(&text);
            proptest::prop_assert_eq!(serde_json::from_str::<String>(&json.finish()).unwrap(), text);
        }
    }
}
