//! The organization a path names.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::records::Scope;
use crate::records::organization::{self, Organization};
use crate::rules::{Fault, Refusal};

/// By id where the text is a number, else by its English or French name.
///
/// # Errors
/// 611002 for a number that is no id; 4041008.
pub(super) fn found(tx: &mut dyn Sql, scope: &Scope, named: &str) -> Result<Organization, Fault> {
    let found = match named.parse::<i64>() {
        Ok(id) if id > 0 && id <= i64::from(i32::MAX) => organization::find(tx, scope, id)?,
        Ok(_) => return Err(invalid("id").into()),
        Err(_) => organization::by_name(tx, scope, named)?,
    };
    Ok(found.ok_or_else(|| {
        Refusal::from(MtapiCode::OrganizationNoFound).at("id", "the id or the name of an organization")
    })?)
}

/// An id that none can have.
pub(super) fn invalid(field: &'static str) -> Refusal {
    Refusal::from(MtapiCode::InvalidOrganization).at(field, "a positive id of 32 bits")
}
