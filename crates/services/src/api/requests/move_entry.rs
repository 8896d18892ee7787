//! `PUT /api/v1/servicerequests/{id}/status-history/{entryId}`.

use waypost_core::time::Micros;
use waypost_status::MtapiCode;

use super::common::{by, found, person};
use super::draft::standard;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::history::{self, Entry};
use crate::records::{audit, request};
use crate::rules::history::{Moment, may_move};
use crate::rules::{Fault, Refusal};
use crate::wire::Fields;
use crate::wire::request::EntryBody;

/// Moves an entry in time, between its neighbours and not into the future.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::ArgumentError).await?;
    let (id, entry_id, user) = (call.id("id")?, call.id("entryId")?, call.id("userId")?);
    let zone = call.app().settings.zone.clone();
    let date = zone.read(&fields.text("Date")?).ok_or_else(|| fields.wrong("Date", "a date and time"))?;
    let wanted = Wanted { date, standard: new_standard(&fields)? };
    let moved = call
        .write(move |tx, scope| {
            let request = found(tx, scope, id)?;
            person(tx, scope, "userId", user)?;
            let entries = history::of_request(tx, scope, id)?;
            let entry = check(&entries, entry_id, wanted.date, scope.now)?;
            let scope = by(scope, user);
            let held = wanted.standard.unwrap_or(entry.standard);
            if held != entry.standard {
                standard(tx, &scope, request.service, "ServiceStandardId", held)?;
            }
            history::set(tx, &scope, entry_id, wanted.date, held)?;
            request::update(tx, &scope, &request)?;
            let detail = format!("entry {entry_id}: date, standard");
            audit::note(tx, &scope, ("service_request", id), "move history", &detail)?;
            Ok(Entry { at: wanted.date, standard: held, ..entry })
        })
        .await?;
    Reply::json(&EntryBody::of(&moved, &zone))
}

#[derive(Clone, Copy)]
struct Wanted {
    date: Micros,
    /// `None` leaves it.
    standard: Option<i64>,
}

fn new_standard(fields: &Fields) -> Result<Option<i64>, Refusal> {
    match fields.names("ServiceStandardId") {
        true => Ok(Some(fields.opt_id("ServiceStandardId")?.unwrap_or(0))),
        false => Ok(None),
    }
}

fn check(entries: &[Entry], id: i64, date: Micros, now: Micros) -> Result<Entry, Refusal> {
    let moments: Vec<Moment> =
        entries.iter().map(|entry| Moment { id: entry.id, at: entry.at, clock_on: entry.clock_on }).collect();
    may_move(&moments, id, date, now).map_err(|code| {
        let field = if code == MtapiCode::ServiceRequestStatusLogNotFound { "entryId" } else { "Date" };
        Refusal::from(code).at(field, code.entry().meaning)
    })?;
    let unknown = || Refusal::from(MtapiCode::ServiceRequestStatusLogNotFound);
    entries.iter().find(|entry| entry.id == id).cloned().ok_or_else(unknown)
}
