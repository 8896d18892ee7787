//! `GET /api/v1/services/{id}/regulated-entities`.

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
    regulated_entity_type_code: String,
    regulated_entity_id_type_code: String,
    english_display_name: String,
    french_display_name: String,
    sort_order: i64,
}

/// The kinds, in their order.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let found = call.read(move |tx, scope| {
        lookup::service(tx, scope, (Place::Path, "id"), id)?;
        Ok(service_parts::entity_types(tx, scope, id)?)
    });
    let shown = found.await?.into_iter().map(|own| Body {
        regulated_entity_type_code: own.type_code,
        regulated_entity_id_type_code: own.id_type_code,
        english_display_name: own.name_en,
        french_display_name: own.name_fr,
        sort_order: own.sort_order,
    });
    Reply::json(&shown.collect::<Vec<_>>())
}
