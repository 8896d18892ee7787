//! `GET /api/v1/users/{id}/applications`.

use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::api::user_applications::ApplicationBody;
use crate::records::user_application;
use crate::rules::{Fault, Refusal};

/// The applications in which the person has an active role, with all their roles; on demand those with one role only.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, role) = (call.id("id")?, call.opt_int("roleId"));
    let found = call.read(move |tx, scope| {
        lookup::person(tx, scope, (Place::Path, "id"), id)?;
        if let Some(role) = role
            && !user_application::role_exists(tx, scope, role)?
        {
            let refusal = Refusal::from(MtapiCode::GetApplicationsFailedByInvalidRoleId);
            return Err(refusal.at("roleId", "a role of a user application").into());
        }
        let mut found = Vec::new();
        for own in user_application::of_user(tx, scope, id, role)? {
            if let Some(application) = user_application::find(tx, scope, own)? {
                found.push(ApplicationBody::of(tx, scope, application)?);
            }
        }
        Ok(found)
    });
    Reply::json(&found.await?)
}
