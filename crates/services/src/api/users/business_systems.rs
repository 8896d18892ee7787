//! `GET /api/v1/users/{id}/business-systems`.

use serde::Serialize;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::business_system;
use crate::rules::Fault;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    service_id: i64,
    business_system_type: String,
    source_reference: String,
}

/// The systems that know the person, by service; of one service or one system on demand.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (id, service, system) =
        (call.id("id")?, call.opt_id("serviceId"), call.opt_text("businessSystemType"));
    let known = call
        .read(move |tx, scope| {
            lookup::person(tx, scope, (Place::Path, "id"), id)?;
            if let Some(service) = service {
                lookup::service(tx, scope, (Place::Query, "serviceId"), service)?;
            }
            let all = business_system::of_user(tx, scope, id)?;
            Ok(all.into_iter().filter(|own| scope.covers(own.service)).collect::<Vec<_>>())
        })
        .await?;
    let shown = known
        .into_iter()
        .filter(|own| service.is_none_or(|id| own.service == id))
        .filter(|own| system.as_ref().is_none_or(|word| own.system.eq_ignore_ascii_case(word)))
        .map(|own| Body {
            service_id: own.service,
            business_system_type: own.system,
            source_reference: own.reference,
        });
    Reply::json(&shown.collect::<Vec<_>>())
}
