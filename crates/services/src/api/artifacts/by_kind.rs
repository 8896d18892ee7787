//! `GET /api/v1/artifacts`.

use super::common::{Info, content, kind, newest};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::named;
use crate::records::artifact::{self, ArtifactState};
use crate::rules::Fault;

/// The content of the newest artifact of a kind, byte for byte. Without a kind, or with `None`, the list of what is there.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("serviceRequestId")?;
    let wanted = call.opt_text("artifactType").filter(|word| !word.eq_ignore_ascii_case("none"));
    if wanted.is_none() {
        let listed = call
            .read(move |tx, scope| {
                named(tx, scope, "serviceRequestId", id)?;
                Ok(artifact::of_request(tx, scope, id)?)
            })
            .await?;
        let active = listed.iter().filter(|artifact| artifact.state == ArtifactState::Active);
        return Reply::json(&active.map(Info::of).collect::<Vec<_>>());
    }
    let kind = kind(&call)?;
    let (found, body) = call
        .read(move |tx, scope| {
            named(tx, scope, "serviceRequestId", id)?;
            let found = newest(tx, scope, id, kind)?;
            let body = artifact::content(tx, scope, found.id)?;
            Ok((found, body))
        })
        .await?;
    Ok(content(&found, body))
}
