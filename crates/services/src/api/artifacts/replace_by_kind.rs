//! `PUT /api/v1/artifacts`.

use super::common::{kind, newest, read, show, store_new_content};
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::api::requests::common::{by, named};
use crate::rules::Fault;

/// Gives the newest artifact of a kind another content; the earlier one stays among the archived.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let (kind, asked) = (kind(&call)?, call.if_match()?);
    let (id, user) = (call.id("serviceRequestId")?, call.id("userId")?);
    let version = call.text("version")?;
    let content = read(&mut call, kind).await?;
    let changed = call
        .write(move |tx, scope| {
            let request = named(tx, scope, "serviceRequestId", id)?;
            let old = newest(tx, scope, id, kind)?;
            check_revision(asked, old.revision)?;
            store_new_content(tx, &by(scope, user), (&old, &request), (&version, user), &content)
        })
        .await?;
    show(&changed)
}
