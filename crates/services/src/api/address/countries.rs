//! `GET /api/v1/countries`.

use super::shape::CountryBody;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::{Fault, iso3166};

/// Every country, by code.
pub(super) async fn handle(_call: Call) -> Result<Reply, Fault> {
    let all: Vec<CountryBody> = iso3166::countries().iter().map(CountryBody::from).collect();
    Reply::json(&all)
}
