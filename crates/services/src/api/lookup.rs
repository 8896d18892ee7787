//! What a path, a parameter or a member names: found, or refused with its code. In the path that is HTTP 404, else 400.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::operation::Place;
use crate::records::Scope;
use crate::records::organization::{self, Organization};
use crate::records::service::{self, Service};
use crate::records::user::{self, User};
use crate::rules::{Fault, Refusal};

fn unknown(code: MtapiCode, place: Place, field: &'static str, rule: &'static str) -> Refusal {
    let refusal = Refusal::from(code).at(field, rule);
    if place == Place::Path { refusal } else { refusal.in_input() }
}

/// A service the application is bound to.
///
/// # Errors
/// 4041004; 901006.
pub(super) fn service(
    tx: &mut dyn Sql,
    scope: &Scope,
    (place, field): (Place, &'static str),
    id: i64,
) -> Result<Service, Fault> {
    let found = service::find(tx, scope, id)?;
    let found =
        found.ok_or_else(|| unknown(MtapiCode::ServiceNotFound, place, field, "the id of a service"))?;
    scope.require(id)?;
    Ok(found)
}

/// A person, without coordinates.
///
/// # Errors
/// 4041003.
pub(super) fn person(
    tx: &mut dyn Sql,
    scope: &Scope,
    (place, field): (Place, &'static str),
    id: i64,
) -> Result<User, Fault> {
    let found = user::bare(tx, scope, id)?;
    Ok(found.ok_or_else(|| unknown(MtapiCode::UserNotFound, place, field, "the id of a user"))?)
}

/// An organization.
///
/// # Errors
/// 4041008.
pub(super) fn organization(
    tx: &mut dyn Sql,
    scope: &Scope,
    (place, field): (Place, &'static str),
    id: i64,
) -> Result<Organization, Fault> {
    let found = organization::find(tx, scope, id)?;
    let rule = "the id of an organization";
    Ok(found.ok_or_else(|| unknown(MtapiCode::OrganizationNoFound, place, field, rule))?)
}

/// Refuses an organization for an employee: nobody represents one and is internal.
///
/// # Errors
/// 4041008; `code` for an internal person.
pub(super) fn represents(
    tx: &mut dyn Sql,
    scope: &Scope,
    person: &User,
    (field, asked): (&'static str, Option<i64>),
    code: MtapiCode,
) -> Result<(), Fault> {
    let Some(asked) = asked else { return Ok(()) };
    organization(tx, scope, (Place::Query, field), asked)?;
    if person.kind == user::UserType::Internal {
        return Err(Refusal::from(code).at(field, "none for an internal user").into());
    }
    Ok(())
}
