//! `GET /api/v1/users/{id}/outage-notices`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::notices::show_all;
use crate::api::operation::Place;
use crate::records::notice;
use crate::rules::Fault;

/// The notices of the services in which the person is active that are not over; on demand only those to be shown now.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, shown_only) = (call.id("id")?, call.flag("onlyApplicableNotices", false));
    let found = call
        .read(move |tx, scope| {
            lookup::person(tx, scope, (Place::Path, "id"), id)?;
            let all = notice::of_user(tx, scope, id)?.into_iter();
            let wanted = |own: &notice::Notice| {
                if shown_only { own.is_shown(scope.now) } else { !own.is_expired(scope.now) }
            };
            Ok(all.filter(wanted).collect())
        })
        .await?;
    show_all(found, &call.app().settings.zone)
}
