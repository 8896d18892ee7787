//! `PUT /api/v1/servicerequests/{id}/regulated-entities`.

use super::add::{check, read};
use super::list::shown;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::found;
use crate::records::request_entity;
use crate::rules::Fault;

/// Stores the entities in place of those that are there and shows them; an empty list removes all.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let (id, asked) = (call.id("id")?, read(call.json().await?)?);
    let all = call.write(move |tx, scope| {
        let request = found(tx, scope, id)?;
        check(tx, scope, request.service, &asked)?;
        request_entity::replace(tx, scope, id, &asked)?;
        Ok(shown(tx, scope, &request)?)
    });
    Reply::json(&all.await?)
}
