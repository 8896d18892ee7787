//! `POST /realtime/broker/v1/authenticate` with `clientid`, `username`, `password`: whether a client may come in (spec 8.3).

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};
use waypost_realtime::Hello;

use super::super::fault::{Fault, done};
use super::super::{RtParts, RtState};
use super::{Asker, denied, is_same, member, question, rights};
use crate::rt::Vouched;

/// Answers `allow` with what the client may read and until when, or `deny` with the reason.
pub(in super::super) async fn handle(
    State(state): State<RtState>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let parts = state.parts();
    let asked = async {
        let (asker, members) = question(parts, &headers, body).await?;
        answer(parts, &asker, &members).await
    };
    asked.await.unwrap_or_else(|fault| fault.respond_undecided())
}

async fn answer(parts: &RtParts, asker: &Asker, members: &Map<String, Value>) -> Result<Response, Fault> {
    let hello = Hello {
        client_id: member(members, "clientid")?.to_owned(),
        username: member(members, "username")?.to_owned(),
        password: member(members, "password")?.to_owned(),
        clean: false,
    };
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
