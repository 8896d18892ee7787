//! `OnProfileCreate` and `OnProfileUpdate` (spec 4.3): the service is told that a device came or changed, where the app asks
//! for it (its setting `profile_events`), and rules on inbound messages see it.

use serde_json::{Map, Value};
use waypost_core::time::Micros;
use waypost_store::{Sql, StoreError};

use super::ids::ClientId;
use super::inbound::{self, Said};
use super::ledger::RtApp;
use crate::work::emit::Emitted;
use crate::work::runtime::Shared;

/// A device registered that was not known.
pub(super) const PROFILE_CREATED: &str = "OnProfileCreate";
/// A device's user, customer or attributes changed.
pub(super) const PROFILE_UPDATED: &str = "OnProfileUpdate";

/// The write job of one event; what is to be released after the commit.
///
/// # Errors
/// Those of the store.
pub(super) fn record(
    shared: &Shared,
    tx: &mut dyn Sql,
    app: &RtApp,
    client: &ClientId,
    event: &'static str,
    at: Micros,
) -> Result<Vec<Emitted>, StoreError> {
    if !app.account.config.get("profile_events").and_then(Value::as_bool).unwrap_or(false) {
        return Ok(Vec::new());
    }
    let said = Said {
        client: client.clone(),
        event,
        text: String::new(),
        attachments: None,
        thread_id: None,
        more: Map::new(),
    };
    inbound::record(shared, tx, app, &said, at).map(|(_, emitted)| emitted)
}
