//! `GET /api/v1/services/{id}/service-preferences`.

use waypost_status::MtapiCode;

use super::of_service::sole;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::setting;
use crate::rules::{Fault, Refusal};
use crate::wire::setting::PreferenceBody;

/// The preferences by name; with a key that one only, its revision as the `ETag`.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (service, key) = (call.id("id")?, call.opt_text("key"));
    let found = call.read(move |tx, scope| {
        lookup::service(tx, scope, (Place::Path, "id"), service)?;
        let mut all = setting::preferences(tx, scope, Some(service))?;
        if let Some(key) = &key {
            all.retain(|own| own.key.eq_ignore_ascii_case(key));
            if all.is_empty() {
                let refusal = Refusal::from(MtapiCode::ServicePreferenceNotFound).in_input();
                return Err(refusal.at("key", "the name of a preference of the service").into());
            }
        }
        let revision = sole(key.is_some(), all.iter().map(|own| own.revision));
        Ok((revision, all.into_iter().map(PreferenceBody::of).collect::<Vec<_>>()))
    });
    let (revision, shown) = found.await?;
    Ok(Reply::json(&shown)?.tagged(revision))
}
