//! `GET /api/v1/servicerequests/{id}/status-history`.

use super::common::found;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::history::{self, Entry};
use crate::rules::Fault;
use crate::rules::time::Local;
use crate::wire::request::EntryBody;

/// The history by date.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let id = call.id("id")?;
    let read = call.read(move |tx, scope| {
        found(tx, scope, id)?;
        Ok(history::of_request(tx, scope, id)?)
    });
    shown(&read.await?, &call.app().settings.zone)
}

/// The entries as they are answered.
///
/// # Errors
/// Never in practice: what is written are plain structures.
pub(super) fn shown(entries: &[Entry], zone: &Local) -> Result<Reply, Fault> {
    Reply::json(&entries.iter().map(|entry| EntryBody::of(entry, zone)).collect::<Vec<_>>())
}
