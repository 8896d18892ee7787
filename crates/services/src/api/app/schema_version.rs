//! `GET /api/v1/mtoa-db-schema-version`.

use waypost_store::KNOWN_VERSION;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;

/// The number of the newest migration; the server does not start on any other.
pub(super) async fn handle(_: Call) -> Result<Reply, Fault> {
    Reply::json(&KNOWN_VERSION.to_string())
}
