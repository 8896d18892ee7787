//! `GET /api/v1/users/{id}`.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::Scope;
use crate::records::user::{self, User};
use crate::rules::{Fault, Refusal};
use crate::wire::user::UserBody;

/// The person with coordinates; their revision is the `ETag`.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    show(&call.read(move |tx, scope| whole(tx, scope, id)).await?)
}

/// The person named in the path, with coordinates.
///
/// # Errors
/// 4041003.
pub(super) fn whole(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<User, Fault> {
    let found = user::find(tx, scope, id)?;
    Ok(found.ok_or_else(|| Refusal::from(MtapiCode::UserNotFound).at("id", "the id of a user"))?)
}

/// The person with their revision.
///
/// # Errors
/// Never in practice: what is written are plain structures.
pub(super) fn show(user: &User) -> Result<Reply, Fault> {
    Ok(Reply::json(&UserBody::of(user))?.revision(user.revision))
}
