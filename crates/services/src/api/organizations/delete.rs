//! `DELETE /api/v1/organizations/{id}`.

use super::find::found;
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::records::organization;
use crate::rules::Fault;

/// Removes the organization: it is found no more, what refers to it stays.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (named, asked) = (call.text("id")?, call.if_match()?);
    call.write(move |tx, scope| {
        let organization = found(tx, scope, &named)?;
        check_revision(asked, organization.revision)?;
        Ok(organization::delete(tx, scope, organization.id)?)
    })
    .await?;
    Ok(Reply::empty())
}
