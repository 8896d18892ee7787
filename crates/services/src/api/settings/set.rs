//! `POST /api/v1/service-settings`.

use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::{Call, check_revision};
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::setting;
use crate::rules::Fault;
use crate::wire::setting::{SettingBody, read};

/// Stores the setting and shows it with its revision; with `If-Match` only in place of that one. Readers see it after five minutes at the latest, this server's at once.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::InvalidServiceSetting).await?;
    let new = read(&fields).map_err(|refusal| refusal.led_by(MtapiCode::InvalidServiceSetting))?;
    let shown = SettingBody::of(new.clone());
    let asked = call.if_match()?;
    let stored = call.write(move |tx, scope| {
        lookup::service(tx, scope, (Place::Query, "ServiceId"), new.service)?;
        let before = setting::find(tx, scope, new.service, &new.key)?;
        check_revision(asked, before.map_or(0, |own| own.revision))?;
        Ok(setting::put(tx, scope, &new)?)
    });
    let revision = stored.await?;
    call.app().cache.clear(call.scope.tenant());
    Ok(Reply::json(&shown)?.revision(revision))
}
