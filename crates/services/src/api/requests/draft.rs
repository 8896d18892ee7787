//! The rules every stored request must keep, whichever operation wrote it.

use waypost_status::MtapiCode;
use waypost_store::{Sql, query_one};

use super::common::{body, offered, person};
use crate::records::request::Request;
use crate::records::service::Service;
use crate::records::{Scope, enrolment, metadata_structure, service_parts, user};
use crate::rules::{Fault, Refusal, place};

/// Checks a new request, its owner's enrolment too.
///
/// # Errors
/// The code of the first rule that does not hold.
pub(super) fn check_new(tx: &mut dyn Sql, scope: &Scope, new: &mut Request) -> Result<(), Fault> {
    let service = offered(tx, scope, "ServiceId", new.service).map_err(Fault::in_input)?;
    if !service.is_live {
        return Err(Refusal::argument("ServiceId", "a service that takes requests").into());
    }
    person(tx, scope, "UserId", new.user)?;
    if !enrolment::is_active(tx, scope, new.user, new.service)? {
        return Err(Refusal::from(MtapiCode::EnrollmentInServiceRequired)
            .at("UserId", "a user who is enrolled and active in the service")
            .into());
    }
    check(tx, scope, new, &service, None)
}

/// Checks a changed request.
///
/// # Errors
/// The code of the first rule that does not hold.
pub(super) fn check_changed(
    tx: &mut dyn Sql,
    scope: &Scope,
    before: &Request,
    after: &mut Request,
) -> Result<(), Fault> {
    let service = offered(tx, scope, "ServiceId", after.service).map_err(Fault::in_input)?;
    if after.user != before.user {
        person(tx, scope, "UserId", after.user)?;
    }
    check(tx, scope, after, &service, Some(before))
}

/// What was good when it was written is not asked again.
fn changed<T: PartialEq + Copy>(now: Option<T>, before: Option<Option<T>>) -> Option<T> {
    if Some(now) == before { None } else { now }
}

fn check(
    tx: &mut dyn Sql,
    scope: &Scope,
    request: &mut Request,
    service: &Service,
    before: Option<&Request>,
) -> Result<(), Fault> {
    if let Some(id) = changed(request.organization, before.map(|before| before.organization)) {
        body(tx, scope, "OrganizationId", id)?;
    }
    if let Some(id) = changed(request.requester_organization, before.map(|b| b.requester_organization)) {
        body(tx, scope, "RequesterOrganizationId", id)?;
    }
    if let Some(id) = changed(request.metadata_structure, before.map(|b| b.metadata_structure))
        && !metadata_structure::belongs(tx, scope, id, service.id)?
    {
        return Err(Refusal::from(MtapiCode::MetadataStructureNotFound)
            .at("MetadataStructureId", "the id of a metadata definition of the service")
            .in_input()
            .into());
    }
    if let Some(id) = changed(request.service_attribute, before.map(|b| b.service_attribute))
        && !service_parts::has_attribute(tx, scope, service.id, id)?
    {
        return Err(Refusal::argument("ServiceAttributeId", "an attribute of the service").into());
    }
    if let Some(id) = changed(request.mail_coordinate, before.map(|b| b.mail_coordinate)) {
        address(tx, scope, id)?;
    }
    requester(tx, scope, request, service, before)?;
    supplied(request)?;
    standard(tx, scope, service.id, "ServiceStandardId", request.standard)
}

/// A standard must be one of the service; 0 is none.
///
/// # Errors
/// 617029.
pub(super) fn standard(
    tx: &mut dyn Sql,
    scope: &Scope,
    service: i64,
    field: &'static str,
    id: i64,
) -> Result<(), Fault> {
    if id == 0 || service_parts::standard(tx, scope, service, id)?.is_some() {
        return Ok(());
    }
    let refusal = Refusal::from(MtapiCode::InvalidServiceStandard);
    Err(refusal.at(field, "the id of a standard of the service, or 0").into())
}

fn requester(
    tx: &mut dyn Sql,
    scope: &Scope,
    request: &Request,
    service: &Service,
    before: Option<&Request>,
) -> Result<(), Fault> {
    match request.requester {
        None if service.requires_requester => Err(Refusal::from(MtapiCode::NoRequesterId)
            .at("RequesterId", "the id of the person on whose behalf it is, which this service asks for")
            .into()),
        None => Ok(()),
        Some(id) if before.is_some_and(|before| before.requester == Some(id)) => Ok(()),
        Some(id) if user::exists(tx, scope, id)? => Ok(()),
        Some(_) => {
            Err(Refusal::from(MtapiCode::NoRequesterDetails).at("RequesterId", "the id of a user").into())
        }
    }
}

fn supplied(request: &mut Request) -> Result<(), Refusal> {
    let Some(given) = &request.place_of_supply else { return Ok(()) };
    let code = place::province(given).ok_or_else(|| {
        let rule = format!("one of {}", place::PROVINCES.join(", "));
        Refusal::from(MtapiCode::InvalidProvince).at("PlaceOfSupply", rule)
    })?;
    request.place_of_supply = Some(code.to_owned());
    Ok(())
}

fn address(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<(), Fault> {
    let sql = "SELECT id FROM sd_coordinate WHERE tenant = ?1 AND id = ?2 AND kind = 3";
    match query_one(tx, sql, &[scope.tenant().into(), id.into()])? {
        Some(_) => Ok(()),
        None => Err(Refusal::argument("MailCoordinateId", "the id of a postal address").into()),
    }
}
