//! `POST /api/v1/services/{id}/bind-organization`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::{Scope, service_parts};
use crate::rules::Fault;

/// Lets the organization use the service; doing it again changes nothing.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (service, user, organization) = (call.id("id")?, call.id("userId")?, call.id("organizationId")?);
    call.write(move |tx, scope| {
        lookup::service(tx, scope, (Place::Path, "id"), service)?;
        lookup::person(tx, scope, (Place::Query, "userId"), user)?;
        lookup::organization(tx, scope, (Place::Query, "organizationId"), organization)?;
        let by = Scope { user: scope.user.or(Some(user)), ..scope.clone() };
        Ok(service_parts::bind_organization(tx, &by, service, organization)?)
    })
    .await?;
    Ok(Reply::empty())
}
