//! `GET /api/v1/provinces/{id}`.

use waypost_status::MtapiCode;

use super::shape::part;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;

/// The province or territory of Canada with this code: 901004 for any other text.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    Reply::json(&part("CA", &call.text("id")?, ("id", MtapiCode::InvalidProvince))?)
}
