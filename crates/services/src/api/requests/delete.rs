//! `DELETE /api/v1/servicerequests/{id}`.

use super::common::{by, found, person};
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::records::request;
use crate::rules::Fault;

/// Removes a request: it is found no more, its row and its story stay.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, user, asked) = (call.id("id")?, call.id("userId")?, call.if_match()?);
    call.write(move |tx, scope| {
        let request = found(tx, scope, id)?;
        person(tx, scope, "userId", user)?;
        check_revision(asked, request.revision)?;
        Ok(request::delete(tx, &by(scope, user), id)?)
    })
    .await?;
    Ok(Reply::empty())
}
