//! `DELETE /api/v1/services/{id}/permissions`.

use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::permission;
use crate::rules::{Fault, Refusal};

/// Removes the permission from the service and from whoever holds it there.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, code) = (call.id("id")?, call.id("permissionId")?);
    let asked = call.if_match()?;
    call.write(move |tx, scope| {
        lookup::service(tx, scope, (Place::Path, "id"), id)?;
        if let Some(before) = permission::find(tx, scope, id, code)? {
            check_revision(asked, before.revision)?;
            permission::undefine(tx, scope, id, code)?;
            return Ok(());
        }
        Err(Refusal::argument("permissionId", "a permission that the service defines").into())
    })
    .await?;
    Ok(Reply::empty())
}
