//! `GET /api/v1/permissions/{permissionId}/users`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::{permission, user};
use crate::rules::Fault;
use crate::wire::user::UserBody;

/// The people, by id; with an organization only those who hold it there.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (code, service) = (call.id("permissionId")?, call.id("serviceId")?);
    let organization = call.opt_id("organizationId");
    let users = call.read(move |tx, scope| {
        lookup::service(tx, scope, (Place::Query, "serviceId"), service)?;
        if let Some(id) = organization {
            lookup::organization(tx, scope, (Place::Query, "organizationId"), id)?;
        }
        let mut ids: Vec<i64> = permission::holders(tx, scope, code, service)?
            .into_iter()
            .filter(|held| organization.is_none() || held.organization == organization)
            .map(|held| held.user)
            .collect();
        ids.dedup();
        Ok(user::of_ids(tx, scope, &ids)?)
    });
    Reply::json(&UserBody::all(&users.await?))
}
