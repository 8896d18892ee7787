//! What time alone changes: queued messages that expired, submitted ones whose report never came.

use waypost_core::id::MessageId;
use waypost_core::outcome::MessageState;
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError};

/// Submitted messages accepted in `[from, before)` that still have no final state, oldest first, at most `max`.
///
/// Ids are time-ordered, so this reads a range of the primary key and nothing else.
///
/// # Errors
/// Those of the store.
pub fn unreported(
    tx: &mut dyn Sql,
    _ctx: &Ctx,
    from: MessageId,
    before: MessageId,
    max: i64,
) -> Result<Vec<MessageId>, StoreError> {
    let rows = tx.query(
        "SELECT id FROM message WHERE id >= ?1 AND id < ?2 AND state = ?3 ORDER BY id LIMIT ?4",
        &[from.0.into(), before.0.into(), i64::from(MessageState::Submitted.to_u8()).into(), max.into()],
    )?;
    rows.iter().map(|row| row.int(0).map(MessageId)).collect()
}

/// Where the sweep for missing reports stands.
///
/// # Errors
/// Those of the store.
pub fn mark(tx: &mut dyn Sql, _ctx: &Ctx) -> Result<MessageId, StoreError> {
    let rows = tx.query("SELECT value FROM setting WHERE name = 'receipt_sweep'", &[])?;
    let mark = rows.first().map(|row| row.text(0).map(str::to_owned)).transpose()?;
    Ok(MessageId(mark.and_then(|text| text.parse().ok()).unwrap_or(0)))
}

/// Moves the mark forward.
///
/// # Errors
/// Those of the store.
pub fn set_mark(tx: &mut dyn Sql, _ctx: &Ctx, mark: MessageId) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO setting (name, value) VALUES ('receipt_sweep', ?1) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        &[mark.0.to_string().as_str().into()],
    )
}

/// The newest id in the ledger, so that a restarted node never makes an older one.
///
/// # Errors
/// Those of the store.
pub fn newest(tx: &mut dyn Sql, _ctx: &Ctx) -> Result<MessageId, StoreError> {
    let rows = tx.query("SELECT id FROM message ORDER BY id DESC LIMIT 1", &[])?;
    rows.first().map_or(Ok(MessageId(0)), |row| row.int(0).map(MessageId))
}

/// Moments are compared in the store's unit.
#[must_use]
pub const fn is_past(at: Option<Micros>, now: Micros) -> bool {
    matches!(at, Some(at) if at.0 <= now.0)
}
