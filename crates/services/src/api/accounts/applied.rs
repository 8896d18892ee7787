//! `GET /api/v1/account/{id}/applied-permissions`.

use serde::Serialize;
use waypost_store::{Sql, StoreError};

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::{Scope, permission};
use crate::rules::Fault;

/// A service's permissions for one person.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Body {
    user_id: i64,
    service_id: i64,
    organization_id: Option<i64>,
    permissions: Vec<PermissionBody>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PermissionBody {
    permission_id: i64,
    english_name: String,
    french_name: String,
    is_selected: bool,
}

/// Every permission of the service, by code, and whether the person holds it for the organization, or for none.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (user, service) = (call.id("id")?, call.id("serviceId")?);
    let organization = call.opt_id("organizationId");
    let found = call.read(move |tx, scope| {
        lookup::person(tx, scope, (Place::Path, "id"), user)?;
        lookup::service(tx, scope, (Place::Query, "serviceId"), service)?;
        Ok(shown(tx, scope, (user, service, organization))?)
    });
    Reply::json(&found.await?)
}

/// What is held.
///
/// # Errors
/// See [`Sql::query`].
pub(super) fn shown(
    tx: &mut dyn Sql,
    scope: &Scope,
    (user, service, organization): (i64, i64, Option<i64>),
) -> Result<Body, StoreError> {
    let held = permission::of_user(tx, scope, user)?;
    let holds = |code| {
        held.iter().any(|own| own.code == code && own.service == service && own.organization == organization)
    };
    let all = permission::of_service(tx, scope, service)?.into_iter();
    let permissions = all.map(|own| PermissionBody {
        permission_id: own.code,
        is_selected: holds(own.code),
        english_name: own.name_en,
        french_name: own.name_fr,
    });
    Ok(Body {
        user_id: user,
        service_id: service,
        organization_id: organization,
        permissions: permissions.collect(),
    })
}
