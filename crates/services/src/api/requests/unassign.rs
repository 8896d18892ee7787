//! `DELETE /api/v1/servicerequests/{id}/assignments`.

use waypost_status::MtapiCode;

use super::common::found;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::assignment;
use crate::rules::{Fault, Refusal};
use crate::wire::ids;

/// Takes people off a request. When one of them does not have it, nothing is written.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let people = ids::parse("userIds", &call.text("userIds")?)?;
    call.write(move |tx, scope| {
        found(tx, scope, id)?;
        let there = assignment::of_request(tx, scope, id)?;
        for user in &people {
            if there.iter().all(|one| one.user != *user) {
                let rule = format!("people who have this service request; user {user} does not");
                return Err(Refusal::from(MtapiCode::RemoveUserAssignmentFailed).at("userIds", rule).into());
            }
            assignment::remove(tx, scope, id, *user)?;
        }
        Ok(())
    })
    .await?;
    Ok(Reply::empty())
}
