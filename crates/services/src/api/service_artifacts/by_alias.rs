//! `GET /api/v1/service-artifact`.

use super::common::{content, unknown};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::service_artifact;
use crate::rules::Fault;

/// The content under an alias; without a version the one that was added last.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (service, alias, version) = (call.id("serviceId")?, call.text("alias")?, call.opt_text("version"));
    let (artifact, body) = call
        .read(move |tx, scope| {
            scope.require(service)?;
            let found = service_artifact::by_alias(tx, scope, (service, &alias), version.as_deref())?;
            let found = found.ok_or_else(|| unknown("alias").in_input())?;
            let body = service_artifact::content(tx, scope, found.id)?;
            Ok((found, body))
        })
        .await?;
    Ok(content(&artifact, body))
}
