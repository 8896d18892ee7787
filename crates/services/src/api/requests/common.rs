//! What the operations on service requests share.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::records::request::{self, Request};
use crate::records::service::Service;
use crate::records::{Scope, organization, service, user};
use crate::rules::{Fault, Refusal, RequestStatus};

/// The request named in the path.
///
/// # Errors
/// 4041001; 901006 when it is of a service the application is not bound to.
pub(in crate::api) fn found(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Request, Fault> {
    let request = request::find(tx, scope, id)?.ok_or_else(|| unknown("id"))?;
    scope.require(request.service)?;
    Ok(request)
}

/// The request named by a parameter or a member.
///
/// # Errors
/// As [`found`], with HTTP 400.
pub(in crate::api) fn named(
    tx: &mut dyn Sql,
    scope: &Scope,
    field: &'static str,
    id: i64,
) -> Result<Request, Fault> {
    let request = request::find(tx, scope, id)?.ok_or_else(|| unknown(field).in_input())?;
    scope.require(request.service)?;
    Ok(request)
}

/// The request with a guid.
///
/// # Errors
/// As [`named`].
pub(super) fn by_guid(tx: &mut dyn Sql, scope: &Scope, guid: &str) -> Result<Request, Fault> {
    let guid = guid.to_ascii_lowercase();
    let request = request::by_guid(tx, scope, &guid)?.ok_or_else(|| unknown("guid").in_input())?;
    scope.require(request.service)?;
    Ok(request)
}

fn unknown(field: &'static str) -> Refusal {
    Refusal::from(MtapiCode::ServiceRequestNotFound).at(field, "a service request that is there")
}

/// Refuses a parameter or member that names no person.
///
/// # Errors
/// 4041003.
pub(in crate::api) fn person(
    tx: &mut dyn Sql,
    scope: &Scope,
    field: &'static str,
    id: i64,
) -> Result<(), Fault> {
    if user::exists(tx, scope, id)? {
        return Ok(());
    }
    Err(Refusal::from(MtapiCode::UserNotFound).at(field, "the id of a user").in_input().into())
}

/// Refuses a parameter or member that names no organization.
///
/// # Errors
/// 4041008.
pub(super) fn body(tx: &mut dyn Sql, scope: &Scope, field: &'static str, id: i64) -> Result<(), Fault> {
    if organization::exists(tx, scope, id)? {
        return Ok(());
    }
    let refusal = Refusal::from(MtapiCode::OrganizationNoFound).at(field, "the id of an organization");
    Err(refusal.in_input().into())
}

/// The service named by a parameter, member or path.
///
/// # Errors
/// 4041004; 901006 when the application is not bound to it.
pub(in crate::api) fn offered(
    tx: &mut dyn Sql,
    scope: &Scope,
    field: &'static str,
    id: i64,
) -> Result<Service, Fault> {
    let unknown = || Refusal::from(MtapiCode::ServiceNotFound).at(field, "the id of a service");
    let service = service::find(tx, scope, id)?.ok_or_else(unknown)?;
    scope.require(id)?;
    Ok(service)
}

/// A status a request can have.
///
/// # Errors
/// 901002.
pub(super) fn status(field: &'static str, text: &str) -> Result<RequestStatus, Refusal> {
    RequestStatus::parse(text).ok_or_else(|| {
        let names: Vec<_> = RequestStatus::ALL.iter().map(|status| status.name()).collect();
        Refusal::argument(field, format!("one of {}", names.join(", ")))
    })
}

/// The scope of a change that a parameter says somebody makes, for the audit.
pub(in crate::api) fn by(scope: &Scope, person: i64) -> Scope {
    Scope { user: scope.user.or(Some(person)), ..scope.clone() }
}
