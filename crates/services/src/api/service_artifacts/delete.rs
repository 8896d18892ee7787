//! `DELETE /api/v1/service-artifact/{id}`.

use super::common::found;
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::records::service_artifact;
use crate::rules::Fault;

/// Removes it.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, asked) = (call.id("id")?, call.if_match()?);
    call.write(move |tx, scope| {
        let old = found(tx, scope, id)?;
        check_revision(asked, old.revision)?;
        Ok(service_artifact::delete(tx, scope, &old)?)
    })
    .await?;
    Ok(Reply::empty())
}
