//! `GET /api/v1/servicerequests/{id}/artifacts`.

use super::common::Info;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::found;
use crate::records::artifact::{self, ArtifactState};
use crate::rules::Fault;

/// The artifacts of a request: the active ones, the archived ones (deleted or replaced), or all.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let wanted = call.opt_text("artifactSelectionType").unwrap_or_default().to_ascii_lowercase();
    let listed = call
        .read(move |tx, scope| {
            found(tx, scope, id)?;
            Ok(artifact::of_request(tx, scope, id)?)
        })
        .await?;
    let shown = listed.iter().filter(|artifact| match wanted.as_str() {
        "all" => true,
        "archived" => artifact.state != ArtifactState::Active,
        _ => artifact.state == ArtifactState::Active,
    });
    Reply::json(&shown.map(Info::of).collect::<Vec<_>>())
}
