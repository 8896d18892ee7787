//! `POST /api/v1/userapplications/{id}/users/{userId}/activate-user`.

use waypost_store::Sql;

use super::manage::Change;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::operation::Place;
use crate::records::Scope;
use crate::records::user_application::{self, Given};
use crate::rules::{Fault, Refusal};

/// Makes the person's roles count again, with what they bring.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let change = Change {
        application: call.id("id")?,
        user: (Place::Path, call.id("userId")?),
        by: call.id("createdByUserId")?,
    };
    call.write(move |tx, scope| {
        let roles = roles(tx, scope, change)?;
        let active: Vec<_> = roles.iter().map(|own| Given { is_active: true, ..*own }).collect();
        change.give(tx, scope, &active)
    })
    .await?;
    Ok(Reply::empty())
}

/// The roles of somebody who may be changed; at least one.
///
/// # Errors
/// As [`Change::check`]; 901002 for a person without a role.
pub(super) fn roles(tx: &mut dyn Sql, scope: &Scope, change: Change) -> Result<Vec<Given>, Fault> {
    change.check(tx, scope)?;
    let roles = user_application::given(tx, scope, (change.application, change.user.1))?;
    if roles.is_empty() {
        return Err(Refusal::argument("userId", "a user with a role in the application").into());
    }
    Ok(roles)
}
