//! What a person or a test does to a running partner, under `/_control`.
//!
//! * `GET /_control/state`: what it holds.
//! * `GET /_control/faults`, `POST /_control/faults`: how it misbehaves.
//! * `POST /_control/tamper`: changes a field behind the protocol's back.

use axum::http::{Method, Response, StatusCode};
use bytes::Bytes;
use http_body_util::Full;
use waypost_content::Kind;
use waypost_content::wire::json::{self, Json};

use super::serve::{Inner, plain};

pub fn answer(inner: &Inner, method: &Method, path: &str, body: &[u8]) -> Response<Full<Bytes>> {
    match (method, path) {
        (&Method::GET, "/state") => text(&state(inner).to_string()),
        (&Method::GET, "/faults") => {
            let faults = inner.state().faults.clone();
            serde_json::to_string(&faults).map_or_else(|error| bad(&error.to_string()), |json| text(&json))
        }
        (&Method::POST, "/faults") => match serde_json::from_slice(body) {
            Ok(faults) => {
                inner.state().faults = faults;
                text("{\"done\":true}")
            }
            Err(error) => bad(&error.to_string()),
        },
        (&Method::POST, "/tamper") => match tamper(inner, body) {
            Some(()) => text("{\"done\":true}"),
            None => bad("expected property, kind, code, field and value of an object that is held"),
        },
        _ => plain(StatusCode::NOT_FOUND, Bytes::new()),
    }
}

/// Everything held, as a list.
fn state(inner: &Inner) -> Json {
    let state = inner.state();
    let object = |(property, kind, code, enabled, body): (&str, Kind, &str, bool, &Json)| {
        json::object([
            ("property", property.into()),
            ("kind", kind.word().into()),
            ("code", code.into()),
            ("enabled", Json::Flag(enabled)),
            ("body", body.clone()),
        ])
    };
    Json::List(state.shelf.objects().map(object).collect())
}

fn tamper(inner: &Inner, body: &[u8]) -> Option<()> {
    let message = json::parse(body).ok()?;
    let word = |name: &str| message.given(name).and_then(Json::text);
    let kind = Kind::from_word(word("kind")?)?;
    let mut state = inner.state();
    let held = state.shelf.body_mut(kind, word("property")?, word("code")?)?;
    held.set(word("field")?, message.get("value")?.clone());
    Some(())
}

fn text(body: &str) -> Response<Full<Bytes>> {
    plain(StatusCode::OK, Bytes::copy_from_slice(body.as_bytes()))
}

fn bad(why: &str) -> Response<Full<Bytes>> {
    plain(StatusCode::BAD_REQUEST, Bytes::copy_from_slice(why.as_bytes()))
}
