//! `GET /api/v1/servicerequests/{id}/file-attachments`.

use super::upload::Body;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::found;
use crate::records::file;
use crate::rules::Fault;

/// The clean files of a request, without their contents.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let files = call
        .read(move |tx, scope| {
            found(tx, scope, id)?;
            Ok(file::of_request(tx, scope, id)?)
        })
        .await?;
    Reply::json(&files.iter().map(Body::of).collect::<Vec<_>>())
}
