//! What follows when a service request enters a status is not this family's business: it is told to whoever wired it, inside
//! the transaction that keeps the status, so that both are kept or neither.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use waypost_core::time::Micros;
use waypost_store::{Sql, StoreError};

use super::coordinate::Coordinate;
use super::request::{Request, RequestKind};
use super::{Scope, service, status_event, user};

/// A status that a service request entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The tenant's row.
    pub tenant: i64,
    /// The request's row.
    pub request: i64,
    /// When.
    pub at: Micros,
    /// What is known of it by name: see [`FACTS`].
    pub facts: BTreeMap<String, String>,
    /// The events that it raises, by their `evtid`.
    pub raises: Vec<i64>,
}

/// The names of [`Entered::facts`]. What is not known is not there.
pub const FACTS: [&str; 12] = [
    "service",
    "servicename",
    "status",
    "statusname",
    "servicerequestid",
    "guid",
    "name",
    "userid",
    "firstname",
    "lastname",
    "email",
    "msisdn",
];

/// Whoever answers statuses.
pub trait StatusWatch: Send + Sync {
    /// Whether anything but events waits for statuses of the tenant: asked before facts are gathered.
    fn awaits(&self, tenant: i64) -> bool;

    /// Keeps what is to follow, in the transaction of the status. Returns from when on there is something to do.
    ///
    /// # Errors
    /// Those of the store; nothing of the transaction is kept then.
    fn entered(&self, tx: &mut dyn Sql, entered: &Entered) -> Result<Vec<Micros>, StoreError>;

    /// What [`StatusWatch::entered`] kept is committed.
    fn committed(&self, tenant: i64, due: Micros);
}

/// The watch of one call, and what is due once it is committed.
#[derive(Clone, Default)]
pub struct Watched {
    watch: Option<Arc<dyn StatusWatch>>,
    due: Arc<Mutex<Vec<Micros>>>,
}

impl fmt::Debug for Watched {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Watched").finish_non_exhaustive()
    }
}

impl Watched {
    /// By this watch.
    #[must_use]
    pub fn by(watch: Option<Arc<dyn StatusWatch>>) -> Self {
        Self { watch, due: Arc::default() }
    }

    /// The transaction begins, perhaps again: what an earlier try left is not due.
    pub fn begin(&self) {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The transaction is committed.
    pub fn committed(&self, tenant: i64) {
        let due = std::mem::take(&mut *self.due.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(watch) = &self.watch {
            due.into_iter().for_each(|at| watch.committed(tenant, at));
        }
    }
}

/// Tells the watch of a status. Invites and recoveries are requests too, and nobody's business.
///
/// # Errors
/// See [`StatusWatch::entered`].
pub(super) fn entered(tx: &mut dyn Sql, scope: &Scope, request: &Request) -> Result<(), StoreError> {
    let Some(watch) = &scope.watched.watch else { return Ok(()) };
    if request.kind != RequestKind::Service {
        return Ok(());
    }
    let raises = status_event::of(tx, scope, request.service, request.status)?;
    if raises.is_empty() && !watch.awaits(scope.tenant()) {
        return Ok(());
    }
    let facts = facts(tx, scope, request)?;
    let entered = Entered { tenant: scope.tenant(), request: request.id, at: scope.now, facts, raises };
    let due = watch.entered(tx, &entered)?;
    scope.watched.due.lock().unwrap_or_else(PoisonError::into_inner).extend(due);
    Ok(())
}

fn facts(tx: &mut dyn Sql, scope: &Scope, request: &Request) -> Result<BTreeMap<String, String>, StoreError> {
    let (service, owner) = (service::find(tx, scope, request.service)?, user::find(tx, scope, request.user)?);
    let owner = owner.as_ref();
    let values = [
        service.as_ref().map(|own| own.short_name.clone()),
        service.as_ref().map(|own| own.name_en.clone()),
        Some(request.status.name().to_owned()),
        Some(request.status.english().to_owned()),
        Some(request.id.to_string()),
        Some(request.guid.clone()),
        Some(request.name_en.clone()),
        Some(request.user.to_string()),
        owner.map(|own| own.first_name.clone()),
        owner.map(|own| own.last_name.clone()),
        owner.and_then(|own| own.email().map(str::to_owned)),
        owner.and_then(|own| own.coordinates.iter().find_map(Coordinate::msisdn)),
    ];
    let known = FACTS.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
    Ok(known.collect())
}
