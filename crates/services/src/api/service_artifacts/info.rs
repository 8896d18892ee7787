//! `GET /api/v1/service-artifact/{id}/info`.

use super::common::{found, show};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;

/// What is known of it.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    show(&call.read(move |tx, scope| found(tx, scope, id)).await?)
}
