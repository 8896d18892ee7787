//! `PUT /api/v1/artifacts/{id}`.

use super::common::{check, found, show, store_new_content, unknown};
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::api::requests::common::by;
use crate::records::artifact::ArtifactState;
use crate::rules::Fault;

/// Gives an artifact another content; the earlier one stays among the archived.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let (id, user, asked) = (call.id("id")?, call.id("userId")?, call.if_match()?);
    let (of, version) = (call.id("serviceRequestId")?, call.text("documentVersion")?);
    let body = call.bytes().await?;
    let changed = call
        .write(move |tx, scope| {
            let (old, request) = found(tx, scope, id)?;
            if old.state != ArtifactState::Active {
                return Err(unknown("id").into());
            }
            if old.request != of {
                return Err(unknown("serviceRequestId").in_input().into());
            }
            check_revision(asked, old.revision)?;
            let content = check(body.clone(), old.kind)?;
            store_new_content(tx, &by(scope, user), (&old, &request), (&version, user), &content)
        })
        .await?;
    show(&changed)
}
