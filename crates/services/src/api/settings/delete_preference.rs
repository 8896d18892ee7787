//! `DELETE /api/v1/service-preference/{serviceId}/{key}`.

use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::setting;
use crate::rules::{Fault, Refusal};

/// Removes the preference.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (service, key) = (call.id("serviceId")?, call.text("key")?);
    let asked = call.if_match()?;
    call.write(move |tx, scope| {
        lookup::service(tx, scope, (Place::Path, "serviceId"), service)?;
        if let Some(before) = setting::find_preference(tx, scope, service, &key)? {
            check_revision(asked, before.revision)?;
            setting::delete_preference(tx, scope, service, &key)?;
            return Ok(());
        }
        let refusal = Refusal::from(MtapiCode::ServicePreferenceNotFound);
        Err(refusal.at("key", "the name of a preference of the service").into())
    })
    .await?;
    Ok(Reply::empty())
}
