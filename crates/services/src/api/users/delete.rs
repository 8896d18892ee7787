//! `DELETE /api/v1/users/{id}`.

use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::user;
use crate::rules::Fault;

/// Removes the person: they are found no more and free what they sign in with; what refers to them stays.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, asked) = (call.id("id")?, call.if_match()?);
    call.write(move |tx, scope| {
        let person = lookup::person(tx, scope, (Place::Path, "id"), id)?;
        check_revision(asked, person.revision)?;
        Ok(user::delete(tx, scope, id)?)
    })
    .await?;
    Ok(Reply::empty())
}
