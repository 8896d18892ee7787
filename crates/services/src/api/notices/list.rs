//! `GET /api/v1/outage-notices`, `GET /api/v1/notices`.

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::notice::{self, Notice};
use crate::rules::Fault;
use crate::rules::time::Local;
use crate::wire::notice::NoticeBody;

/// The notices of the application's services, current and expired, those that end last in front.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let found = call
        .read(|tx, scope| {
            let all = notice::list(tx, scope)?.into_iter();
            Ok(all.filter(|own| own.content.services.iter().any(|id| scope.covers(*id))).collect())
        })
        .await?;
    show_all(found, &call.app().settings.zone)
}

/// Several notices.
///
/// # Errors
/// Never in practice: what is written are plain structures.
pub(in crate::api) fn show_all(notices: Vec<Notice>, zone: &Local) -> Result<Reply, Fault> {
    Reply::json(&notices.into_iter().map(|own| NoticeBody::of(own, zone)).collect::<Vec<_>>())
}
