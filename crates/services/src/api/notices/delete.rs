//! `DELETE /api/v1/outage-notices/{id}`, `DELETE /api/v1/notices/{id}`.

use super::get::current;
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::records::notice;
use crate::rules::Fault;

/// Removes a notice that is not over.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, asked) = (call.id("id")?, call.if_match()?);
    call.write(move |tx, scope| {
        let before = current(tx, scope, "id", id)?;
        check_revision(asked, before.revision)?;
        Ok(notice::delete(tx, scope, id)?)
    })
    .await?;
    Ok(Reply::empty())
}
