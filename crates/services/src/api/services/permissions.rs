//! `GET /api/v1/services/{id}/permissions`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::permission;
use crate::rules::Fault;
use crate::wire::permission::DefinitionBody;

/// The permissions, by code.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let found = call.read(move |tx, scope| {
        lookup::service(tx, scope, (Place::Path, "id"), id)?;
        Ok(permission::of_service(tx, scope, id)?)
    });
    Reply::json(&found.await?.into_iter().map(DefinitionBody::of).collect::<Vec<_>>())
}
