//! `DELETE /api/v1/artifacts`.

use super::common::{kind, newest, remove};
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::api::requests::common::{by, named};
use crate::rules::Fault;

/// Removes the newest artifact of a kind; it stays among the archived ones.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (kind, asked) = (kind(&call)?, call.if_match()?);
    let (id, user) = (call.id("serviceRequestId")?, call.id("userId")?);
    call.write(move |tx, scope| {
        let request = named(tx, scope, "serviceRequestId", id)?;
        let old = newest(tx, scope, id, kind)?;
        check_revision(asked, old.revision)?;
        remove(tx, &by(scope, user), (&old, &request), user)
    })
    .await?;
    Ok(Reply::empty())
}
