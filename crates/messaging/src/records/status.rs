//! What the Transaction Status API shows.

use waypost_core::id::TransactionRef;
use waypost_store::{Ctx, Sql, StoreError};

use super::message::{self, MessageRow};

/// What a look-up by transaction id found.
#[derive(Debug)]
pub enum Found {
    /// No such transaction in this store.
    Nothing,
    /// The transaction belongs to another service.
    Foreign,
    /// Its messages, in order.
    Messages(Vec<MessageRow>),
}

/// Looks a transaction up for `service`. A bare id finds all units of its request, `_n` one of them.
///
/// A stranger's transaction is told from an unknown one only by service, as the contract asks (7601, 7600).
///
/// # Errors
/// Those of the store.
pub fn find(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    service: i64,
    transaction: TransactionRef,
) -> Result<Found, StoreError> {
    let mut rows = message::of_request(tx, ctx, transaction.transid)?;
    if rows.iter().any(|row| row.request.service != service) {
        return Ok(Found::Foreign);
    }
    if let Some(unit) = transaction.unit {
        rows.retain(|row| row.request.units > 1 && row.message.unit == unit);
    }
    Ok(if rows.is_empty() { Found::Nothing } else { Found::Messages(rows) })
}
