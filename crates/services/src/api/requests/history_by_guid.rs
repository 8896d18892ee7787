//! `GET /api/v1/servicerequests/status-history`.

use super::common::by_guid;
use super::history::shown;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::history;
use crate::rules::Fault;

/// The history of the request with this guid, by date.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let guid = call.text("guid")?;
    let read = call.read(move |tx, scope| {
        let request = by_guid(tx, scope, &guid)?;
        Ok(history::of_request(tx, scope, request.id)?)
    });
    shown(&read.await?, &call.app().settings.zone)
}
