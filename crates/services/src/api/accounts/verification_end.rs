//! `POST /api/v1/account/complete-email-verification`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::{application, user};
use crate::rules::{Fault, Refusal};

/// Confirms the address; the code is good once.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, hash) = (call.id("userid")?, application::hash(&call.text("confirmationCode")?));
    call.write(move |tx, scope| {
        lookup::person(tx, scope, (Place::Query, "userid"), id)?;
        if user::confirm_email(tx, scope, id, &hash)? {
            return Ok(());
        }
        Err(Refusal::argument("confirmationCode", "the code kept for the user, once").into())
    })
    .await?;
    Ok(Reply::empty())
}
