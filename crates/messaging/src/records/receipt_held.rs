//! Delivery reports whose message is not known (yet): a report may overtake the answer to its own submission.

use waypost_core::outcome::code;
use waypost_core::sms::receipt::ReceiptState;
use waypost_core::time::Micros;
use waypost_store::{Ctx, Param, Row, Sql, StoreError};

/// A report on hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its row.
    pub id: i64,
    /// The connection it came in on.
    pub connection: i64,
    /// The provider's id in it.
    pub provider_id: String,
    /// The number it came from.
    pub source: String,
    /// When it came.
    pub received_at: Micros,
    /// The state word, as [`waypost_core::sms::receipt::ReceiptState::word`] gives it.
    pub stat: String,
    /// The provider's error code.
    pub err: Option<String>,
    /// The outcome code it maps to; `None` for an intermediate report.
    pub code: Option<u16>,
}

impl Held {
    /// A report that says no more than that a message was delivered.
    #[must_use]
    pub fn delivered(connection: i64, provider_id: String, received_at: Micros) -> Self {
        Self {
            id: 0,
            connection,
            provider_id,
            source: String::new(),
            received_at,
            stat: ReceiptState::Delivered.word().to_owned(),
            err: None,
            code: Some(code::DELIVERED),
        }
    }
}

/// Keeps a report for later. `hash` is the text key of its provider id.
///
/// # Errors
/// Those of the store.
pub fn hold(tx: &mut dyn Sql, _ctx: &Ctx, held: &Held, hash: i64) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO receipt_held (connection, provider_id, source, hash, received_at, stat, err, code) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &[
            held.connection.into(),
            held.provider_id.as_str().into(),
            held.source.as_str().into(),
            hash.into(),
            held.received_at.0.into(),
            held.stat.as_str().into(),
            held.err.as_deref().into(),
            held.code.map(i64::from).into(),
        ],
    )
}

/// The reports on hold under `hash` on `connection` that came at `since` or later, oldest first.
///
/// # Errors
/// Those of the store.
pub fn waiting(
    tx: &mut dyn Sql,
    _ctx: &Ctx,
    connection: i64,
    hash: i64,
    since: Micros,
) -> Result<Vec<Held>, StoreError> {
    let rows = tx.query(
        "SELECT id, connection, provider_id, source, received_at, stat, err, code FROM receipt_held \
         WHERE hash = ?1 AND connection = ?2 AND matched_at IS NULL AND received_at >= ?3 ORDER BY id LIMIT 100",
        &[hash.into(), connection.into(), since.into()],
    )?;
    rows.iter().map(from_row).collect()
}

/// Notes that a report found its message.
///
/// # Errors
/// Those of the store.
pub fn matched(tx: &mut dyn Sql, _ctx: &Ctx, id: i64, message: i64, now: Micros) -> Result<(), StoreError> {
    tx.put(
        "UPDATE receipt_held SET matched_message = ?2, matched_at = ?3 WHERE id = ?1",
        &[id.into(), message.into(), now.0.into()],
    )
}

/// The keys of the reports on hold that came at `since` or later, for the in-memory hint; at most `max`.
///
/// # Errors
/// Those of the store.
pub fn open_hashes(tx: &mut dyn Sql, _ctx: &Ctx, since: Micros, max: i64) -> Result<Vec<i64>, StoreError> {
    let rows = tx.query(
        "SELECT hash FROM receipt_held WHERE matched_at IS NULL AND received_at >= ?1 ORDER BY id DESC LIMIT ?2",
        &[since.into(), Param::Int(max)],
    )?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// The newest reports still on hold, for `waypost admin receipts unmatched`.
///
/// # Errors
/// Those of the store.
pub fn unmatched(tx: &mut dyn Sql, _ctx: &Ctx, max: i64) -> Result<Vec<Held>, StoreError> {
    let rows = tx.query(
        "SELECT id, connection, provider_id, source, received_at, stat, err, code FROM receipt_held \
         WHERE matched_at IS NULL ORDER BY id DESC LIMIT ?1",
        &[Param::Int(max)],
    )?;
    rows.iter().map(from_row).collect()
}

/// How many reports no message has claimed, however old. Reads the whole table, which retention keeps small.
///
/// # Errors
/// Those of the store.
pub fn count_unmatched(tx: &mut dyn Sql, _ctx: &Ctx) -> Result<i64, StoreError> {
    let rows = tx.query("SELECT count(*) FROM receipt_held WHERE matched_at IS NULL", &[])?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

fn from_row(row: &Row) -> Result<Held, StoreError> {
    Ok(Held {
        id: row.int(0)?,
        connection: row.int(1)?,
        provider_id: row.text(2)?.to_owned(),
        source: row.text(3)?.to_owned(),
        received_at: Micros(row.int(4)?),
        stat: row.text(5)?.to_owned(),
        err: row.opt_text(6)?.map(str::to_owned),
        code: row.opt_int(7)?.and_then(|code| u16::try_from(code).ok()),
    })
}

#[cfg(test)]
mod tests {
    use waypost_store::{Location, Store, StoreConfig};

    use super::*;

    const CTX: Ctx = Ctx::all("test");
    const AT: Micros = Micros::from_secs(1_790_000_000);

    #[tokio::test]
    async fn a_report_is_tried_until_its_time_is_over_and_counted_until_it_is_claimed() {
        let folder = tempfile::tempdir().unwrap();
        let place = Location::Sqlite(folder.path().join("waypost.db"));
        let store = Store::open(&StoreConfig::new(place)).unwrap();
        let (provider_id, source, stat) = ("a1".to_owned(), "447700900123".to_owned(), "DELIVRD".to_owned());
        let held =
            Held { id: 1, connection: 4, provider_id, source, received_at: AT, stat, err: None, code: None };
        let row = held.clone();
        store.write(move |tx| hold(tx, &CTX, &row, 7)).await.unwrap();
        let seen = |since| {
            let job = move |tx: &mut dyn Sql| {
                let tried = waiting(tx, &CTX, 4, 7, since)?;
                Ok((tried, open_hashes(tx, &CTX, since, 10)?, count_unmatched(tx, &CTX)?))
            };
            store.read(job)
        };
        assert_eq!(seen(AT).await, Ok((vec![held], vec![7], 1)));
        assert_eq!(seen(AT.add_ms(1)).await, Ok((vec![], vec![], 1)));
        store.write(|tx| matched(tx, &CTX, 1, 99, AT)).await.unwrap();
        assert_eq!(seen(AT).await, Ok((vec![], vec![], 0)));
        store.close().await;
    }
}
