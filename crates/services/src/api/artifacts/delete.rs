//! `DELETE /api/v1/artifacts/{id}`.

use super::common::{found, remove, unknown};
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::api::requests::common::by;
use crate::records::artifact::ArtifactState;
use crate::rules::Fault;

/// Removes an artifact; it stays among the archived ones.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, user, asked) = (call.id("id")?, call.id("userId")?, call.if_match()?);
    call.write(move |tx, scope| {
        let (old, request) = found(tx, scope, id)?;
        if old.state != ArtifactState::Active {
            return Err(unknown("id").into());
        }
        check_revision(asked, old.revision)?;
        remove(tx, &by(scope, user), (&old, &request), user)
    })
    .await?;
    Ok(Reply::empty())
}
