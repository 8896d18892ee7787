//! `POST /realtime/broker/v1/authorize` with `clientid`, `username`, `action`, `topic`: whether a client that was let in may do
//! something. Asked by a broker that takes no rights from the answer to its first question (EMQX before 5.8).

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::super::fault::{Fault, done};
use super::super::{RtParts, RtState};
use super::{denied, member, question, rights};

/// Answers `allow` or `deny`. That the broker let the client in proves nothing: one that starts may do so before it asks. The token
/// in the client id does. We ourselves are never asked about, for what we are told lets us do everything.
pub(in super::super) async fn handle(
    State(state): State<RtState>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let parts = state.parts();
    let asked = async {
        let (_, members) = question(parts, &headers, body).await?;
        answer(parts, &members).await
    };
    asked.await.unwrap_or_else(|fault| fault.respond_undecided())
}

async fn answer(parts: &RtParts, members: &Map<String, Value>) -> Result<Response, Fault> {
    let (client_id, username) = (member(members, "clientid")?, member(members, "username")?);
    let (action, topic) = (member(members, "action")?, member(members, "topic")?);
    match action {
        "publish" => return Ok(Fault::NotItsTopic.respond_denied()),
        "subscribe" => {}
        _ => return Err(Fault::Invalid("action", "subscribe or publish")),
    }
    match parts.ledger.bearer(client_id).await {
        Ok(client) if rights::may_read(&client, username, topic) => Ok(done(json!({"result": "allow"}))),
        Ok(_) => Ok(Fault::NotItsTopic.respond_denied()),
        Err(why) => denied(why),
    }
}
