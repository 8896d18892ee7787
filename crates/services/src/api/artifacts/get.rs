//! `GET /api/v1/artifacts/{id}`.

use super::common::{content, found, unknown};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::artifact::{self, ArtifactState};
use crate::rules::Fault;

/// The content of an artifact, byte for byte; also of one that was replaced, not of one that was deleted.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let (artifact, body) = call
        .read(move |tx, scope| {
            let (artifact, _) = found(tx, scope, id)?;
            if artifact.state == ArtifactState::Deleted {
                return Err(unknown("id").into());
            }
            let body = artifact::content(tx, scope, id)?;
            Ok((artifact, body))
        })
        .await?;
    Ok(content(&artifact, body))
}
