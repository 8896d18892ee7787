//! `GET /api/v1/users/search`.

use super::list::{reads_users, show};
use crate::api::answer::Reply;
use crate::api::auth::USER_HEADER;
use crate::api::call::Call;
use crate::records::user::{self, Filter};
use crate::rules::Fault;

/// A page of the people whose first or last name, or e-mail address, contains the text: with both, either. The current
/// user, where one is named, finds whom they may read.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let page = call.page()?;
    let lower = |name| call.opt_text(name).map(|text| text.to_lowercase());
    let filter = Filter { kind: None, name: lower("name"), email: lower("email"), seen_by: call.scope.user };
    let found = call.read(move |tx, scope| {
        if let Some(person) = scope.user {
            reads_users(tx, scope, (USER_HEADER, person))?;
        }
        Ok(user::list(tx, scope, &filter, (page.offset(), page.size))?)
    });
    show(page, &found.await?)
}
