//! `GET /api/v1/services/{id}/servicerequests`.

use super::common::offered;
use super::list::{Included, collection};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::request_list::Selection;
use crate::rules::Fault;

/// The requests of a service, newest first.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let service = call.id("id")?;
    let selection = Selection {
        user: call.opt_id("userId"),
        organization: call.opt_id("organizationId"),
        services: Some(vec![service]),
        ..Selection::default()
    };
    let (included, page, zone) = (Included::of(&call), call.page()?, call.app().settings.zone.clone());
    let read = call.read(move |tx, scope| {
        offered(tx, scope, "id", service)?;
        collection(tx, scope, &selection, (included, page), &zone)
    });
    Reply::json(&read.await?)
}
