//! `GET /api/v1/countries/{code}/subdivisions/{subCode}`.

use waypost_status::MtapiCode;

use super::shape::{country, part};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;

/// The subdivision; its code with the country's letters in front or without.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let country = country(&call.text("code")?)?;
    Reply::json(&part(country.code, &call.text("subCode")?, ("subCode", MtapiCode::ArgumentError))?)
}
