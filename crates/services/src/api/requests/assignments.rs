//! `GET /api/v1/servicerequests/{id}/assignments`.

use serde::Serialize;
use waypost_store::Sql;

use super::common::found;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::assignment;
use crate::records::{Scope, user};
use crate::rules::Fault;
use crate::rules::time::show_utc;

/// A person a request is assigned to.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Body {
    user_id: i64,
    first_name: String,
    last_name: String,
    email: Option<String>,
    assigned_by_user_id: Option<i64>,
    date_utc: String,
}

/// The people, first assigned first.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let read = call.read(move |tx, scope| {
        found(tx, scope, id)?;
        listed(tx, scope, id)
    });
    Reply::json(&read.await?)
}

/// The people a request is assigned to; who was deleted since is left out.
///
/// # Errors
/// When the store fails.
pub(super) fn listed(tx: &mut dyn Sql, scope: &Scope, request: i64) -> Result<Vec<Body>, Fault> {
    let mut shown = Vec::new();
    for one in assignment::of_request(tx, scope, request)? {
        let Some(person) = user::find(tx, scope, one.user)? else { continue };
        let emails = || person.coordinates.iter().filter(|one| one.email().is_some());
        let email = emails().find(|one| one.is_primary).or_else(|| emails().next());
        shown.push(Body {
            user_id: one.user,
            email: email.and_then(|one| one.email()).map(str::to_owned),
            first_name: person.first_name.clone(),
            last_name: person.last_name.clone(),
            assigned_by_user_id: Some(one.assigned_by).filter(|id| *id > 0),
            date_utc: show_utc(one.at),
        });
    }
    Ok(shown)
}
