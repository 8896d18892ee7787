//! `POST /api/v1/userapplications/{id}/users/{userId}/deactivate-user`.

use super::activate::roles;
use super::manage::Change;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::operation::Place;
use crate::records::user_application;
use crate::rules::Fault;

/// Stops the person's roles and takes what they brought; the roles stay to be taken up again.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let change = Change {
        application: call.id("id")?,
        user: (Place::Path, call.id("userId")?),
        by: call.id("createdByUserId")?,
    };
    call.write(move |tx, scope| {
        roles(tx, scope, change)?;
        change.take(tx, scope)?;
        Ok(user_application::set_active(tx, scope, (change.application, change.user.1), false)?)
    })
    .await?;
    Ok(Reply::empty())
}
