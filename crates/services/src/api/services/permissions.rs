//! `GET /api/v1/services/{id}/permissions`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::permission;
use crate::rules::{Fault, Refusal};
use crate::wire::permission::DefinitionBody;

/// The permissions, by code; with the code of one that one only, its revision as the `ETag`.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, code) = (call.id("id")?, call.opt_id("permissionId"));
    let found = call.read(move |tx, scope| {
        lookup::service(tx, scope, (Place::Path, "id"), id)?;
        let Some(code) = code else { return Ok(permission::of_service(tx, scope, id)?) };
        let unknown = || Refusal::argument("permissionId", "a permission that the service defines");
        Ok(vec![permission::find(tx, scope, id, code)?.ok_or_else(unknown)?])
    });
    let found = found.await?;
    let revision = code.and(found.first()).map(|own| own.revision);
    Ok(Reply::json(&found.into_iter().map(DefinitionBody::of).collect::<Vec<_>>())?.tagged(revision))
}
