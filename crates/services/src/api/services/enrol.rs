//! `POST /api/v1/services/{id}/enrolluser`.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::step::{Whose, enrol};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::{Scope, enrolment};
use crate::rules::{Fault, Refusal};

/// Enrols the person. Services call this at every visit, so doing it again changes nothing. Who is not there, or for whom,
/// is answered with HTTP 422 (spec 4.4).
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let whose = Whose::of(&call)?;
    call.write(move |tx, scope| {
        let own = check(tx, scope, whose)?;
        enrol(tx, scope, whose, own)
    })
    .await?;
    Ok(Reply::empty())
}

/// Whether the person enrols alone: nobody else is named as the one who acts.
fn check(tx: &mut dyn Sql, scope: &Scope, whose: Whose) -> Result<bool, Fault> {
    let service = lookup::service(tx, scope, (Place::Path, "id"), whose.service)?;
    let person = lookup::person(tx, scope, (Place::Query, "userId"), whose.user).map_err(unprocessable)?;
    let asked = ("organizationId", whose.organization);
    let code = MtapiCode::CannotAssociateInternalUserToOrganization;
    lookup::represents(tx, scope, &person, asked, code).map_err(unprocessable)?;
    let alone = scope.user.is_none_or(|user| user == whose.user);
    if alone && !service.self_enrol && enrolment::find(tx, scope, whose.key())?.is_none() {
        let rule =
            "a service in which people may enrol themselves, or with a current-user-id who enrols them";
        return Err(Refusal::argument("id", rule).into());
    }
    Ok(alone)
}

fn unprocessable(fault: Fault) -> Fault {
    match fault {
        Fault::Refused(refusal)
            if matches!(refusal.first(), MtapiCode::UserNotFound | MtapiCode::OrganizationNoFound) =>
        {
            refusal.with_http(422).into()
        }
        other => other,
    }
}
