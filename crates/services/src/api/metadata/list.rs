//! `GET /api/v1/metadata-definitions/{serviceId}`.

use waypost_status::MtapiCode;

use super::body::Body;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::offered;
use crate::records::metadata_structure;
use crate::rules::{Fault, Refusal};

/// Every version, newest first.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let service = call.id("serviceId")?;
    let found = call
        .read(move |tx, scope| {
            offered(tx, scope, "serviceId", service)?;
            Ok(metadata_structure::of_service(tx, scope, service)?)
        })
        .await?;
    if found.is_empty() {
        return Err(none("serviceId").into());
    }
    Reply::json(&found.into_iter().map(Body::of).collect::<Vec<_>>())
}

/// The service has no definition.
pub(super) fn none(field: &'static str) -> Refusal {
    Refusal::from(MtapiCode::MetadataStructureNotFound).at(field, "a service with a metadata definition")
}
