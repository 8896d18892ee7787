//! `GET /api/v1/countries/{code}/subdivisions`.

use super::shape::{SubdivisionBody, country};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::{Fault, iso3166};

/// The subdivisions, by code; empty for a country without.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let country = country(&call.text("code")?)?;
    let all: Vec<SubdivisionBody> =
        iso3166::subdivisions(country.code).iter().map(SubdivisionBody::from).collect();
    Reply::json(&all)
}
