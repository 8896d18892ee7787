//! `GET /api/v1/whoami`.

use serde::Serialize;
use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::service::{self, Service};
use crate::rules::{Fault, Refusal};
use crate::wire::service::ServiceBody;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    id: i64,
    name: String,
    english_name: String,
    french_name: String,
    services: Vec<ServiceBody>,
}

/// The application and its services. One that is bound to none has nothing to tell: 603000.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let services: Vec<Service> = call
        .read(|tx, scope| {
            let all = service::list(tx, scope)?;
            Ok(all.into_iter().filter(|service| scope.covers(service.id)).collect())
        })
        .await?;
    if services.is_empty() {
        return Err(Refusal::from(MtapiCode::ApplicationInfoNotFound)
            .at("api-key", "the key of an application that is bound to a service")
            .into());
    }
    let application = call.application;
    Reply::json(&Body {
        id: application.id,
        name: application.slug,
        english_name: application.name_en,
        french_name: application.name_fr,
        services: services.iter().map(ServiceBody::of).collect(),
    })
}
