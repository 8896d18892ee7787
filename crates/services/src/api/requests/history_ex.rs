//! `GET /api/v1/servicerequests/{id}/status-history-ex`.

use std::collections::HashMap;
use std::collections::hash_map::Entry::Vacant;

use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::history;
use crate::records::request::{self, Request};
use crate::records::{Scope, service_parts, user};
use crate::rules::history::{Moment, days, elapsed};
use crate::rules::time::{Local, show_utc};
use crate::rules::{Fault, Refusal};
use crate::wire::request::{EntryBody, EntryExBody};

/// The history with who made each entry, which standard held, and how long the clock had run.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, zone) = (call.id("id")?, call.app().settings.zone.clone());
    let read = call.read(move |tx, scope| {
        let request = request::find(tx, scope, id)?.ok_or_else(|| {
            Refusal::from(MtapiCode::ServiceRequestIdNotFound).at("id", "a service request that is there")
        })?;
        scope.require(request.service)?;
        extended(tx, scope, &request, &zone)
    });
    Reply::json(&read.await?)
}

/// The extended history of a request.
///
/// # Errors
/// When the store fails.
pub(super) fn extended(
    tx: &mut dyn Sql,
    scope: &Scope,
    request: &Request,
    zone: &Local,
) -> Result<Vec<EntryExBody>, Fault> {
    let entries = history::of_request(tx, scope, request.id)?;
    let moments: Vec<Moment> =
        entries.iter().map(|entry| Moment { id: entry.id, at: entry.at, clock_on: entry.clock_on }).collect();
    let (mut people, mut standards) = (HashMap::new(), HashMap::new());
    for entry in &entries {
        if let Vacant(place) = people.entry(entry.user) {
            let person = user::bare(tx, scope, entry.user)?;
            place.insert(person.map(|person| format!("{} {}", person.first_name, person.last_name)));
        }
        if let Vacant(place) = standards.entry(entry.standard) {
            place.insert(service_parts::standard(tx, scope, request.service, entry.standard)?);
        }
    }
    let spans = elapsed(&moments, scope.now);
    let shown = entries.iter().zip(spans).map(|(entry, span)| {
        let standard = standards.get(&entry.standard).and_then(Option::as_ref);
        EntryExBody {
            entry: EntryBody::of(entry, zone),
            user_id: entry.user,
            user_name: people.get(&entry.user).cloned().flatten(),
            date_utc: show_utc(entry.at),
            comment: entry.comment.clone(),
            service_standard_english_name: standard.map(|standard| standard.name_en.clone()),
            service_standard_french_name: standard.map(|standard| standard.name_fr.clone()),
            elapsed_days: days(span),
        }
    });
    Ok(shown.collect())
}
