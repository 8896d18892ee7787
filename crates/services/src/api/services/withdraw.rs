//! `DELETE /api/v1/services/{id}/withdrawuser`.

use super::step::{Whose, take};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;
use crate::rules::enrolment::Action;

/// Ends the enrolment; enrolling again takes it up.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let whose = Whose::of(&call)?;
    call.write(move |tx, scope| take(tx, scope, whose, Action::Withdraw)).await?;
    Ok(Reply::empty())
}
