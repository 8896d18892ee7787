//! `GET /api/v1/services/{id}`.

use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::service;
use crate::rules::{Fault, Refusal};
use crate::wire::service::ServiceBody;

/// The service with the id, else the one with the short name or one of the names, in any case.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let named = call.text("id")?;
    let found = call.read(move |tx, scope| {
        let same = |text: &str| text.to_lowercase() == named.to_lowercase();
        let fits = |own: &service::Service| match named.parse::<i64>() {
            Ok(id) => own.id == id,
            Err(_) => same(&own.short_name) || same(&own.name_en) || same(&own.name_fr),
        };
        let unknown = || Refusal::from(MtapiCode::ServiceNotFound).at("id", "the id or a name of a service");
        let found = service::list(tx, scope)?.into_iter().find(fits).ok_or_else(unknown)?;
        scope.require(found.id)?;
        Ok(found)
    });
    Reply::json(&ServiceBody::of(&found.await?))
}
