//! Calls under way: a row from the moment a call is placed until its last step is written, so that the next start finds
//! what a dead server left behind.

use waypost_core::id::MessageId;
use waypost_store::{Ctx, Sql, StoreError};

/// Notes that a call runs on this node.
///
/// # Errors
/// Those of the store.
pub fn begin(tx: &mut dyn Sql, _ctx: &Ctx, message: MessageId, node: i64) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO voice_call (message, node) VALUES (?1, ?2) \
         ON CONFLICT (message) DO UPDATE SET node = excluded.node",
        &[message.0.into(), node.into()],
    )
    .map(|_| ())
}

/// Notes that it is over.
///
/// # Errors
/// Those of the store.
pub fn end(tx: &mut dyn Sql, _ctx: &Ctx, message: MessageId) -> Result<(), StoreError> {
    tx.exec("DELETE FROM voice_call WHERE message = ?1", &[message.0.into()]).map(|_| ())
}

/// The messages whose calls ran on `node`.
///
/// # Errors
/// Those of the store.
pub fn of_node(tx: &mut dyn Sql, _ctx: &Ctx, node: i64) -> Result<Vec<MessageId>, StoreError> {
    let rows = tx.query("SELECT message FROM voice_call WHERE node = ?1 ORDER BY message", &[node.into()])?;
    rows.iter().map(|row| row.int(0).map(MessageId)).collect()
}
