//! `GET /api/v1/services/{id}/organizations`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::{organization, service_parts};
use crate::rules::Fault;
use crate::wire::organization::OrganizationBody;

/// The organizations, by id.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let found = call.read(move |tx, scope| {
        lookup::service(tx, scope, (Place::Path, "id"), id)?;
        let ids = service_parts::organizations(tx, scope, id)?;
        Ok(organization::of_ids(tx, scope, &ids)?)
    });
    Reply::json(&OrganizationBody::all(&found.await?))
}
