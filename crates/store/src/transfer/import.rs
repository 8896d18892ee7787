//! In.

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

use serde_json::{Map, Value as Json};
use waypost_core::key::{KeyKind, key};
use waypost_core::time::Micros;

use super::profiles;
use super::table::{CHARGE, DND, STORY, TABLES, TENANT, Table, int};
use super::{FORMAT, TransferError};
use crate::directory::{admin, dnd, raise_revision};
use crate::sql::{Sql, Value, query_one};
use crate::{Ctx, Store, StoreError, TenantId, keys};

/// Rows of one transaction.
const BATCH: usize = 200;

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The tenant's row in this store.
    pub tenant: i64,
    /// Rows in the file.
    pub rows: u64,
    /// Rows that were not in the store before.
    pub new: u64,
}

/// Rows of the file by rows of this store.
#[derive(Clone, Debug, Default)]
struct Ids {
    tenant: i64,
    services: HashMap<i64, i64>,
    connections: HashMap<i64, i64>,
    keys: HashMap<i64, i64>,
    apps: HashMap<i64, i64>,
    templates: HashMap<i64, i64>,
    events: HashMap<i64, i64>,
}

struct Line {
    table: &'static Table,
    values: Vec<Value>,
}

/// Reads what `export_tenant` wrote. Tenant, services, keys and connections are joined to those of the same name; what
/// is stored already stays as it is, so an import may be run again after it was interrupted.
///
/// # Errors
/// [`TransferError`]; whole batches before it are stored.
pub async fn import_tenant(
    store: &Store,
    ctx: &Ctx,
    now: Micros,
    from: &mut (dyn BufRead + Send),
) -> Result<Imported, TransferError> {
    let (mut imported, mut ids) = (Imported::default(), Ids::default());
    let (mut number, mut batch, mut text) = (0_u64, Vec::new(), String::new());
    loop {
        text.clear();
        let end = from.read_line(&mut text)? == 0;
        if !end {
            number += 1;
            match parse(&text, number == 1).map_err(|detail| TransferError::Line { line: number, detail })? {
                Some(line) => batch.push(line),
                None => continue,
            }
        }
        if batch.len() >= BATCH || (end && !batch.is_empty()) {
            imported.rows += batch.len() as u64;
            let lines = Arc::new(std::mem::take(&mut batch));
            let (known, of) = (ids.clone(), *ctx);
            let (learnt, new) = store.write(move |tx| import_batch(tx, &of, &lines, known.clone())).await?;
            ids = learnt;
            imported.new += new;
        }
        if end {
            break;
        }
    }
    if ids.tenant == 0 {
        return Err(TransferError::Line {
            line: number.max(1),
            detail: "the file ends before its tenant".to_owned(),
        });
    }
    imported.tenant = ids.tenant;
    let (of, detail) =
        (Ctx::of(ids.tenant, ctx.actor), format!("{} rows, {} new", imported.rows, imported.new));
    store
        .write(move |tx| {
            raise_revision(tx)?;
            dnd::changed_at_large(tx)?;
            admin::audit(tx, &of, now, "tenant.import", &detail)
        })
        .await?;
    Ok(imported)
}

/// `None` for the first line and for blank ones.
fn parse(text: &str, first: bool) -> Result<Option<Line>, String> {
    if text.trim().is_empty() && !first {
        return Ok(None);
    }
    let object: Map<String, Json> =
        serde_json::from_str(text.trim_end()).map_err(|error| error.to_string())?;
    if first {
        let ours = object.get("format").and_then(Json::as_str) == Some(FORMAT);
        return if ours {
            Ok(None)
        } else {
            Err(format!("the file does not start with the format {FORMAT}"))
        };
    }
    let name = object.get("table").and_then(Json::as_str).unwrap_or_default();
    let single = [&*TENANT, &*STORY, &*CHARGE, &*DND];
    let table = TABLES.iter().chain(single).find(|table| table.name == name);
    let table = table.ok_or_else(|| format!("no table `{name}` in this format"))?;
    Ok(Some(Line { table, values: table.read(&object)? }))
}

fn import_batch(tx: &mut dyn Sql, ctx: &Ctx, lines: &[Line], mut ids: Ids) -> Result<(Ids, u64), StoreError> {
    let mut new = 0;
    for line in lines {
        if line.table.name != TENANT.name && ids.tenant == 0 {
            return Err(StoreError::Refused("the file does not start with its tenant".to_owned()));
        }
        new += import_line(tx, ctx, line, &mut ids)?;
    }
    Ok((ids, new))
}

