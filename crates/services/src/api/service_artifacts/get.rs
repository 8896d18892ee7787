//! `GET /api/v1/service-artifact/{id}`.

use super::common::{content, found};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::service_artifact;
use crate::rules::Fault;

/// The content, byte for byte.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let (artifact, body) = call
        .read(move |tx, scope| {
            let artifact = found(tx, scope, id)?;
            let body = service_artifact::content(tx, scope, id)?;
            Ok((artifact, body))
        })
        .await?;
    Ok(content(&artifact, body))
}
