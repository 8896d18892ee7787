//! The standard response (spec 2.6) and the answer to an audit (4.2), made of rows of the catalogue.

mod code;

use std::fmt::Write as _;

use waypost_status::{MetadataPushCode, Status};

use crate::kind::Kind;
use crate::rules::{Decision, Refusal};
use crate::wire::json::{self, Json};

/// Rules told in `status.message` at most; `errors` names every field.
const RULES_TOLD_MAX: usize = 5;

/// A finished answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub http: u16,
    /// The body.
    pub body: String,
    /// The codes it carries, in order, for logs and metrics; `200` for success.
    pub codes: Vec<&'static str>,
}

impl Answer {
    /// The codes as one text.
    #[must_use]
    pub fn codes_text(&self) -> String {
        self.codes.join(" ")
    }
}

/// The answer to a push.
#[must_use]
pub fn to_push(message_id: &str, decision: &Decision<Vec<String>>) -> Answer {
    match decision {
        Decision::Accepted(notes) => {
            let status = MetadataPushCode::Success.status();
            let mut text = status.message().to_owned();
            for note in notes.iter().take(RULES_TOLD_MAX) {
                // Writing to a String cannot fail.
                let _ = write!(text, "; warning: {note}");
            }
            let body = envelope(message_id, success(Some(&text)));
            Answer { http: status.http_status(), body: body.to_string(), codes: vec![status.code_str()] }
        }
        Decision::Refused(refusals, _) => refused(message_id, refusals),
    }
}

/// The answer to an audit of `property`: the objects, and what was asked for and is not there.
#[must_use]
pub fn to_audit(message_id: &str, kind: Kind, property: &str, decision: Decision<Vec<Json>>) -> Answer {
    let (refusals, found) = match decision {
        Decision::Accepted(found) => (Vec::new(), found),
        Decision::Refused(refusals, found) => (refusals, found),
    };
    let unknown = |refusal: &Refusal| {
        matches!(refusal, Refusal::NotFound(Kind::Hotel, _) | Refusal::Disabled(Kind::Hotel, _))
    };
    if refusals.iter().any(unknown) {
        return refused(message_id, &refusals);
    }
    let (http, status, codes) = if refusals.is_empty() {
        let status = MetadataPushCode::Success.status();
        (status.http_status(), success(None), vec![status.code_str()])
    } else {
        let answer = parts(&refusals);
        (answer.0, answer.1, answer.2)
    };
    let mut body = envelope(message_id, status);
    if kind == Kind::Hotel {
        body.set(kind.list_key(), found.into_iter().next().unwrap_or(Json::Null));
    } else {
        body.set("propertyCode", Json::from(property));
        body.set(kind.list_key(), Json::List(found));
    }
    Answer { http, body: body.to_string(), codes }
}

/// A refusal, in the standard response.
#[must_use]
pub fn refused(message_id: &str, refusals: &[Refusal]) -> Answer {
    let (http, status, codes) = parts(refusals);
    Answer { http, body: envelope(message_id, status).to_string(), codes }
}

fn envelope(message_id: &str, status: Json) -> Json {
    json::object([("messageId", Json::from(message_id)), ("status", status)])
}

fn success(message: Option<&str>) -> Json {
    let mut status = json::object([("success", Json::Flag(true))]);
    if let Some(message) = message {
        status.set("message", Json::from(message));
    }
    status
}

/// HTTP status, `status` object and codes of a refusal.
fn parts(refusals: &[Refusal]) -> (u16, Json, Vec<&'static str>) {
    let rows: Vec<Status> = refusals.iter().map(code::row).collect();
    let overall = overall(refusals);
    let message = match &overall {
        Some(status) => status.message().to_owned(),
        None => rows.first().map(|row| row.message().to_owned()).unwrap_or_default(),
    };
    // 200 for what is wrong with the receiver's state only: the contract's business failure.
    let http = overall.as_ref().map_or(200, Status::http_status);
    let errors = refusals.iter().zip(&rows).map(|(refusal, row)| error(refusal, row)).collect();
    let status = json::object([
        ("success", Json::Flag(false)),
        ("message", Json::Text(message)),
        ("errors", Json::List(errors)),
    ]);
    (http, status, rows.iter().map(Status::code_str).collect())
}

fn error(refusal: &Refusal, row: &Status) -> Json {
    let mut error = Json::Object(Vec::new());
    if let Some(code) = refusal.object_code() {
        error.set("objectCode", Json::from(code));
    }
    error.set("errorMessage", Json::from(row.message()));
    error.set("errorCode", Json::Number(row.code_str().to_owned()));
    error
}

