//! The status history of a request, with the service-standard clock (spec 5.1).

use waypost_core::time::Micros;
use waypost_store::{Row, Sql, StoreError};

use super::{Scope, inserted};
use crate::rules::RequestStatus;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its row.
    pub id: i64,
    /// The request.
    pub request: i64,
    /// The status entered.
    pub status: RequestStatus,
    /// Whether the clock runs while in it.
    pub clock_on: bool,
    /// The standard that holds; 0 for none.
    pub standard: i64,
    /// When.
    pub at: Micros,
    /// Who did it; 0 when nobody was named.
    pub user: i64,
    /// A remark.
    pub comment: Option<String>,
}

/// Entries of one request at most.
pub const ENTRIES_MAX: i64 = 1_000;

/// The columns that [`of`] reads, in its order.
#[macro_export]
#[doc(hidden)]
macro_rules! history_columns {
    () => {
        "id, request, status, clock_on, service_standard, at, user_id, comment"
    };
}

/// An entry from a row of [`history_columns!`](crate::history_columns).
///
/// # Errors
/// [`StoreError::Corrupt`] for any other row.
pub fn of(row: &Row) -> Result<Entry, StoreError> {
    let status = row.int(2)?;
    Ok(Entry {
        id: row.int(0)?,
        request: row.int(1)?,
        status: RequestStatus::of(status)
            .ok_or_else(|| StoreError::Corrupt(format!("a status in a history is {status}")))?,
        clock_on: row.flag(3)?,
        standard: row.int(4)?,
        at: row.time(5)?,
        user: row.int(6)?,
        comment: row.opt_text(7)?.map(str::to_owned),
    })
}

/// Adds an entry; its id is given by the store.
///
/// # Errors
/// See [`Sql::query`].
pub fn add(tx: &mut dyn Sql, scope: &Scope, new: &Entry) -> Result<i64, StoreError> {
    let rows = tx.query(
        "INSERT INTO sd_history (tenant, request, status, clock_on, service_standard, at, user_id, comment) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id",
        &[
            scope.tenant().into(),
            new.request.into(),
            new.status.number().into(),
            new.clock_on.into(),
            new.standard.into(),
            new.at.into(),
            new.user.into(),
            new.comment.as_deref().into(),
        ],
    )?;
    inserted(&rows)
}

/// The entries of a request, by date.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_request(tx: &mut dyn Sql, scope: &Scope, request: i64) -> Result<Vec<Entry>, StoreError> {
    let rows = tx.query(
        concat!(
            "SELECT ",
            crate::history_columns!(),
            " FROM sd_history WHERE tenant = ?1 AND request = ?2 ORDER BY at, id LIMIT ?3"
        ),
        &[scope.tenant().into(), request.into(), ENTRIES_MAX.into()],
    )?;
    rows.iter().map(of).collect()
}

/// Changes date and standard of an entry. Returns whether there was one.
///
/// # Errors
/// See [`Sql::exec`].
pub fn set(tx: &mut dyn Sql, scope: &Scope, id: i64, at: Micros, standard: i64) -> Result<bool, StoreError> {
    let touched = tx.exec(
        "UPDATE sd_history SET at = ?3, service_standard = ?4 WHERE tenant = ?1 AND id = ?2",
        &[scope.tenant().into(), id.into(), at.into(), standard.into()],
    )?;
    Ok(touched > 0)
}
