//! `POST /api/v1/notification-template`.

use waypost_status::MtapiCode;
use waypost_store::StoreError;

use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::records::email_template;
use crate::rules::Fault;
use crate::wire::email_template::{TemplateBody, read};

/// Stores the template in place of the one with its name; with `If-Match` only in place of that revision.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let asked = call.if_match()?;
    let new = read(&call.fields(MtapiCode::ArgumentError).await?)?;
    let stored = call.write(move |tx, scope| {
        let before = email_template::find(tx, scope, &new.name)?;
        check_revision(asked, before.map_or(0, |own| own.revision))?;
        email_template::put(tx, scope, &new)?;
        let stored = email_template::find(tx, scope, &new.name)?;
        Ok(stored.ok_or_else(|| StoreError::Corrupt("a template is gone".to_owned()))?)
    });
    let stored = stored.await?;
    let revision = stored.revision;
    Ok(Reply::json(&TemplateBody::of(stored))?.revision(revision))
}
