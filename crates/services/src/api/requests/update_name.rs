//! `POST /api/v1/servicerequests/{id}/updatename`.

use super::common::{by, found, person};
use super::get::show;
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::records::request::{self, Request};
use crate::rules::Fault;

/// Gives a request other names.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, user, asked) = (call.id("id")?, call.id("userId")?, call.if_match()?);
    let (name_en, name_fr) = (call.text("englishName")?, call.text("frenchName")?);
    let zone = call.app().settings.zone.clone();
    let changed = call
        .write(move |tx, scope| {
            let before = found(tx, scope, id)?;
            person(tx, scope, "userId", user)?;
            check_revision(asked, before.revision)?;
            let scope = by(scope, user);
            let after = Request { name_en: name_en.clone(), name_fr: name_fr.clone(), ..before.clone() };
            request::update(tx, &scope, &after)?;
            request::note_change(tx, &scope, &before, &after)?;
            Ok(Request { revision: before.revision + 1, updated_at: scope.now, ..after })
        })
        .await?;
    show(changed, &zone)
}
