//! `POST /api/v1/servicerequests/{id}/regulated-entities`.

use serde_json::Value;
use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::list::shown;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::found;
use crate::records::request_entity::{self, Entity};
use crate::records::{Scope, request_parts, service_parts};
use crate::rules::{Fault, Refusal};
use crate::wire::Fields;

/// Entities of one request at most.
const ENTITIES_MAX: usize = 100;
/// Characters of an identifier at most; each of them begins a part that is found by itself.
const VALUE_CHARS_MAX: usize = 200;

/// Adds the entities and shows all.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let (id, asked) = (call.id("id")?, read(call.json().await?)?);
    let all = call.write(move |tx, scope| {
        let request = found(tx, scope, id)?;
        check(tx, scope, request.service, &asked)?;
        let now = request_parts::entities(tx, scope, &[id])?.remove(&id).unwrap_or_default();
        if now.len() + asked.len() > ENTITIES_MAX {
            let rule = format!("at most {ENTITIES_MAX} entities with those that are there");
            return Err(Refusal::argument("body", rule).into());
        }
        request_entity::add(tx, scope, id, &asked)?;
        Ok(shown(tx, scope, &request)?)
    });
    Reply::json(&all.await?)
}

/// The entities of a body.
///
/// # Errors
/// 901002 that names the member.
pub(super) fn read(body: Option<Value>) -> Result<Vec<Entity>, Refusal> {
    let wrong = || Refusal::argument("body", format!("a list of at most {ENTITIES_MAX} regulated entities"));
    let Some(Value::Array(list)) = body else { return Err(wrong()) };
    if list.len() > ENTITIES_MAX {
        return Err(wrong());
    }
    let one = |(n, value)| {
        let fields = Fields::of(value, format!("[{n}]"))?;
        if fields.text("Value")?.trim().chars().count() > VALUE_CHARS_MAX {
            return Err(fields.wrong("Value", format!("at most {VALUE_CHARS_MAX} characters")));
        }
        Ok(Entity {
            type_code: fields.text("RegulatedEntityTypeCode")?.trim().to_owned(),
            id_type_code: fields.text("RegulatedEntityIdTypeCode")?.trim().to_owned(),
            value: fields.text("Value")?.trim().to_owned(),
        })
    };
    list.into_iter().enumerate().map(one).collect()
}

/// Each is of a kind that the service defines.
///
/// # Errors
/// 616001.
pub(super) fn check(tx: &mut dyn Sql, scope: &Scope, service: i64, asked: &[Entity]) -> Result<(), Fault> {
    let kinds = service_parts::entity_types(tx, scope, service)?;
    for (n, own) in asked.iter().enumerate() {
        let of = |kind: &service_parts::EntityType| {
            kind.type_code == own.type_code && kind.id_type_code == own.id_type_code
        };
        if !kinds.iter().any(of) {
            return Err(Refusal::from(MtapiCode::InvalidRegulatedEntityType)
                .at(format!("[{n}].RegulatedEntityIdTypeCode"), "a kind of regulated entity of the service")
                .into());
        }
    }
    Ok(())
}
