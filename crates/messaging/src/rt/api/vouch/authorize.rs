//! `POST /realtime/broker/v1/authorize` with `clientid`, `username`, `action`, `topic`: whether a client that was let in may do
//! something. Asked by a broker that takes no rights from the answer to its first question (EMQX before 5.8).

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use super::super::fault::{Fault, done};
use super::super::{RtParts, RtState};
use super::{Question, denied, rights};

/// Answers `allow` or `deny`. That the broker let the client in proves nothing: one that starts may do so before it asks. The token
/// in the client id does. We ourselves are never asked about, for what we are told lets us do everything.
pub(in super::super) async fn handle(State(state): State<RtState>, question: Question) -> Response {
    answer(state.parts(), &question).await.unwrap_or_else(|fault| fault.respond_undecided())
}

async fn answer(parts: &RtParts, question: &Question) -> Result<Response, Fault> {
    let (client_id, username) = (question.text("clientid")?, question.text("username")?);
    let (action, topic) = (question.text("action")?, question.text("topic")?);
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
