//! `PUT /api/v1/outage-notices`, `PUT /api/v1/notices`.

use waypost_status::MtapiCode;

use super::add::offered;
use super::get::{current, found, show};
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::records::notice;
use crate::rules::Fault;
use crate::rules::notice::check;
use crate::wire::notice::read;

/// Stores the whole notice in place of the one with its `Id`, which must not be over.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let (zone, asked) = (call.app().settings.zone.clone(), call.if_match()?);
    let fields = call.fields(MtapiCode::NoticeIsNull).await?;
    let (id, content) = (fields.id("Id")?, read(&fields, &zone)?);
    check(&content)?;
    let stored = call.write(move |tx, scope| {
        let before = current(tx, scope, "Id", id)?;
        check_revision(asked, before.revision)?;
        offered(tx, scope, &content)?;
        notice::update(tx, scope, id, &content)?;
        found(tx, scope, "Id", id)
    });
    let stored = stored.await.map_err(|fault| match fault {
        Fault::Refused(refusal) => Fault::Refused(refusal.in_input()),
        Fault::Store(error) => Fault::Store(error),
    });
    show(stored?, &zone)
}
