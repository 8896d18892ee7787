//! `GET /api/v1/current-metadata-definition/{serviceId}`.

use super::body::Body;
use super::list::none;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::offered;
use crate::records::metadata_structure;
use crate::rules::Fault;

/// The version that was added last.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let service = call.id("serviceId")?;
    let found = call
        .read(move |tx, scope| {
            offered(tx, scope, "serviceId", service)?;
            Ok(metadata_structure::current(tx, scope, service)?.ok_or_else(|| none("serviceId"))?)
        })
        .await?;
    Reply::json(&Body::of(found))
}
