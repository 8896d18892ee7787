//! What time alone changes: queued messages that expired, submitted ones whose report never came.

use waypost_core::id::MessageId;
use waypost_core::outcome::MessageState;
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError};

/// Messages accepted in `[from, before)` that were submitted before `cutoff` and have no final state, oldest first, at
/// most `max`.
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
    cutoff: Micros,
    max: i64,
) -> Result<Vec<MessageId>, StoreError> {
    let submitted = i64::from(MessageState::Submitted.to_u8());
    let rows = tx.query(
        "SELECT id FROM message WHERE id >= ?1 AND id < ?2 AND state = ?3 AND updated_at <= ?4 ORDER BY id LIMIT ?5",
        &[from.0.into(), before.0.into(), submitted.into(), cutoff.0.into(), max.into()],
    )?;
    rows.iter().map(|row| row.int(0).map(MessageId)).collect()
}

/// The oldest message of `[from, before)` that is still queued or submitted: the sweep must come back for it.
///
/// # Errors
/// Those of the store.
pub fn oldest_open(
    tx: &mut dyn Sql,
    _ctx: &Ctx,
    from: MessageId,
    before: MessageId,
) -> Result<Option<MessageId>, StoreError> {
    let (queued, submitted) = (MessageState::Queued.to_u8(), MessageState::Submitted.to_u8());
    let rows = tx.query(
        "SELECT id FROM message WHERE id >= ?1 AND id < ?2 AND state IN (?3, ?4) ORDER BY id LIMIT 1",
        &[from.0.into(), before.0.into(), i64::from(queued).into(), i64::from(submitted).into()],
    )?;
    rows.first().map(|row| row.int(0).map(MessageId)).transpose()
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

/// The newest id in the store, of whatever kind, so that a restarted node never makes an older one.
///
/// # Errors
/// Those of the store.
pub fn newest(tx: &mut dyn Sql, _ctx: &Ctx) -> Result<MessageId, StoreError> {
    let mut newest = MessageId(0);
    for sql in [
        "SELECT id FROM message ORDER BY id DESC LIMIT 1",
        "SELECT id FROM work ORDER BY id DESC LIMIT 1",
        "SELECT id FROM inbound ORDER BY id DESC LIMIT 1",
        "SELECT id FROM happening ORDER BY id DESC LIMIT 1",
        "SELECT id FROM social_inbound ORDER BY id DESC LIMIT 1",
        "SELECT id FROM rt_parcel ORDER BY id DESC LIMIT 1",
        "SELECT id FROM rt_thread ORDER BY id DESC LIMIT 1",
        "SELECT id FROM rt_message ORDER BY id DESC LIMIT 1",
        "SELECT id FROM rt_topic ORDER BY id DESC LIMIT 1",
        "SELECT id FROM rt_media ORDER BY id DESC LIMIT 1",
        "SELECT seq FROM story ORDER BY message DESC, at DESC, seq DESC LIMIT 1",
    ] {
        if let Some(row) = tx.query(sql, &[])?.first() {
            newest = newest.max(MessageId(row.int(0)?));
        }
    }
    Ok(newest)
}
