//! `GET /api/v1/services/{id}/activities`.

use serde::Serialize;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::service_parts;
use crate::rules::Fault;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    id: i64,
    english_name: String,
    french_name: String,
}

/// The activities, by id.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let found = call.read(move |tx, scope| {
        lookup::service(tx, scope, (Place::Path, "id"), id)?;
        Ok(service_parts::activities(tx, scope, id)?)
    });
    let shown = found.await?.into_iter().map(|own| Body {
        id: own.id,
        english_name: own.name_en,
        french_name: own.name_fr,
    });
    Reply::json(&shown.collect::<Vec<_>>())
}
