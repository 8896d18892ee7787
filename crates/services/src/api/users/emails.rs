//! `GET /api/v1/users/emails`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::user::{self, UserType};
use crate::rules::Fault;
use crate::wire::user::UserBody;

/// The people with the address, by id; of one type on demand.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let email = call.text("email")?;
    let kind = call.opt_text("userType").as_deref().and_then(UserType::parse);
    let found = call.read(move |tx, scope| Ok(user::by_email(tx, scope, &email)?)).await?;
    let found: Vec<_> = found.into_iter().filter(|own| kind.is_none_or(|kind| own.kind == kind)).collect();
    Reply::json(&UserBody::all(&found))
}
