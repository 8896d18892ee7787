//! Balances and rate plans.

use waypost_core::channel::Channel;
use waypost_core::policy::{Money, PREFIX_DIGITS_MAX};
use waypost_core::time::Micros;

use super::{changed, one_tenant, refused};
use crate::directory::credit::{self, Account};
use crate::sql::{Sql, query_one};
use crate::{Ctx, StoreError};

/// Rows of one tenant's rate plan at most: it is held in memory.
const RATES_MAX: i64 = 10_000;

/// Adds to the balance of `ctx`'s tenant, and charges its messages from now on.
///
/// # Errors
/// [`StoreError::Refused`] when the sum cannot be kept.
pub fn grant_credit(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, amount: Money) -> Result<Account, StoreError> {
    let tenant = one_tenant(ctx)?;
    let granted = credit::account(tx, ctx)?.map_or(0, |account| account.granted.0);
    if granted.checked_add(amount.0).is_none() {
        return refused("the sum of all grants cannot be kept");
    }
    tx.exec(
        "INSERT INTO credit (tenant, enforced, granted, balance, updated_at) VALUES (?1, 1, ?2, ?2, ?3) \
         ON CONFLICT (tenant) DO UPDATE SET enforced = 1, granted = credit.granted + excluded.granted, \
         balance = credit.balance + excluded.balance, updated_at = excluded.updated_at",
        &[tenant.into(), amount.0.into(), now.into()],
    )?;
    changed(tx, ctx, now, "credit.add", &amount.to_string())?;
    known(tx, ctx)
}

/// Takes back from the balance of `ctx`'s tenant what was granted and not used.
///
/// # Errors
/// [`StoreError::Refused`] when there is less.
pub fn take_credit(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, amount: Money) -> Result<Account, StoreError> {
    let tenant = one_tenant(ctx)?;
    let taken = tx.exec(
        "UPDATE credit SET granted = granted - ?2, balance = balance - ?2, updated_at = ?3 \
         WHERE tenant = ?1 AND balance >= ?2",
        &[tenant.into(), amount.0.into(), now.into()],
    )?;
    if taken == 0 {
        return refused(format!("the balance is below {amount}"));
    }
    changed(tx, ctx, now, "credit.take", &amount.to_string())?;
    known(tx, ctx)
}

/// Stops charging the messages of `ctx`'s tenant; the balance stays. Granting again, also 0, goes on with it.
///
/// # Errors
/// [`StoreError::Refused`] when it has no balance.
pub fn stop_credit(tx: &mut dyn Sql, ctx: &Ctx, now: Micros) -> Result<Account, StoreError> {
    let tenant = one_tenant(ctx)?;
    let sql = "UPDATE credit SET enforced = 0, updated_at = ?2 WHERE tenant = ?1";
    tx.exec(sql, &[tenant.into(), now.into()])?;
    let account = known(tx, ctx)?;
    changed(tx, ctx, now, "credit.stop", &account.balance.to_string())?;
    Ok(account)
}

fn known(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Account, StoreError> {
    credit::account(tx, ctx)?.map_or_else(|| refused("the tenant has no balance"), Ok)
}

/// One row of a rate plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The channel.
    pub channel: Channel,
    /// Digits a number begins with; empty for every destination.
    pub prefix: String,
    /// The price of one segment of an SMS, or of one message.
    pub price: Money,
}

fn check_prefix(prefix: &str) -> Result<&str, StoreError> {
    let digits = prefix.strip_prefix('+').unwrap_or(prefix);
    if digits.len() > PREFIX_DIGITS_MAX || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return refused(format!("`{prefix}` is no prefix: up to {PREFIX_DIGITS_MAX} digits"));
    }
    Ok(digits)
}

/// The stored word of a channel.
fn word(channel: Channel) -> String {
    channel.wire_name().to_ascii_lowercase()
}

/// Sets the price of a channel and prefix for `ctx`'s tenant.
///
/// # Errors
/// [`StoreError::Refused`] when the prefix is none or the plan is full.
pub fn set_rate(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, rate: &Rate) -> Result<(), StoreError> {
    let (tenant, prefix) = (one_tenant(ctx)?, check_prefix(&rate.prefix)?);
    let channel = word(rate.channel);
    tx.exec(
        "INSERT INTO rate (tenant, channel, prefix, price) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (tenant, channel, prefix) DO UPDATE SET price = excluded.price",
        &[tenant.into(), (&channel).into(), prefix.into(), rate.price.0.into()],
    )?;
    let count = query_one(tx, "SELECT count(*) FROM rate WHERE tenant = ?1", &[tenant.into()])?;
    if count.map_or(Ok(0), |row| row.int(0))? > RATES_MAX {
        return refused(format!("a rate plan has at most {RATES_MAX} rows"));
    }
    changed(tx, ctx, now, "rate.set", &format!("{channel} {prefix} {}", rate.price))
}

/// Removes the price of a channel and prefix.
///
/// # Errors
/// [`StoreError::Refused`] when there is none.
pub fn remove_rate(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    channel: Channel,
    prefix: &str,
) -> Result<(), StoreError> {
    let (tenant, prefix, channel) = (one_tenant(ctx)?, check_prefix(prefix)?, word(channel));
    let removed = tx.exec(
        "DELETE FROM rate WHERE tenant = ?1 AND channel = ?2 AND prefix = ?3",
        &[tenant.into(), (&channel).into(), prefix.into()],
    )?;
    if removed == 0 {
        return refused(format!("there is no price for {channel} {prefix}"));
    }
    changed(tx, ctx, now, "rate.remove", &format!("{channel} {prefix}"))
}

/// The rate plan of `ctx`'s tenant, by channel and prefix.
///
/// # Errors
/// See [`Sql::query`].
pub fn list_rates(tx: &mut dyn Sql, ctx: &Ctx) -> Result<Vec<Rate>, StoreError> {
    let rows = tx.query(
        "SELECT channel, prefix, price FROM rate WHERE tenant = ?1 ORDER BY channel, prefix",
        &[one_tenant(ctx)?.into()],
    )?;
    let read = |row: &crate::Row| {
        let channel = Channel::parse(row.text(0)?);
        let channel = channel.ok_or_else(|| StoreError::Corrupt("rate.channel".to_owned()))?;
        Ok(Rate { channel, prefix: row.text(1)?.to_owned(), price: Money(row.int(2)?) })
    };
    rows.iter().map(read).collect()
}
