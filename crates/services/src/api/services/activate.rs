//! `POST /api/v1/services/{id}/activate-user`.

use super::step::{Whose, take};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;
use crate::rules::enrolment::Action;

/// Takes up an enrolment that was deactivated; a scheduled deactivation is lifted.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let whose = Whose::of(&call)?;
    call.write(move |tx, scope| take(tx, scope, whose, Action::Activate)).await?;
    Ok(Reply::empty())
}
