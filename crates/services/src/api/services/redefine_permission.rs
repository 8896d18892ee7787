//! `PUT /api/v1/services/permissions`.

use waypost_status::MtapiCode;

use super::define_permission::read;
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::permission;
use crate::rules::{Fault, Refusal};
use crate::wire::permission::DefinitionBody;

/// Changes the members that are written out.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::ArgumentError).await?;
    let (code, service) = (fields.id("PermissionId")?, fields.id("ServiceId")?);
    let asked = call.if_match()?;
    let shown = call.write(move |tx, scope| {
        lookup::service(tx, scope, (Place::Query, "ServiceId"), service)?;
        let unknown = || Refusal::argument("PermissionId", "a permission that the service defines");
        let before = permission::find(tx, scope, service, code)?.ok_or_else(unknown)?;
        check_revision(asked, before.revision)?;
        let after = read(&fields, Some(&before))?;
        Ok((permission::define(tx, scope, &after)?, DefinitionBody::of(after)))
    });
    let (revision, shown) = shown.await?;
    Ok(Reply::json(&shown)?.revision(revision))
}
