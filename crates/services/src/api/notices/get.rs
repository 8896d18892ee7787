//! `GET /api/v1/outage-notices/{id}`, `GET /api/v1/notices/{id}`.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::Scope;
use crate::records::notice::{self, Notice};
use crate::rules::time::Local;
use crate::rules::{Fault, Refusal};
use crate::wire::notice::NoticeBody;

/// The notice; its revision is the `ETag`.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let found = call.read(move |tx, scope| found(tx, scope, "id", id)).await?;
    show(found, &call.app().settings.zone)
}

/// A notice of a service of the application.
///
/// # Errors
/// 612002; 901006.
pub(super) fn found(tx: &mut dyn Sql, scope: &Scope, field: &'static str, id: i64) -> Result<Notice, Fault> {
    let unknown = || Refusal::from(MtapiCode::NoticeNotFound).at(field, "the id of a notice");
    let found = notice::find(tx, scope, id)?.ok_or_else(unknown)?;
    if !found.content.services.iter().any(|id| scope.covers(*id)) {
        return Err(
            Refusal::forbidden(field, "a notice of a service that the application is bound to").into()
        );
    }
    Ok(found)
}

/// A notice that can still be changed.
///
/// # Errors
/// As [`found`]; 901002 for an expired one, 901006 when the application is not bound to each of its services.
pub(super) fn current(
    tx: &mut dyn Sql,
    scope: &Scope,
    field: &'static str,
    id: i64,
) -> Result<Notice, Fault> {
    let found = found(tx, scope, field, id)?;
    for service in &found.content.services {
        scope.require(*service)?;
    }
    if found.is_expired(scope.now) {
        return Err(Refusal::argument(field, "a notice that has not expired").into());
    }
    Ok(found)
}

/// The notice with its revision.
///
/// # Errors
/// Never in practice: what is written are plain structures.
pub(super) fn show(notice: Notice, zone: &Local) -> Result<Reply, Fault> {
    let revision = notice.revision;
    Ok(Reply::json(&NoticeBody::of(notice, zone))?.revision(revision))
}
