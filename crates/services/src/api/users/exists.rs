//! `HEAD /api/v1/users/{id}`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::rules::Fault;

/// 200 for a person who is there, else 404.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    call.read(move |tx, scope| lookup::person(tx, scope, (Place::Path, "id"), id)).await?;
    Ok(Reply::empty())
}
