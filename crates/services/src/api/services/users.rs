//! `GET /api/v1/services/{id}/users`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::enrolment;
use crate::records::user::{self, UserType};
use crate::rules::Fault;
use crate::rules::enrolment::State;
use crate::wire::user::UserBody;

/// The people, by id; of one type on demand.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, kind) = (call.id("id")?, call.opt_text("userType").as_deref().and_then(UserType::parse));
    let found = call.read(move |tx, scope| {
        lookup::service(tx, scope, (Place::Path, "id"), id)?;
        let active = enrolment::of_service(tx, scope, id)?.into_iter();
        let mut ids: Vec<i64> =
            active.filter(|own| own.state_at(scope.now) == State::Active).map(|own| own.user).collect();
        ids.dedup();
        let mut people = user::of_ids(tx, scope, &ids)?;
        people.retain(|own| kind.is_none_or(|kind| own.kind == kind));
        Ok(people)
    });
    Reply::json(&UserBody::all(&found.await?))
}
