//! `POST /api/v1/service-artifact`.

use waypost_status::MtapiCode;

use super::common::{check, show, taken};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::offered;
use crate::records::service_artifact::{self, ServiceArtifact};
use crate::rules::Fault;

/// Stores the body under an alias and a version.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let (service, alias, version) = (call.id("serviceId")?, call.text("alias")?, call.text("version")?);
    let body = call.bytes().await?;
    check(&body, MtapiCode::ServiceArtifactNotCreated)?;
    let made = call
        .write(move |tx, scope| {
            offered(tx, scope, "serviceId", service).map_err(Fault::in_input)?;
            let mut new = ServiceArtifact {
                id: 0,
                service,
                alias: alias.clone(),
                version: version.clone(),
                revision: 1,
                updated_at: scope.now,
            };
            new.id = service_artifact::create(tx, scope, &new, &body)?.ok_or_else(taken)?;
            Ok(new)
        })
        .await?;
    show(&made)
}
