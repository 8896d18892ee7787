//! `GET /api/v1/artifacts/{id}/info`.

use super::common::{found, show};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;

/// What is known of an artifact, also of a deleted one.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let (artifact, _) = call.read(move |tx, scope| found(tx, scope, id)).await?;
    show(&artifact)
}
