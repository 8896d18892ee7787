//! `GET /api/v1/servicerequests/{id}`.

use super::common::found;
use super::list::one;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::request::Request;
use crate::rules::Fault;
use crate::rules::time::Local;
use crate::wire::request::{Beside, RequestBody};

/// The request with its metadata and regulated entities; its revision is the `ETag`.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, zone) = (call.id("id")?, call.app().settings.zone.clone());
    let read = call.read(move |tx, scope| {
        let request = found(tx, scope, id)?;
        Ok((request.revision, one(tx, scope, request, &zone)?))
    });
    let (revision, body) = read.await?;
    Ok(Reply::json(&body)?.revision(revision))
}

/// A request as it is after a change.
///
/// # Errors
/// Never in practice: what is written are plain structures.
pub(super) fn show(request: Request, zone: &Local) -> Result<Reply, Fault> {
    let revision = request.revision;
    let body = RequestBody::of(request, Beside { metadata: true, ..Beside::default() }, zone);
    Ok(Reply::json(&body)?.revision(revision))
}
