//! `PUT /api/v1/userapplications/{id}/users/{userId}`.

use super::manage::{Change, asked};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::operation::Place;
use crate::records::user_application;
use crate::rules::Fault;

/// Gives the roles in place of those the person has; what the former ones brought is taken.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let change = Change {
        application: call.id("id")?,
        user: (Place::Path, call.id("userId")?),
        by: call.id("createdByUserId")?,
    };
    let asked = asked(call.json().await?)?;
    call.write(move |tx, scope| {
        change.check(tx, scope)?;
        change.take(tx, scope)?;
        user_application::take_all(tx, scope, (change.application, change.user.1))?;
        change.give(tx, scope, &asked)
    })
    .await?;
    Ok(Reply::empty())
}
