//! What operators set up: tenants, services, keys, senders, connections, limits. Small, so the server holds all of it in
//! memory ([`Directory`]) and loads it again when its revision in the store moves.

pub mod admin;
mod app;
pub mod burst;
mod carrier;
pub mod credit;
pub mod dnd;
mod event;
mod handle;
mod key;
mod link;
pub mod login;
mod policy;
mod profile_attribute;
mod rows;
mod snapshot;
mod template;
mod types;

use crate::StoreError;
use crate::sql::{Sql, query_one};

pub use app::{App, AppKind, Apps};
pub use carrier::{Carrier, CarrierKind, SipTrunk, SmppConnection};
pub use event::{
    Comparison, Condition, EventDefinition, EventParameter, Events, Happens, ParameterKind, Rule,
};
pub use handle::DirectoryHandle;
pub use key::KEY_HASH_BYTES;
pub use link::Link;
pub use policy::{Hours, Policies, PolicySettings, TenantPolicies};
pub use profile_attribute::{AttributeKind, ProfileAttribute};
pub use snapshot::{Directory, KeyMatch};
pub use template::{LiveTemplate, Template, TemplateVersion, Templates};
pub use types::{ApiKey, KeyKind, Partner, Sender, Service, Status, Tenant, TpsLimit};

/// The whole directory as of now; secrets are opened with `master`.
///
/// # Errors
/// See [`Sql::query`]; [`StoreError::Refused`] when a secret does not open with this key.
pub fn load(tx: &mut dyn Sql, master: &crate::seal::MasterKey) -> Result<Directory, StoreError> {
    snapshot::load(tx, master)
}

/// The number that every change of the directory raises; 0 before the first.
///
/// # Errors
/// See [`Sql::query`].
pub fn revision(tx: &mut dyn Sql) -> Result<i64, StoreError> {
    let row =
        query_one(tx, "SELECT CAST(value AS BIGINT) FROM setting WHERE name = 'directory_revision'", &[])?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// Raises the revision; part of the transaction of every change.
pub(crate) fn raise_revision(tx: &mut dyn Sql) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO setting (name, value) VALUES ('directory_revision', '1') \
         ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(setting.value AS BIGINT) + 1 AS TEXT)",
        &[],
    )
}
