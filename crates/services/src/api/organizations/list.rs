//! `GET /api/v1/organizations`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::organization;
use crate::rules::Fault;
use crate::wire::organization::OrganizationBody;

/// The organizations, by id.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let email = call.opt_text("email");
    let found = call.read(move |tx, scope| Ok(organization::list(tx, scope, email.as_deref())?));
    Reply::json(&OrganizationBody::all(&found.await?))
}
