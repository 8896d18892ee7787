//! `GET /api/v2/users`.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::Scope;
use crate::records::user::{self, Filter, UserType};
use crate::rules::permission::READ_USERS;
use crate::rules::{Fault, Refusal};
use crate::wire::Page;
use crate::wire::user::{UserBody, UserPage};

/// A page of the people in the services where the administrator may read users; `Unknown` and `All` are every type.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (administrator, page) = (call.id("filterUserId")?, call.page()?);
    let filter = Filter {
        kind: UserType::parse(&call.text("userType")?),
        seen_by: Some(administrator),
        ..Filter::default()
    };
    let found = call.read(move |tx, scope| {
        lookup::person(tx, scope, (Place::Query, "filterUserId"), administrator)?;
        reads_users(tx, scope, ("filterUserId", administrator))?;
        Ok(user::list(tx, scope, &filter, (page.offset(), page.size))?)
    });
    show(page, &found.await?)
}

/// Refuses a person who may read users in no service.
///
/// # Errors
/// 901008.
pub(super) fn reads_users(
    tx: &mut dyn Sql,
    scope: &Scope,
    (field, person): (&'static str, i64),
) -> Result<(), Fault> {
    if user::holds(tx, scope, person, READ_USERS)? {
        return Ok(());
    }
    let rule = format!("a user with permission {READ_USERS} in a service of the application");
    Err(Refusal::from(MtapiCode::NoServiceWithReadUserPermission).at(field, rule).into())
}

/// The page.
///
/// # Errors
/// Never in practice: what is written are plain structures.
pub(super) fn show(page: Page, (users, count): &(Vec<user::User>, i64)) -> Result<Reply, Fault> {
    Reply::json(&UserPage {
        users: UserBody::all(users),
        count: *count,
        page: page.number,
        has_more: page.has_more(*count),
    })
}
