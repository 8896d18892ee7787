//! `POST /api/v1/account/applied-permissions`.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::applied::shown;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::permission::{self, Held};
use crate::records::{Scope, enrolment};
use crate::rules::{Fault, Refusal};
use crate::wire::Fields;

/// Grants what is selected and takes what is not, all or nothing; a permission that is not named stays as it was.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::AppliedUserServicePermissionIsNull).await?;
    let user = fields.id("UserId").map_err(|refusal| refusal.led_by(MtapiCode::AccountsInvalidUserId))?;
    let whose = (user, fields.id("ServiceId")?, fields.opt_id("OrganizationId")?);
    let asked = asked(&fields)?;
    let after = call.write(move |tx, scope| {
        check(tx, scope, whose)?;
        for (place, code, selected) in &asked {
            set(tx, scope, whose, (place, *code, *selected))?;
        }
        Ok(shown(tx, scope, whose)?)
    });
    Reply::json(&after.await?)
}

fn asked(fields: &Fields) -> Result<Vec<(String, i64, bool)>, Refusal> {
    let one = |own: Fields| {
        let code = own.id("PermissionId")?;
        Ok((own.place("PermissionId"), code, own.flag("IsSelected", false)?))
    };
    fields.objects("Permissions")?.into_iter().map(one).collect()
}

fn check(
    tx: &mut dyn Sql,
    scope: &Scope,
    (user, service, organization): (i64, i64, Option<i64>),
) -> Result<(), Fault> {
    lookup::service(tx, scope, (Place::Query, "ServiceId"), service)?;
    let person = lookup::person(tx, scope, (Place::Query, "UserId"), user)?;
    let code = MtapiCode::CannotAssociateInternalUserToOrganization;
    lookup::represents(tx, scope, &person, ("OrganizationId", organization), code)?;
    if enrolment::is_active(tx, scope, user, service)? {
        return Ok(());
    }
    let refusal = Refusal::from(MtapiCode::EnrollmentInServiceRequired);
    Err(refusal.at("UserId", "a user who is active in the service").into())
}

fn set(
    tx: &mut dyn Sql,
    scope: &Scope,
    (user, service, organization): (i64, i64, Option<i64>),
    (place, code, selected): (&str, i64, bool),
) -> Result<(), Fault> {
    let held = Held { user, service, organization, code };
    if !selected {
        permission::revoke(tx, scope, held)?;
        return Ok(());
    }
    if permission::find(tx, scope, service, code)?.is_none() {
        return Err(Refusal::argument(place.to_owned(), "a permission that the service defines").into());
    }
    Ok(permission::grant(tx, scope, held)?)
}
