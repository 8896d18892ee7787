//! What the endpoints of the Profile API need from the rest of the server.

use std::sync::Arc;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use waypost_core::id::{MessageId, TransactionId};
use waypost_core::time::Micros;
use waypost_store::directory::ProfileAttribute;
use waypost_store::{Actor, Ctx, TenantId};

use crate::api::seams::{AcceptError, BoxFuture, Tps};
use crate::records::idempotency::Once;
use crate::rules::profile::{Attributes, RecordFault, Schema, StoreKind, Verb};

/// Who calls: one tenant, as the directory knows it at this moment.
#[derive(Clone, Debug)]
pub struct ProfileCaller {
    /// The tenant.
    pub tenant: TenantId,
    /// For the audit: the key.
    pub actor: Actor,
    /// The tenant's short name: part of the stores' names on the wire.
    pub slug: String,
    /// Whether the tenant is live; otherwise 7001.
    pub is_active: bool,
    /// Addresses that may call; empty for any.
    pub allowlist: Vec<IpNet>,
    /// Limit of the Profile API; `None` for none.
    pub tps: Option<Tps>,
    /// What the operator has switched.
    pub switches: Switches,
    /// What the tenant has added to its master store.
    pub own: Vec<ProfileAttribute>,
}

/// The `profile` object of a tenant's settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Switches {
    /// No master profile store: customers are answered 7013.
    pub no_store: bool,
    /// A customer needs no number.
    pub msisdn_optional: bool,
    /// Deleting is answered with the numbers of the public delete pages: 7203 for 7014, 7208 for 7010.
    pub old_delete_codes: bool,
}

impl ProfileCaller {
    /// The context of its queries.
    #[must_use]
    pub const fn ctx(&self) -> Ctx {
        Ctx { tenant: self.tenant, actor: self.actor }
    }

    /// The attributes of a store of the tenant.
    #[must_use]
    pub fn schema(&self, store: StoreKind) -> Schema<'_> {
        Schema { store, own: &self.own, msisdn_optional: self.switches.msisdn_optional }
    }
}

/// The profile store of an app asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppStore {
    /// The app asset's row.
    pub app: i64,
    /// Its `appid`.
    pub app_id: String,
    /// Which attributes it has.
    pub kind: StoreKind,
}

/// Records that are written together; kept as JSON while they wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// What is done.
    pub verb: Verb,
    /// To whose profiles: those of an app, or the customers.
    pub app: Option<AppStore>,
    /// In the order of the request.
    pub records: Vec<BatchRecord>,
    /// See [`Switches::old_delete_codes`].
    pub old_delete_codes: bool,
}

/// One record of a batch, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRecord {
    /// Whose profile.
    pub customer_id: String,
    /// What is to be written, or why it is refused.
    pub checked: Result<Attributes, RecordFault>,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordOutcome {
    /// Whose profile.
    pub customer_id: String,
    /// The user of an app profile.
    pub user_id: Option<String>,
    /// Why it was refused; `None` when it was done.
    pub fault: Option<RecordFault>,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchOutcome {
    /// What was done.
    pub verb: Verb,
    /// One for each record.
    pub records: Vec<RecordOutcome>,
}

/// Writes an answer's body; part of the transaction when the answer is kept under an idempotency key.
pub type Render = fn(TransactionId, &BatchOutcome) -> String;

/// A write on its way into the store.
#[derive(Clone, Debug)]
pub struct ProfileWrite {
    /// Who asks.
    pub caller: Arc<ProfileCaller>,
    /// What is asked.
    pub job: ProfileJob,
    /// Transaction id of the request.
    pub transid: TransactionId,
    /// The id in it.
    pub id: MessageId,
    /// The idempotency key, if any.
    pub once: Option<Once>,
    /// When it arrived.
    pub received_at: Micros,
}

/// What is written.
#[derive(Clone, Debug)]
pub enum ProfileJob {
    /// Records, now.
    Batch(Batch, Render),
    /// Records, later; the answer is known already.
    Queue(Batch, String),
    /// The profiles of a user of an app are deleted, of one device or of all.
    Devices(DeviceDelete, Render),
}

/// Which devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceDelete {
    /// Of which app.
    pub app: AppStore,
    /// Of which user; `None` for any.
    pub user: Option<String>,
    /// Of which customer; `None` for any.
    pub customer: Option<String>,
    /// Which device; `None` for all.
    pub device: Option<String>,
}

/// The answer to a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileWritten {
    /// Done or queued, and durable; the body of the answer.
    Done(String),
    /// Done under the same key before; the body of that answer.
    Repeated(String),
    /// The key was used with another request; nothing was written.
    OtherRequest,
}

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileAsk {
    /// Customers.
    Customers {
        /// Their ids.
        ids: Vec<String>,
        /// What is shown of their app profiles.
        links: Links,
    },
    /// Profiles of an app.
    App {
        /// Which app.
        app: AppStore,
        /// Of these customers.
        ids: Vec<String>,
        /// Of this user; counts when there is no id.
        user: Option<String>,
    },
}

/// `showinwardlinks` (spec 7.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Links {
    /// 0: the master profile only.
    #[default]
    None,
    /// 1: what identifies each app profile.
    Keys,
    /// 2: the whole app profiles.
    Full,
}

/// One attribute as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownAttribute {
    /// The number of the wire.
    pub id: i64,
    /// The name of the wire.
    pub name: String,
    /// The value.
    pub value: String,
}

/// Profiles of another store that belong to a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownLink {
    /// Number of the store.
    pub profile_id: i64,
    /// Name of the store.
    pub profile_name: String,
    /// One for each profile.
    pub records: Vec<Vec<ShownAttribute>>,
}

/// One profile as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownProfile {
    /// Its own attributes.
    pub attributes: Vec<ShownAttribute>,
    /// App profiles of a customer.
    pub inward: Vec<ShownLink>,
    /// The customer of an app profile.
    pub outward: Vec<ShownLink>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfilesFound {
    /// In the order asked for.
    pub profiles: Vec<ShownProfile>,
    /// How many of the ids led to nothing.
    pub missing: usize,
}

/// Keeps profiles.
pub trait Profiles: Send + Sync {
    /// The tenant of a presented key; `None` unless it is a current profile key. Takes the same time for every wrong key.
    fn by_key(&self, presented: &str) -> Option<Arc<ProfileCaller>>;
    /// The profile store of an app asset of the tenant; `None` when there is none (7018).
    fn app(&self, caller: &ProfileCaller, app_id: &str) -> Option<AppStore>;
    /// What was done under an idempotency key.
    fn known(
        &self,
        caller: &ProfileCaller,
        once: Once,
        now: Micros,
    ) -> BoxFuture<'static, Result<Option<ProfileWritten>, AcceptError>>;
    /// Writes; resolves when it is durable.
    fn write(&self, write: ProfileWrite) -> BoxFuture<'static, Result<ProfileWritten, AcceptError>>;
    /// Reads.
    fn read(
        &self,
        caller: Arc<ProfileCaller>,
        ask: ProfileAsk,
    ) -> BoxFuture<'static, Result<ProfilesFound, AcceptError>>;
    /// The results of a queued batch; `None` when it is unknown or not done.
    fn results(
        &self,
        caller: Arc<ProfileCaller>,
        transid: TransactionId,
    ) -> BoxFuture<'static, Result<Option<BatchOutcome>, AcceptError>>;
}
