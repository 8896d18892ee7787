//! `GET /api/v1/users/{id}/services`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::{enrolment, service};
use crate::rules::Fault;
use crate::rules::enrolment::State;
use crate::wire::service::ServiceBody;

/// The services in which the person is active, by id; those they enrolled in alone only on demand.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, with_own) = (call.id("id")?, call.flag("includeSelfEnrolled", false));
    let found = call.read(move |tx, scope| {
        lookup::person(tx, scope, (Place::Path, "id"), id)?;
        let enrolments = enrolment::of_user(tx, scope, id)?;
        let active = |service: i64| {
            let mut own = enrolments.iter().filter(|own| own.service == service);
            own.any(|own| own.state_at(scope.now) == State::Active && (with_own || !own.self_enrolled))
        };
        let all = service::list(tx, scope)?;
        Ok(all.into_iter().filter(|own| scope.covers(own.id) && active(own.id)).collect::<Vec<_>>())
    });
    Reply::json(&found.await?.iter().map(ServiceBody::of).collect::<Vec<_>>())
}
