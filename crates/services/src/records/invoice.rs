//! Invoices of service requests (spec 4.2).

use waypost_core::time::Micros;
use waypost_store::{Row, Sql, StoreError, query_one};

use super::{Scope, audit, inserted};

/// An invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// The request it is for.
    pub request: i64,
    /// Its number, unique in the tenant.
    pub number: String,
    /// The reference of its payment.
    pub reference: Option<String>,
    /// The amount, as a decimal number.
    pub amount: String,
    /// Its date.
    pub date: Option<Micros>,
    /// When it was last changed.
    pub updated_at: Micros,
    /// Raised by each change; 0 before it is stored.
    pub revision: i64,
}

/// Invoices of one answer at most.
const INVOICES_MAX: i64 = 1_000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, request, number, reference, amount, date, updated_at, revision FROM sd_invoice WHERE tenant = ?1 ",
            $rest
        )
    };
}

fn of(row: &Row) -> Result<Invoice, StoreError> {
    let date = row.opt_text(5)?.map(|text| {
        text.parse().map(Micros).map_err(|_| StoreError::Corrupt("the date of an invoice".to_owned()))
    });
    Ok(Invoice {
        id: row.int(0)?,
        request: row.int(1)?,
        number: row.text(2)?.to_owned(),
        reference: row.opt_text(3)?.map(str::to_owned),
        amount: row.text(4)?.to_owned(),
        date: date.transpose()?,
        updated_at: row.time(6)?,
        revision: row.int(7)?,
    })
}

/// Stores an invoice. Returns its row.
///
/// # Errors
/// See [`Sql::query`].
pub fn create(tx: &mut dyn Sql, scope: &Scope, new: &Invoice) -> Result<i64, StoreError> {
    let date = new.date.map(|at| at.0.to_string());
    let rows = tx.query(
        "INSERT INTO sd_invoice (tenant, request, number, reference, amount, date, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) RETURNING id",
        &[
            scope.tenant().into(),
            new.request.into(),
            (&new.number).into(),
            new.reference.as_deref().into(),
            (&new.amount).into(),
            date.as_deref().into(),
            scope.now.into(),
        ],
    )?;
    let id = inserted(&rows)?;
    audit::note(tx, scope, ("invoice", id), "create", &format!("request {}", new.request))?;
    Ok(id)
}

/// Stores a changed invoice.
///
/// # Errors
/// See [`Sql::put`].
pub fn update(tx: &mut dyn Sql, scope: &Scope, changed: &Invoice) -> Result<(), StoreError> {
    let date = changed.date.map(|at| at.0.to_string());
    tx.put(
        "UPDATE sd_invoice SET request = ?3, number = ?4, reference = ?5, amount = ?6, date = ?7, updated_at = ?8, revision = revision + 1 \
         WHERE tenant = ?1 AND id = ?2",
        &[
            scope.tenant().into(),
            changed.id.into(),
            changed.request.into(),
            (&changed.number).into(),
            changed.reference.as_deref().into(),
            (&changed.amount).into(),
            date.as_deref().into(),
            scope.now.into(),
        ],
    )?;
    audit::note(tx, scope, ("invoice", changed.id), "update", &format!("request {}", changed.request))
}

/// An invoice by its row.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<Option<Invoice>, StoreError> {
    query_one(tx, select!("AND id = ?2"), &[scope.tenant().into(), id.into()])?.as_ref().map(of).transpose()
}

/// An invoice by its number.
///
/// # Errors
/// See [`Sql::query`].
pub fn by_number(tx: &mut dyn Sql, scope: &Scope, number: &str) -> Result<Option<Invoice>, StoreError> {
    let sql = select!("AND number = ?2");
    query_one(tx, sql, &[scope.tenant().into(), number.into()])?.as_ref().map(of).transpose()
}

/// The invoices with a payment reference, by row.
///
/// # Errors
/// See [`Sql::query`].
pub fn by_reference(tx: &mut dyn Sql, scope: &Scope, reference: &str) -> Result<Vec<Invoice>, StoreError> {
    let sql = select!("AND reference = ?2 ORDER BY id LIMIT ?3");
    tx.query(sql, &[scope.tenant().into(), reference.into(), INVOICES_MAX.into()])?.iter().map(of).collect()
}

/// The invoices of a request, by row.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_request(tx: &mut dyn Sql, scope: &Scope, request: i64) -> Result<Vec<Invoice>, StoreError> {
    let sql = select!("AND request = ?2 ORDER BY id LIMIT ?3");
    tx.query(sql, &[scope.tenant().into(), request.into(), INVOICES_MAX.into()])?.iter().map(of).collect()
}
