//! `PUT /api/v1/account/set-activation-key`.

use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::api::services::not_enrolled;
use crate::records::{application, enrolment};
use crate::rules::{Fault, Refusal};

/// Keeps the hash of the key; an earlier one is good no more. No other enrolment in the service may have the same.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (user, service) = (call.id("userId")?, call.id("serviceId")?);
    let (organization, hash) =
        (call.opt_id("organizationId"), application::hash(&call.text("enrollmentKey")?));
    call.write(move |tx, scope| {
        lookup::service(tx, scope, (Place::Query, "serviceId"), service)?;
        let person = lookup::person(tx, scope, (Place::Query, "userId"), user)?;
        let code = MtapiCode::CannotAssociateInternalUserToOrganization;
        lookup::represents(tx, scope, &person, ("organizationId", organization), code)?;
        let own = enrolment::find(tx, scope, (user, service, organization))?.ok_or_else(not_enrolled)?;
        if enrolment::by_key(tx, scope, service, &hash)?.is_some_and(|other| other.id != own.id) {
            return Err(
                Refusal::argument("enrollmentKey", "a key that nobody else has in the service").into()
            );
        }
        Ok(enrolment::set_key(tx, scope, own.id, Some(&hash))?)
    })
    .await?;
    Ok(Reply::empty())
}
