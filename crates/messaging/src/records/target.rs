//! The addresses a message was resolved to: one row for each part of its progress.

use waypost_channels::connector::{Address, AddressKind};
use waypost_core::id::MessageId;
use waypost_store::{Ctx, Sql, StoreError};

/// Stores the addresses of a message, in the order of its parts.
///
/// # Errors
/// Those of the store.
pub fn insert(
    tx: &mut dyn Sql,
    _ctx: &Ctx,
    message: MessageId,
    app: Option<i64>,
    targets: &[Address],
) -> Result<(), StoreError> {
    for (part, target) in (0_i64..).zip(targets) {
        tx.put(
            "INSERT INTO target (message, part, app, id_type, address, device) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &[
                message.0.into(),
                part.into(),
                app.into(),
                target.kind.id_key().into(),
                (&target.value).into(),
                target.device.as_deref().into(),
            ],
        )?;
    }
    Ok(())
}

/// The addresses of a message, in the order of its parts; none before its first attempt.
///
/// # Errors
/// Those of the store.
pub fn of_message(tx: &mut dyn Sql, _ctx: &Ctx, message: MessageId) -> Result<Vec<Address>, StoreError> {
    let rows = tx.query(
        "SELECT id_type, address, device FROM target WHERE message = ?1 ORDER BY part",
        &[message.0.into()],
    )?;
    rows.iter()
        .map(|row| {
            let kind = AddressKind::from_id_key(row.text(0)?)
                .ok_or_else(|| StoreError::Corrupt("target.id_type".to_owned()))?;
            let (value, device) = (row.text(1)?.to_owned(), row.opt_text(2)?.map(str::to_owned));
            Ok(Address { kind, value, device })
        })
        .collect()
}

/// Messages to a page-scoped id through `app` that were accepted before `before`, newest first, at most `max`.
///
/// # Errors
/// Those of the store.
pub fn to_psid(
    tx: &mut dyn Sql,
    _ctx: &Ctx,
    app: i64,
    psid: &str,
    before: MessageId,
    max: i64,
) -> Result<Vec<MessageId>, StoreError> {
    let rows = tx.query(
        "SELECT message FROM target WHERE id_type = 'psid' AND app = ?1 AND address = ?2 AND message < ?3 \
         ORDER BY message DESC LIMIT ?4",
        &[app.into(), psid.into(), before.0.into(), max.into()],
    )?;
    rows.iter().map(|row| row.int(0).map(MessageId)).collect()
}
