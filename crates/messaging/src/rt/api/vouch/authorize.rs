//! `POST /realtime/broker/v1/authorize` with `clientid`, `username`, `action`, `topic`: whether a client that was let in may do
//! something. Asked by a broker that takes no rights from the answer to its first question (EMQX before 5.8).

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::super::RtState;
use super::super::fault::{Fault, done};
use super::{Asker, member, question, rights};

/// Answers `allow` or `deny`. The broker vouches for client id and user name here: it let the client in by them.
pub(in super::super) async fn handle(
    State(state): State<RtState>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let parts = state.parts();
    let asked = async {
        let (asker, members) = question(parts, &headers, body).await?;
        answer(&asker, &members)
    };
    asked.await.unwrap_or_else(|fault| fault.respond_undecided())
}

fn answer(asker: &Asker, members: &Map<String, Value>) -> Result<Response, Fault> {
    let (client_id, username) = (member(members, "clientid")?, member(members, "username")?);
    let (action, topic) = (member(members, "action")?, member(members, "topic")?);
    let may = match action {
        _ if username == asker.user => true,
        "subscribe" => rights::may_read(client_id, username, topic),
        "publish" => false,
        _ => return Err(Fault::Invalid("action", "subscribe or publish")),
    };
    Ok(if may { done(json!({"result": "allow"})) } else { Fault::NotItsTopic.respond_denied() })
}
