//! `POST /api/v1/account/initiate-email-verification`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::{application, user};
use crate::rules::Fault;

/// Keeps the hash of the code the caller chose; an earlier one is good no more and the address counts as unconfirmed.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, hash) = (call.id("id")?, application::hash(&call.text("code")?));
    call.write(move |tx, scope| {
        lookup::person(tx, scope, (Place::Query, "id"), id)?;
        Ok(user::set_email_code(tx, scope, id, &hash)?)
    })
    .await?;
    Ok(Reply::empty())
}
