//! Objects as they are shown.

use axum::http::StatusCode;
use waypost_core::time::rfc3339_utc;

use super::door::Fault;
use crate::kind::Kind;
use crate::records::model::parse;
use crate::records::objects::{AtPartner, Stored};
use crate::wire::json::{self, Json};

/// A number.
pub(super) fn number(value: impl ToString) -> Json {
    Json::Number(value.to_string())
}

/// One object without the partners.
pub(super) fn object(stored: &Stored) -> Json {
    json::object([
        ("propertyCode", Json::from(stored.property.as_str())),
        ("kind", Json::from(stored.kind.word())),
        ("code", Json::from(stored.code.as_str())),
        ("enabled", Json::Flag(stored.enabled)),
        ("version", number(stored.version)),
        ("updatedAt", Json::Text(rfc3339_utc(stored.updated_at))),
        ("body", stored.body.clone()),
    ])
}

/// One object with what its partners have of it.
pub(super) fn whole(stored: &Stored, partners: &[AtPartner]) -> Json {
    let one = |at: &AtPartner| {
        json::object([
            ("partner", Json::from(at.partner.as_str())),
            ("owed", Json::Flag(at.owed)),
            ("version", number(at.version)),
            ("differences", differences(&at.drift)),
        ])
    };
    let mut shown = object(stored);
    shown.set("partners", Json::List(partners.iter().map(one).collect()));
    shown
}

/// Stored differences; an empty list where there are none.
pub(super) fn differences(text: &str) -> Json {
    if text.is_empty() {
        return Json::List(Vec::new());
    }
    parse(text).unwrap_or(Json::Null)
}

/// A page of objects and where the next begins.
pub(super) fn page(key: &str, rows: Vec<Json>, last: Option<&str>, limit: i64) -> (StatusCode, Json) {
    let full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
    let next = last.filter(|_| full).map_or(Json::Null, Json::from);
    (StatusCode::OK, json::object([(key, Json::List(rows)), ("next", next)]))
}

/// The kind a path names; of hotels the path is the property's own.
pub(super) fn kind(word: &str) -> Result<Kind, Fault> {
    let named = |kind: &Kind| *kind != Kind::Hotel && kind.create_path().trim_start_matches('/') == word;
    let found = Kind::ALL.into_iter().find(named);
    found.ok_or(Fault::Nowhere("kind", "taxes, cancellation-policies, roomtypes, rateplans or products"))
}
