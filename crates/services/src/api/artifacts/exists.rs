//! `HEAD /api/v1/artifacts`.

use super::common::{kind, unknown};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::found;
use crate::records::artifact;
use crate::rules::Fault;

/// 200 when there is one of the kind, 404 when there is none.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, kind) = (call.id("serviceRequestId")?, kind(&call)?);
    let read = call.read(move |tx, scope| {
        found(tx, scope, id)?;
        let artifact = artifact::newest(tx, scope, id, kind)?;
        Ok(artifact.ok_or_else(|| unknown("artifactType"))?)
    });
    Ok(Reply::empty().revision(read.await?.revision))
}
