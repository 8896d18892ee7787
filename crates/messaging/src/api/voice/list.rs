//! `GET /resources/v1/voice/prompts`.

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use serde_json::{Value, json};

use super::{refused, shown};
use crate::api::desk::answer;
use crate::api::state::MessagingState;

/// Answers `{"prompts": [{"promptid", "media", "ms"}, …]}`, by id; `ms` is how long it is, in milliseconds.
pub(super) async fn handle(State(app): State<MessagingState>, request: Request<Body>) -> Response {
    let app = app.shared();
    answer(app, request, async |caller, _, _| {
        let found = app.seams.prompts.list(caller.tenant).await.map_err(refused)?;
        let one = |prompt: &waypost_store::directory::admin::VoicePrompt| {
            shown(&prompt.prompt_id, &prompt.name, prompt.ms)
        };
        Ok(json!({ "prompts": found.iter().map(one).collect::<Vec<Value>>() }))
    })
    .await
}