fn import_line(tx: &mut dyn Sql, ctx: &Ctx, line: &Line, ids: &mut Ids) -> Result<u64, StoreError> {
    let (table, mut values) = (line.table, line.values.clone());
    replace(table, &mut values, ids)?;
    let new = tx.exec(table.insert, &table.insert_params(&values))?;
    match table.name {
        "tenant" => {
            ids.tenant = named(tx, "SELECT id FROM tenant WHERE slug = ?1", &values, 0, None)?;
            if !ctx.covers(TenantId(ids.tenant)) {
                return Err(StoreError::Refused("the file holds another tenant".to_owned()));
            }
        }
        "service" => {
            let id = named(
                tx,
                "SELECT id FROM service WHERE slug = ?1 AND tenant = ?2",
                &values,
                2,
                Some(ids.tenant),
            )?;
            ids.services.insert(int(&line.values, Some(0))?, id);
        }
        "api_key" => {
            let id = named(
                tx,
                "SELECT id FROM api_key WHERE hash = ?1 AND tenant = ?2",
                &values,
                5,
                Some(ids.tenant),
            )?;
            ids.keys.insert(int(&line.values, Some(0))?, id);
        }
        "smpp_connection" => {
            let sql = "SELECT id FROM smpp_connection WHERE name = ?1 AND tenant = ?2";
            let id = named(tx, sql, &values, 1, Some(ids.tenant))?;
            ids.connections.insert(int(&line.values, Some(0))?, id);
        }
        "app" => {
            let sql = "SELECT id FROM app WHERE app_id = ?1 AND tenant = ?2";
            let id = named(tx, sql, &values, 2, Some(ids.tenant))?;
            ids.apps.insert(int(&line.values, Some(0))?, id);
        }
        "template" => {
            let sql = "SELECT id FROM template WHERE template_id = ?1 AND tenant = ?2";
            let id = named(tx, sql, &values, 2, Some(ids.tenant))?;
            ids.templates.insert(int(&line.values, Some(0))?, id);
        }
        "event" => {
            let sql = "SELECT id FROM event WHERE name = ?1 AND tenant = ?2";
            let id = named(tx, sql, &values, 2, Some(ids.tenant))?;
            ids.events.insert(int(&line.values, Some(0))?, id);
        }
        "message" if new == 1 => add_keys(tx, table, &values)?,
        "customer" if new == 1 => profiles::customer_keys(tx, table, &values)?,
        "app_profile" if new == 1 => profiles::app_profile_keys(tx, table, &values)?,
        "request" | "message" | "inbound" if new == 0 => same_tenant(tx, table, &values)?,
        _ => {}
    }
    Ok(new)
}

/// Puts this store's rows in place of the file's.
fn replace(table: &Table, values: &mut [Value], ids: &Ids) -> Result<(), StoreError> {
    // An id the file does not explain is a shared connection or a removed row: 0 names none.
    let mut put = |column: &str, known: &HashMap<i64, i64>| {
        let at = table.column(column);
        if let Some(Value::Int(id)) = at.and_then(|at| values.get_mut(at)) {
            *id = known.get(id).copied().unwrap_or(0);
        }
    };
    put("service", &ids.services);
    put("connection", &ids.connections);
    put("api_key", &ids.keys);
    put("app", &ids.apps);
    // Some tables have texts of these names.
    put("template", &ids.templates);
    put("event", &ids.events);
    if let Some(tenant) = table.column("tenant").and_then(|at| values.get_mut(at)) {
        *tenant = Value::Int(ids.tenant);
    }
    Ok(())
}

/// The row of this store with the name in column `at`.
fn named(
    tx: &mut dyn Sql,
    sql: &'static str,
    values: &[Value],
    at: usize,
    tenant: Option<i64>,
) -> Result<i64, StoreError> {
    let name = values.get(at).map_or(crate::Param::Null, Value::as_param);
    let mut params = vec![name];
    params.extend(tenant.map(crate::Param::Int));
    let taken = || StoreError::Refused("a name or key in the file belongs to another tenant here".to_owned());
    query_one(tx, sql, &params)?.ok_or_else(taken)?.int(0)
}

fn add_keys(tx: &mut dyn Sql, table: &Table, values: &[Value]) -> Result<(), StoreError> {
    let (id, tenant) = (int(values, table.column("id"))?, int(values, table.column("tenant"))?);
    let text = |column| match table.column(column).and_then(|at| values.get(at)) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    if let Some(destination) = text("destination") {
        let digits = destination.strip_prefix('+').unwrap_or(destination);
        keys::add(tx, key(KeyKind::Destination, tenant, digits), id)?;
    }
    match text("correlation") {
        Some(correlation) => keys::add(tx, key(KeyKind::CorrelationId, tenant, correlation), id),
        None => Ok(()),
    }
}

/// A row that is there already must be this tenant's: otherwise two installations gave the same id.
fn same_tenant(tx: &mut dyn Sql, table: &Table, values: &[Value]) -> Result<(), StoreError> {
    let sql = match table.name {
        "request" => "SELECT tenant FROM request WHERE id = ?1",
        "message" => "SELECT tenant FROM message WHERE id = ?1",
        _ => "SELECT tenant FROM inbound WHERE id = ?1",
    };
    let (id, tenant) = (int(values, table.column("id"))?, int(values, table.column("tenant"))?);
    let found = query_one(tx, sql, &[id.into()])?.map_or(Ok(None), |row| row.opt_int(0))?;
    if found == Some(tenant) {
        return Ok(());
    }
    Err(StoreError::Refused(format!("{} {id} belongs to another tenant here", table.name)))
}
