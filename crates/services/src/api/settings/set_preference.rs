//! `POST /api/v1/service-preferences`.

use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::setting;
use crate::rules::Fault;
use crate::wire::setting::{PreferenceBody, read_preference};

/// Stores the preference and shows it with its revision; with `If-Match` only in place of that one.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let code = MtapiCode::InvalidServicePreferenceFailed;
    let fields = call.fields(code).await?;
    let new = read_preference(&fields).map_err(|refusal| refusal.led_by(code))?;
    let shown = PreferenceBody::of(new.clone());
    let asked = call.if_match()?;
    let stored = call.write(move |tx, scope| {
        lookup::service(tx, scope, (Place::Query, "ServiceId"), new.service)?;
        let before = setting::find_preference(tx, scope, new.service, &new.key)?;
        check_revision(asked, before.map_or(0, |own| own.revision))?;
        Ok(setting::put_preference(tx, scope, &new)?)
    });
    let revision = stored.await?;
    Ok(Reply::json(&shown)?.revision(revision))
}
