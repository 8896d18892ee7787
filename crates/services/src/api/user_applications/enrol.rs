//! `POST /api/v1/userapplications/{id}/enrolluser`.

use super::manage::{Change, asked};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::operation::Place;
use crate::rules::Fault;

/// Gives the roles beside those the person has.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let change = Change {
        application: call.id("id")?,
        user: (Place::Query, call.id("userId")?),
        by: call.id("createdByUserId")?,
    };
    let asked = asked(call.json().await?)?;
    call.write(move |tx, scope| {
        change.check(tx, scope)?;
        change.give(tx, scope, &asked)
    })
    .await?;
    Ok(Reply::empty())
}
