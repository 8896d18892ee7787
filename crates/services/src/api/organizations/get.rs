//! `GET /api/v1/organizations/{id}`.

use super::find::found;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::organization::Organization;
use crate::rules::Fault;
use crate::wire::organization::OrganizationBody;

/// The organization; its revision is the `ETag`.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let named = call.text("id")?;
    show(&call.read(move |tx, scope| found(tx, scope, &named)).await?)
}

/// The organization with its revision.
///
/// # Errors
/// Never in practice: what is written are plain structures.
pub(super) fn show(organization: &Organization) -> Result<Reply, Fault> {
    Ok(Reply::json(&OrganizationBody::of(organization))?.revision(organization.revision))
}
