//! `POST /api/v1/service-preferences`.

use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::setting;
use crate::rules::Fault;
use crate::wire::setting::{PreferenceBody, read_preference};

/// Stores the preference and shows it.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let code = MtapiCode::InvalidServicePreferenceFailed;
    let fields = call.fields(code).await?;
    let new = read_preference(&fields).map_err(|refusal| refusal.led_by(code))?;
    let shown = PreferenceBody::of(new.clone());
    call.write(move |tx, scope| {
        lookup::service(tx, scope, (Place::Query, "ServiceId"), new.service)?;
        Ok(setting::put_preference(tx, scope, &new)?)
    })
    .await?;
    Reply::json(&shown)
}
