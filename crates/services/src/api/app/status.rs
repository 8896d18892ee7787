//! `GET /api/v1/status`.

use waypost_store::{Param, query_one};

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;

/// `Connected` when the database answers. When it does not, the call was not let in: 901000 and HTTP 503.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let answers = call.read(|tx, scope| {
        Ok(query_one(tx, "SELECT id FROM tenant WHERE id = ?1", &[Param::Int(scope.tenant())])?)
    });
    Reply::json(if answers.await?.is_some() { "Connected" } else { "Connection Failed" })
}
