//! `GET /api/v1/servicerequests/{id}/regulated-entities`.

use serde::Serialize;
use waypost_store::{Sql, StoreError};

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::found;
use crate::records::request::Request;
use crate::records::{Scope, request_parts};
use crate::rules::Fault;

/// A regulated entity of a request (spec 5.1).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Body {
    value: String,
    service_id: i64,
    regulated_entity_type_code: String,
    regulated_entity_id_type_code: String,
    sort_order: i64,
    english_display_name: String,
    french_display_name: String,
}

/// The entities, in the order of their service.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let all = call.read(move |tx, scope| {
        let request = found(tx, scope, id)?;
        Ok(shown(tx, scope, &request)?)
    });
    Reply::json(&all.await?)
}

/// The entities of a request.
///
/// # Errors
/// See [`Sql::query`].
pub(super) fn shown(tx: &mut dyn Sql, scope: &Scope, request: &Request) -> Result<Vec<Body>, StoreError> {
    let all = request_parts::entities(tx, scope, &[request.id])?.remove(&request.id).unwrap_or_default();
    let body = |own: request_parts::EntityView| Body {
        value: own.value,
        service_id: request.service,
        regulated_entity_type_code: own.type_code,
        regulated_entity_id_type_code: own.id_type_code,
        sort_order: own.sort_order,
        english_display_name: own.name_en,
        french_display_name: own.name_fr,
    };
    Ok(all.into_iter().map(body).collect())
}
