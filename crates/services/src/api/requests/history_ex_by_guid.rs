//! `GET /api/v1/servicerequests/status-history-ex`.

use super::common::by_guid;
use super::history_ex::extended;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;

/// The extended history of the request with this guid.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (guid, zone) = (call.text("guid")?, call.app().settings.zone.clone());
    let read = call.read(move |tx, scope| {
        let request = by_guid(tx, scope, &guid)?;
        extended(tx, scope, &request, &zone)
    });
    Reply::json(&read.await?)
}
