//! `POST /api/v1/services/{id}/deactivate-user`.

use super::step::{Whose, take};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;
use crate::rules::enrolment::Action;

/// Stops the enrolment at once, until it is activated again.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let whose = Whose::of(&call)?;
    call.write(move |tx, scope| take(tx, scope, whose, Action::Deactivate)).await?;
    Ok(Reply::empty())
}
