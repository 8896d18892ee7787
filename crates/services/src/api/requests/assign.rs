//! `POST /api/v1/servicerequests/{id}/assignments`.

use waypost_status::MtapiCode;

use super::assignments::listed;
use super::common::{found, person};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::assignment::{self, ASSIGNMENTS_MAX};
use crate::rules::{Fault, Refusal};

/// Assigns a request to people. When one of them has it already, nothing is written.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let fields = call.fields(MtapiCode::ArgumentError).await?;
    let mut people = fields.ids("UserIds")?;
    people.sort_unstable();
    people.dedup();
    if people.is_empty() {
        return Err(fields.wrong("UserIds", "the ids of the people, mandatory").into());
    }
    let assigned_by = fields.opt_id("AssignedByUserId")?;
    let all = call
        .write(move |tx, scope| {
            found(tx, scope, id)?;
            if let Some(by) = assigned_by {
                person(tx, scope, "AssignedByUserId", by)?;
            }
            let there = assignment::of_request(tx, scope, id)?;
            if there.len() + people.len() > usize::try_from(ASSIGNMENTS_MAX).unwrap_or(usize::MAX) {
                let rule = format!("at most {ASSIGNMENTS_MAX} people on one service request");
                return Err(Refusal::argument("UserIds", rule).into());
            }
            for user in &people {
                person(tx, scope, "UserIds", *user)?;
                if there.iter().any(|one| one.user == *user) {
                    let rule = format!("people without this service request; user {user} has it already");
                    return Err(Refusal::from(MtapiCode::UserAssignmentExists).at("UserIds", rule).into());
                }
            }
            for user in &people {
                assignment::add(tx, scope, id, (*user, scope.actor(assigned_by)))?;
            }
            listed(tx, scope, id)
        })
        .await?;
    Reply::json(&all)
}
