//! What burst mode has used of each limit, kept over restarts (spec 1, "Transaction limits").

use waypost_core::limit::BurstUse;

use crate::sql::Sql;
use crate::{Ctx, StoreError};

/// What was used of one limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The tenant's row.
    pub tenant: i64,
    /// The limit's name.
    pub api: String,
    /// What was used.
    pub used: BurstUse,
}

/// Keeps what was used. Of two servers that write, the later day and the greater use stay.
///
/// # Errors
/// See [`Sql::exec`].
pub fn save(tx: &mut dyn Sql, _ctx: &Ctx, used: &Used) -> Result<(), StoreError> {
    let BurstUse { day, day_secs, month, month_secs } = used.used;
    tx.exec(
        "INSERT INTO burst_use (tenant, api, day, day_secs, month, month_secs) \
         SELECT id, ?2, CAST(?3 AS BIGINT), CAST(?4 AS BIGINT), CAST(?5 AS BIGINT), CAST(?6 AS BIGINT) \
         FROM tenant WHERE id = ?1 \
         ON CONFLICT (tenant, api) DO UPDATE SET \
         day_secs = CASE WHEN excluded.day > burst_use.day OR (excluded.day = burst_use.day \
           AND excluded.day_secs > burst_use.day_secs) THEN excluded.day_secs ELSE burst_use.day_secs END, \
         month_secs = CASE WHEN excluded.month > burst_use.month OR (excluded.month = burst_use.month \
           AND excluded.month_secs > burst_use.month_secs) THEN excluded.month_secs ELSE burst_use.month_secs END, \
         day = CASE WHEN excluded.day > burst_use.day THEN excluded.day ELSE burst_use.day END, \
         month = CASE WHEN excluded.month > burst_use.month THEN excluded.month ELSE burst_use.month END",
        &[
            used.tenant.into(),
            (&used.api).into(),
            day.into(),
            day_secs.into(),
            month.into(),
            month_secs.into(),
        ],
    )?;
    Ok(())
}

/// All that was used.
///
/// # Errors
/// See [`Sql::query`].
pub fn load(tx: &mut dyn Sql, _ctx: &Ctx) -> Result<Vec<Used>, StoreError> {
    let rows = tx.query("SELECT tenant, api, day, day_secs, month, month_secs FROM burst_use", &[])?;
    let secs = |secs: i64| u32::try_from(secs).unwrap_or(u32::MAX);
    let read = |row: &crate::Row| {
        let used = BurstUse {
            day: row.int(2)?,
            day_secs: secs(row.int(3)?),
            month: row.int(4)?,
            month_secs: secs(row.int(5)?),
        };
        Ok(Used { tenant: row.int(0)?, api: row.text(1)?.to_owned(), used })
    };
    rows.iter().map(read).collect()
}
