//! `GET /api/v1/organizations/{id}/users`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::{enrolment, user};
use crate::rules::Fault;
use crate::rules::enrolment::State;
use crate::wire::user::UserBody;

/// The people who are active for the organization in a service of the application, by id.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, service) = (call.id("id")?, call.opt_id("serviceId"));
    let users = call.read(move |tx, scope| {
        lookup::organization(tx, scope, (Place::Path, "id"), id)?;
        if let Some(service) = service {
            lookup::service(tx, scope, (Place::Query, "serviceId"), service)?;
        }
        let mut ids: Vec<i64> = enrolment::of_organization(tx, scope, id)?
            .into_iter()
            .filter(|own| service.map_or_else(|| scope.covers(own.service), |id| own.service == id))
            .filter(|own| own.state_at(scope.now) == State::Active)
            .map(|own| own.user)
            .collect();
        ids.dedup();
        Ok(user::of_ids(tx, scope, &ids)?)
    });
    Reply::json(&UserBody::all(&users.await?))
}
