//! `GET /api/v1/users/{id}/outage-notices/expired`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::notices::show_all;
use crate::api::operation::Place;
use crate::records::notice;
use crate::rules::Fault;

/// The notices of the services in which the person is active that are over, the last one in front.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let found = call
        .read(move |tx, scope| {
            lookup::person(tx, scope, (Place::Path, "id"), id)?;
            let all = notice::of_user(tx, scope, id)?.into_iter();
            Ok(all.filter(|own| own.is_expired(scope.now)).collect())
        })
        .await?;
    show_all(found, &call.app().settings.zone)
}
