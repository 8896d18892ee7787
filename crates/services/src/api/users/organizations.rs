//! `GET /api/v1/users/{id}/organizations`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::{enrolment, organization};
use crate::rules::Fault;
use crate::rules::enrolment::State;
use crate::wire::organization::OrganizationBody;

/// The organizations for which the person is active in a service of the application, by id.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, service) = (call.id("id")?, call.opt_id("serviceId"));
    let found = call.read(move |tx, scope| {
        lookup::person(tx, scope, (Place::Path, "id"), id)?;
        if let Some(service) = service {
            lookup::service(tx, scope, (Place::Query, "serviceId"), service)?;
        }
        let mut ids: Vec<i64> = enrolment::of_user(tx, scope, id)?
            .into_iter()
            .filter(|own| service.map_or_else(|| scope.covers(own.service), |id| own.service == id))
            .filter(|own| own.state_at(scope.now) == State::Active)
            .filter_map(|own| own.organization)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(organization::of_ids(tx, scope, &ids)?)
    });
    Reply::json(&OrganizationBody::all(&found.await?))
}
