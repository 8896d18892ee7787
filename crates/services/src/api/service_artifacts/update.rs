//! `PUT /api/v1/service-artifact/{id}`.

use waypost_status::MtapiCode;

use super::common::{check, found, show, taken};
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::records::service_artifact::{self, ServiceArtifact};
use crate::rules::Fault;

/// Stores the body in place of the content, under another version where one is given.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let (id, version, asked) = (call.id("id")?, call.opt_text("version"), call.if_match()?);
    let body = call.bytes().await?;
    check(&body, MtapiCode::ServiceArtifactNotUpdated)?;
    let changed = call
        .write(move |tx, scope| {
            let old = found(tx, scope, id)?;
            check_revision(asked, old.revision)?;
            let version = version.clone().unwrap_or_else(|| old.version.clone());
            let other = service_artifact::by_alias(tx, scope, (old.service, &old.alias), Some(&version))?;
            if other.is_some_and(|other| other.id != id) {
                return Err(taken().into());
            }
            let changed = ServiceArtifact { version, updated_at: scope.now, ..old };
            service_artifact::update(tx, scope, &changed, &body)?;
            Ok(ServiceArtifact { revision: changed.revision + 1, ..changed })
        })
        .await?;
    show(&changed)
}
