//! `POST /realtime/broker/v1/authenticate` with `clientid`, `username`, `password`: whether a client may come in (spec 8.3).

use axum::extract::State;
use axum::response::Response;
use serde_json::json;
use waypost_realtime::Hello;

use super::super::fault::{Fault, done};
use super::super::{RtParts, RtState};
use super::{Question, denied, is_same, rights};
use crate::rt::Vouched;

/// Answers `allow` with what the client may read and until when, or `deny` with the reason.
pub(in super::super) async fn handle(State(state): State<RtState>, question: Question) -> Response {
    answer(state.parts(), &question).await.unwrap_or_else(|fault| fault.respond_undecided())
}

async fn answer(parts: &RtParts, question: &Question) -> Result<Response, Fault> {
    let hello = Hello {
        client_id: question.text("clientid")?.to_owned(),
        username: question.text("username")?.to_owned(),
        password: question.text("password")?.to_owned(),
        clean: false,
    };
    let asker = &question.asker;
    if hello.username == asker.user && is_same(&hello.password, &asker.password) {
        // Ourselves: no question follows for what we publish.
        return Ok(done(json!({"result": "allow", "is_superuser": true})));
    }
    match parts.ledger.vouched(&hello).await {
        Ok(Vouched { client, until }) => Ok(done(json!({
            "result": "allow", "is_superuser": false, "expire_at": until.as_secs(), "acl": rights::of(&client)
        }))),
        Err(why) => denied(why),
    }
}
