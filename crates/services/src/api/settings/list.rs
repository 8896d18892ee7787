//! `GET /api/v1/service-settings`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::setting;
use crate::rules::Fault;
use crate::wire::setting::SettingBody;

/// The settings, by service and name.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let found = call.read(|tx, scope| {
        let all = setting::list(tx, scope, None)?.into_iter();
        Ok(all.filter(|own| scope.covers(own.service)).map(SettingBody::of).collect::<Vec<_>>())
    });
    Reply::json(&found.await?)
}
