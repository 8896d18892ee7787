//! `GET /api/v1/service-preferences`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::setting;
use crate::rules::Fault;
use crate::wire::setting::PreferenceBody;

/// The preferences, by service and name.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let found = call.read(|tx, scope| {
        let all = setting::preferences(tx, scope, None)?.into_iter();
        Ok(all.filter(|own| scope.covers(own.service)).map(PreferenceBody::of).collect::<Vec<_>>())
    });
    Reply::json(&found.await?)
}
