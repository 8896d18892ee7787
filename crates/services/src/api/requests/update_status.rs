//! `POST /api/v1/servicerequests/{id}/updatestatus`.

use super::common::{by, found, person, status};
use super::draft::standard;
use super::get::show;
use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::records::request::{self, Request};
use crate::rules::Fault;

/// Moves a request to a status; every move is an entry of its history. The status it has already is none.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, user, asked) = (call.id("id")?, call.id("userId")?, call.if_match()?);
    let to = status("serviceRequestStatus", &call.text("serviceRequestStatus")?)?;
    let (new_standard, comment) = (call.opt_id("serviceStandardId"), call.opt_text("comment"));
    let zone = call.app().settings.zone.clone();
    let changed = call
        .write(move |tx, scope| {
            let before = found(tx, scope, id)?;
            person(tx, scope, "userId", user)?;
            check_revision(asked, before.revision)?;
            let held = new_standard.unwrap_or(before.standard);
            standard(tx, scope, before.service, "serviceStandardId", held)?;
            if to == before.status && held == before.standard {
                return Ok(before);
            }
            let scope = by(scope, user);
            let after = Request { status: to, standard: held, ..before.clone() };
            request::update(tx, &scope, &after)?;
            request::enter(tx, &scope, &after, user, comment.clone())?;
            request::note_change(tx, &scope, &before, &after)?;
            Ok(Request { revision: before.revision + 1, updated_at: scope.now, ..after })
        })
        .await?;
    show(changed, &zone)
}
