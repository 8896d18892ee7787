//! `DELETE /api/v1/users/{id}/permissions/{permissionId}`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::permission::{self, Held};
use crate::rules::{Fault, Refusal};

/// Takes the permission away.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let held = Held {
        user: call.id("id")?,
        code: call.id("permissionId")?,
        service: call.id("serviceId")?,
        organization: call.opt_id("organizationId"),
    };
    call.write(move |tx, scope| {
        lookup::person(tx, scope, (Place::Path, "id"), held.user)?;
        lookup::service(tx, scope, (Place::Query, "serviceId"), held.service)?;
        if permission::revoke(tx, scope, held)? {
            return Ok(());
        }
        let rule = "a permission that the user holds in the service, for the same organization";
        Err(Refusal::argument("permissionId", rule).with_http(404).into())
    })
    .await?;
    Ok(Reply::empty())
}
