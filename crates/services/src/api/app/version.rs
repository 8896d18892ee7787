//! `GET /api/v1/version`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;

/// The server's version, as `v1.0.85` is written.
pub(super) async fn handle(_: Call) -> Result<Reply, Fault> {
    Reply::json(concat!("v", env!("CARGO_PKG_VERSION")))
}
