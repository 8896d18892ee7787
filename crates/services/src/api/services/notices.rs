//! `GET /api/v1/services/{id}/outage-notices`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::notices::show_all;
use crate::api::operation::Place;
use crate::records::notice;
use crate::rules::Fault;

/// The notices that are not over, those that end last in front.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let found = call
        .read(move |tx, scope| {
            lookup::service(tx, scope, (Place::Path, "id"), id)?;
            let all = notice::of_service(tx, scope, id)?.into_iter();
            Ok(all.filter(|own| !own.is_expired(scope.now)).collect())
        })
        .await?;
    show_all(found, &call.app().settings.zone)
}
