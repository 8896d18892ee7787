//! `GET /api/v1/countries/{code}`.

use super::shape::{CountryBody, country};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;

/// The country.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    Reply::json(&CountryBody::from(country(&call.text("code")?)?))
}
