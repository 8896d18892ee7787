//! `GET /api/v1/users/{id}/permissions`.

use waypost_status::MtapiCode;
use waypost_store::{Sql, StoreError};

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::Scope;
use crate::records::permission::{self, Held};
use crate::rules::Fault;
use crate::rules::permission::find;
use crate::wire::permission::{HeldBody, PermissionBody};

/// What the person holds in the application's services, or in one of them. It fails with 620018, for one service 620019.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, service) = (call.id("id")?, call.opt_id("serviceId"));
    let failed = match service {
        None => MtapiCode::RetrievingPermissionsByUserFailed,
        Some(_) => MtapiCode::RetrievingPermissionsByUserAndServiceFailed,
    };
    let held = call.read(move |tx, scope| {
        lookup::person(tx, scope, (Place::Path, "id"), id)?;
        if let Some(service) = service {
            lookup::service(tx, scope, (Place::Query, "serviceId"), service)?;
        }
        let all = permission::of_user(tx, scope, id)?.into_iter();
        all.filter(|own| scope.covers(own.service) && service.is_none_or(|id| own.service == id))
            .map(|own| Ok(named(tx, scope, own)?))
            .collect::<Result<Vec<_>, Fault>>()
    });
    let forbidden = |fault: &Fault| matches!(fault, Fault::Refused(refusal) if refusal.first() == MtapiCode::AuthorizationError);
    match held.await {
        Ok(held) => Reply::json(&held),
        Err(fault) if forbidden(&fault) => Err(fault),
        Err(fault) => Err(fault.refusal().and(failed).into()),
    }
}

/// A held permission with the names its service gives it, else the published ones.
///
/// # Errors
/// See [`Sql::query`].
pub(in crate::api) fn named(tx: &mut dyn Sql, scope: &Scope, held: Held) -> Result<HeldBody, StoreError> {
    let defined = permission::find(tx, scope, held.service, held.code)?;
    let name = match (defined, find(held.code)) {
        (Some(defined), _) => PermissionBody::defined(&defined),
        (None, Some(known)) => PermissionBody::known(known),
        (None, None) => PermissionBody {
            permission_id: held.code,
            english_name: String::new(),
            french_name: String::new(),
        },
    };
    Ok(HeldBody::of(held, name))
}
