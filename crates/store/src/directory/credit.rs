//! Balances and charges (7103). A message is charged once, whoever asks how often: its row in `charge` is the proof.

use waypost_core::id::MessageId;
use waypost_core::policy::Money;
use waypost_core::time::Micros;

use crate::sql::{Sql, query_one};
use crate::{Ctx, StoreError};

/// A tenant's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whether messages are charged.
    pub enforced: bool,
    /// All that was ever granted, less what was taken back.
    pub granted: Money,
    /// What is left.
    pub balance: Money,
    /// When it last changed.
    pub updated_at: Micros,
}

/// What came of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charged {
    /// Deducted now.
    Now,
    /// Deducted by an earlier attempt.
    Before,
    /// The balance is too low, or there is none; nothing was deducted.
    TooLow,
}

/// One charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChargeRow {
    /// The message.
    pub message: MessageId,
    /// What was deducted.
    pub amount: Money,
    /// When.
    pub at: Micros,
    /// When it was given back.
    pub refunded_at: Option<Micros>,
}

/// Deducts `amount` for `message` from the balance of `ctx`'s tenant, once.
///
/// # Errors
/// See [`Sql::exec`].
pub fn charge(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    message: MessageId,
    amount: Money,
    now: Micros,
) -> Result<Charged, StoreError> {
    let tenant = ctx.tenant.0;
    // The balance first, always: two servers that charge for one tenant wait for each other here and nowhere else.
    let deducted = tx.exec(
        "UPDATE credit SET balance = balance - ?2, updated_at = ?3 WHERE tenant = ?1 AND balance >= ?2",
        &[tenant.into(), amount.0.into(), now.into()],
    )?;
    if deducted == 0 {
        let known = query_one(tx, "SELECT amount FROM charge WHERE message = ?1", &[message.0.into()])?;
        return Ok(if known.is_some() { Charged::Before } else { Charged::TooLow });
    }
    let first = tx.exec(
        "INSERT INTO charge (message, tenant, amount, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        &[message.0.into(), tenant.into(), amount.0.into(), now.into()],
    )?;
    if first == 1 {
        return Ok(Charged::Now);
    }
    give(tx, tenant, amount.0, now)?;
    Ok(Charged::Before)
}

fn give(tx: &mut dyn Sql, tenant: i64, amount: i64, now: Micros) -> Result<(), StoreError> {
    let sql = "UPDATE credit SET balance = balance + ?2, updated_at = ?3 WHERE tenant = ?1";
    tx.exec(sql, &[tenant.into(), amount.into(), now.into()]).map(|_| ())
}

/// Gives back what was deducted for `message`, once; `None` when nothing was, or it was given back before.
///
/// # Errors
/// See [`Sql::query`].
pub fn refund(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    message: MessageId,
    now: Micros,
) -> Result<Option<Money>, StoreError> {
    let tenant = ctx.tenant.0;
    let open = "SELECT amount FROM charge WHERE message = ?1 AND tenant = ?2 AND refunded_at IS NULL";
    if query_one(tx, open, &[message.0.into(), tenant.into()])?.is_none() {
        return Ok(None);
    }
    // Takes the balance before the charge, in the order of every other change.
    give(tx, tenant, 0, now)?;
    let rows = tx.query(
        "UPDATE charge SET refunded_at = ?3 WHERE message = ?1 AND tenant = ?2 AND refunded_at IS NULL RETURNING amount",
        &[message.0.into(), tenant.into(), now.into()],
    )?;
    let Some(row) = rows.first() else { return Ok(None) };
    let amount = row.int(0)?;
    give(tx, tenant, amount, now)?;
    Ok(Some(Money(amount)))
}

/// The account of `ctx`'s tenant; `None` for one that was never given any.
///
/// # Errors
/// See [`Sql::query`].
pub fn account(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Option<Account>, StoreError> {
    let sql = "SELECT enforced, granted, balance, updated_at FROM credit WHERE tenant = ?1";
    let Some(row) = query_one(tx, sql, &[ctx.tenant.0.into()])? else { return Ok(None) };
    let (granted, balance) = (Money(row.int(1)?), Money(row.int(2)?));
    Ok(Some(Account { enforced: row.flag(0)?, granted, balance, updated_at: row.time(3)? }))
}

/// The charges of `ctx`'s tenant with ids below `before`, newest first, at most `max`.
///
/// # Errors
/// See [`Sql::query`].
pub fn charges(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    before: MessageId,
    max: u32,
) -> Result<Vec<ChargeRow>, StoreError> {
    let rows = tx.query(
        "SELECT message, amount, at, refunded_at FROM charge WHERE tenant = ?1 AND message < ?2 \
         ORDER BY message DESC LIMIT ?3",
        &[ctx.tenant.0.into(), before.0.into(), max.into()],
    )?;
    let read = |row: &crate::Row| {
        let (message, amount) = (MessageId(row.int(0)?), Money(row.int(1)?));
        Ok(ChargeRow { message, amount, at: row.time(2)?, refunded_at: row.opt_time(3)? })
    };
    rows.iter().map(read).collect()
}