/// The row that stands for the whole answer; none where it is made of 705x alone.
fn overall(refusals: &[Refusal]) -> Option<Status> {
    if refusals.contains(&Refusal::Credentials) {
        Some(MetadataPushCode::AuthorizationError.status())
    } else if refusals.contains(&Refusal::Internal) {
        Some(MetadataPushCode::InternalServerError.status())
    } else if refusals.iter().any(Refusal::is_malformed) {
        Some(MetadataPushCode::BadRequest.status_with(&[("problem", &problem(refusals))]))
    } else {
        None
    }
}

/// What is wrong, with the rules that would mend it: the only place of the contract for such a text.
fn problem(refusals: &[Refusal]) -> String {
    let rules: Vec<String> = refusals
        .iter()
        .filter_map(|refusal| match refusal {
            Refusal::Invalid(place, rule) => Some(format!("{} must be {rule}", place.field)),
            Refusal::DatesReversed(place) => Some(format!("{} must not be before its start", place.field)),
            _ => None,
        })
        .take(RULES_TOLD_MAX)
        .collect();
    let missing = refusals.iter().any(|refusal| matches!(refusal, Refusal::Missing(_)));
    match (missing, rules.is_empty()) {
        (_, true) => "missing fields".to_owned(),
        (true, false) => format!("missing fields and invalid values: {}", rules.join("; ")),
        (false, false) => format!("invalid values: {}", rules.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Place;

    fn at(field: &str, object: &str) -> Place {
        Place { field: field.to_owned(), object: Some(object.to_owned()) }
    }

    #[test]
    fn the_examples_of_the_contract_to_the_letter() {
        let accepted = to_push("m-1", &Decision::Accepted(Vec::new()));
        assert_eq!(
            (accepted.http, accepted.body.as_str()),
            (
                200,
                r#"{"messageId":"m-1","status":{"success":true,"message":"message received successfully"}}"#
            )
        );
        let answer = |id: &str, refusal: Refusal| {
            let answer = refused(id, &[refusal]);
            (answer.http, answer.body)
        };
        assert_eq!(answer("m-2", Refusal::NotFound(Kind::Room, "CDK1".into())), (200, concat!(
            r#"{"messageId":"m-2","status":{"success":false,"message":"Room type with code 'CDK1' not found","#,
            r#""errors":[{"objectCode":"CDK1","errorMessage":"Room type with code 'CDK1' not found","errorCode":7055}]}}"#).into()));
        assert_eq!(answer("m-3", Refusal::Disabled(Kind::Room, "CDK1".into())), (200, concat!(
            r#"{"messageId":"m-3","status":{"success":false,"message":"Room type with code 'CDK1' is disabled","#,
            r#""errors":[{"objectCode":"CDK1","errorMessage":"Room type with code 'CDK1' is disabled","errorCode":7060}]}}"#).into()));
        assert_eq!(answer("m-4", Refusal::Missing(at("name", "HTPKG"))), (400, concat!(
            r#"{"messageId":"m-4","status":{"success":false,"message":"Validation failed due to missing fields.","#,
            r#""errors":[{"objectCode":"HTPKG","errorMessage":"required field name missing","errorCode":4005}]}}"#).into()));
        assert_eq!(answer("m-5", Refusal::Credentials), (401, concat!(
            r#"{"messageId":"m-5","status":{"success":false,"message":"Invalid Credentials","#,
            r#""errors":[{"errorMessage":"Authentication failed. Invalid credentials provided.","errorCode":4001}]}}"#).into()));
        assert_eq!(
            answer("m-6", Refusal::Internal),
            (
                500,
                concat!(
                    r#"{"messageId":"m-6","status":{"success":false,"message":"Internal Server Error","#,
                    r#""errors":[{"errorMessage":"An unexpected error occurred.","errorCode":4099}]}}"#
                )
                .into()
            )
        );
    }

    #[test]
    fn one_malformed_field_makes_the_whole_answer_a_400_that_tells_the_rule() {
        let answer = refused(
            "m",
            &[
                Refusal::NotFound(Kind::Policy, "C".into()),
                Refusal::Invalid(at("starRating", "H"), "a number from 0 to 7".into()),
                Refusal::DatesReversed(at("endDate", "T")),
            ],
        );
        assert_eq!((answer.http, answer.codes_text().as_str()), (400, "7057 4006 4007"));
        assert!(answer.body.contains(
            "Validation failed due to invalid values: starRating must be a number from 0 to 7; endDate must not be before its start."
        ), "{}", answer.body);
    }
}
