//! `POST /api/v1/users/{id}/permissions`.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::permissions::named;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::permission::{self, Held};
use crate::records::{Scope, enrolment};
use crate::rules::{Fault, Refusal};

/// Grants a permission that the service defines to a person who is active in it; doing it again changes nothing.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let fields = call.fields(MtapiCode::ArgumentError).await?;
    let held = Held {
        user: id,
        code: fields.id("PermissionId")?,
        service: fields.id("ServiceId")?,
        organization: fields.opt_id("OrganizationId")?,
    };
    let shown = call.write(move |tx, scope| {
        check(tx, scope, held)?;
        permission::grant(tx, scope, held)?;
        Ok(named(tx, scope, held)?)
    });
    Reply::json(&shown.await?)
}

fn check(tx: &mut dyn Sql, scope: &Scope, held: Held) -> Result<(), Fault> {
    let person = lookup::person(tx, scope, (Place::Path, "id"), held.user)?;
    lookup::service(tx, scope, (Place::Query, "ServiceId"), held.service)?;
    let code = MtapiCode::AssociateInternalUserToOrganizationFails;
    lookup::represents(tx, scope, &person, ("OrganizationId", held.organization), code)?;
    if permission::find(tx, scope, held.service, held.code)?.is_none() {
        return Err(Refusal::argument("PermissionId", "a permission that the service defines").into());
    }
    if !enrolment::is_active(tx, scope, held.user, held.service)? {
        return Err(Refusal::from(MtapiCode::EnrollmentInServiceRequired)
            .at("ServiceId", "a service in which the user is active")
            .into());
    }
    Ok(())
}
