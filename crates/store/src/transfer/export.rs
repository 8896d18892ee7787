//! Out.

use std::io::Write;

use serde_json::{Map, Value as Json, json};
use waypost_core::id::MessageId;
use waypost_core::time::Micros;

use super::table::{CHARGE, DND, STORY, TABLES, TENANT, Table};
use super::{FORMAT, TransferError};
use crate::directory::dnd;
use crate::sql::{Param, Sql};
use crate::{Ctx, Row, Store, StoreError};

/// Rows read at once.
const PAGE: i64 = 500;
/// Story entries read at once: those of a page of messages.
const STORY_PAGE: i64 = 100_000;

/// What goes into an export.
#[derive(Clone, Copy, Debug)]
pub struct ExportOptions {
    /// Sealed secrets too; they open only under the master key they were sealed with.
    pub secrets: bool,
    /// Messages accepted from here on are left out.
    pub until: Micros,
}

/// Writes all of `ctx`'s tenant to `out`; returns the number of rows. It reads page by page, beside a running server.
///
/// # Errors
/// [`TransferError`]; what was written then is not a whole export.
pub async fn export_tenant(
    store: &Store,
    ctx: &Ctx,
    options: ExportOptions,
    out: &mut (dyn Write + Send),
) -> Result<u64, TransferError> {
    let mut lines = Lines { out, rows: 0, secrets: options.secrets };
    let tenant = page(store, &TENANT, ctx, (-1, i64::MAX)).await?;
    if tenant.is_empty() {
        return Err(StoreError::Refused("no such tenant".to_owned()).into());
    }
    let Json::Object(head) = json!({ "format": FORMAT, "tenant": ctx.tenant.0 }) else { return Ok(0) };
    lines.line(&head)?;
    lines.rows(&TENANT, &tenant)?;
    for table in TABLES.iter() {
        whole_table(store, ctx, table, &mut lines, MessageId::floor(options.until)).await?;
    }
    do_not_disturb(store, ctx, &mut lines).await?;
    lines.out.flush()?;
    Ok(lines.rows)
}

struct Lines<'a> {
    out: &'a mut (dyn Write + Send),
    rows: u64,
    secrets: bool,
}

impl Lines<'_> {
    fn line(&mut self, object: &Map<String, Json>) -> Result<(), TransferError> {
        serde_json::to_writer(&mut *self.out, object).map_err(std::io::Error::from)?;
        self.out.write_all(b"\n")?;
        Ok(())
    }

    fn rows(&mut self, table: &Table, rows: &[Row]) -> Result<(), TransferError> {
        for row in rows {
            self.line(&table.to_json(row, self.secrets))?;
            self.rows += 1;
        }
        Ok(())
    }
}

async fn page(
    store: &Store,
    table: &Table,
    ctx: &Ctx,
    (after, before): (i64, i64),
) -> Result<Vec<Row>, StoreError> {
    let (sql, tenant) = (table.select, ctx.tenant.0);
    let limit = if table.name == STORY.name { STORY_PAGE } else { PAGE };
    let params = move |tx: &mut dyn Sql| tx.query(sql, &[tenant, after, before, limit].map(Param::Int));
    store.read(params).await
}

async fn whole_table(
    store: &Store,
    ctx: &Ctx,
    table: &'static Table,
    lines: &mut Lines<'_>,
    until: MessageId,
) -> Result<(), TransferError> {
    // Only the ledger's ids are times.
    let before = if matches!(table.name, "request" | "message" | "inbound") { until.0 } else { i64::MAX };
    let mut after = -1;
    loop {
        let rows = page(store, table, ctx, (after, before)).await?;
        lines.rows(table, &rows)?;
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
        if table.name == "message" {
            let stories = page(store, &STORY, ctx, (first.int(0)?, last.int(0)?)).await?;
            lines.rows(&STORY, &stories)?;
            let charges = page(store, &CHARGE, ctx, (first.int(0)?, last.int(0)?)).await?;
            lines.rows(&CHARGE, &charges)?;
        }
        if table.column("id").is_none() || rows.len() < PAGE as usize {
            return Ok(());
        }
        after = last.int(0)?;
    }
}

async fn do_not_disturb(store: &Store, ctx: &Ctx, lines: &mut Lines<'_>) -> Result<(), TransferError> {
    let mut after = String::new();
    loop {
        let (of, from) = (*ctx, after.clone());
        let entries = store.read(move |tx| dnd::list(tx, &of, &from, PAGE as u32)).await?;
        let Some(last) = entries.last() else { return Ok(()) };
        after = last.msisdn.clone();
        for entry in &entries {
            let row = Row(vec![
                crate::Value::Int(ctx.tenant.0),
                crate::Value::Text(entry.msisdn.clone()),
                crate::Value::Int(entry.since.0),
                crate::Value::Text(entry.source.clone()),
            ]);
            lines.rows(&DND, &[row])?;
        }
    }
}
