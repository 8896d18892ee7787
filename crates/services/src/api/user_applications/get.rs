//! `GET /api/v1/userapplications/{id}`.

use super::manage::application;
use super::shape::ApplicationBody;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;

/// The application with its roles and their permissions.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let found = call.read(move |tx, scope| {
        let found = application(tx, scope, "id", id)?;
        Ok(ApplicationBody::of(tx, scope, found)?)
    });
    Reply::json(&found.await?)
}
