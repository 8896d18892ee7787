//! Makes imported profiles findable: their rows have new numbers here, and their tenant and apps too.

use super::table::{Table, int};
use crate::profiles::{AppProfileKeys, CustomerKeys, add_keys};
use crate::sql::{Sql, Value, query_one};
use crate::{Param, StoreError};

fn text<'a>(table: &Table, values: &'a [Value], column: &str) -> Option<&'a str> {
    match table.column(column).and_then(|at| values.get(at)) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn row(tx: &mut dyn Sql, sql: &'static str, params: &[Param<'_>]) -> Result<i64, StoreError> {
    let missing = || StoreError::Corrupt("an imported profile is not there".to_owned());
    query_one(tx, sql, params)?.ok_or_else(missing)?.int(0)
}

/// The keys of a customer that was just stored.
pub(super) fn customer_keys(tx: &mut dyn Sql, table: &Table, values: &[Value]) -> Result<(), StoreError> {
    let keys = CustomerKeys {
        tenant: int(values, table.column("tenant"))?,
        customer_id: text(table, values, "customer_id").unwrap_or_default(),
        msisdn: text(table, values, "msisdn"),
        email: text(table, values, "email"),
    };
    let sql = "SELECT id FROM customer WHERE tenant = ?1 AND customer_id = ?2";
    let id = row(tx, sql, &[keys.tenant.into(), keys.customer_id.into()])?;
    add_keys(tx, &keys.hashes(), id)
}

/// The keys of an app profile that was just stored.
pub(super) fn app_profile_keys(tx: &mut dyn Sql, table: &Table, values: &[Value]) -> Result<(), StoreError> {
    let keys = AppProfileKeys {
        app: int(values, table.column("app"))?,
        customer_id: text(table, values, "customer_id"),
        user_id: text(table, values, "user_id"),
        device_id: text(table, values, "device_id"),
        token: text(table, values, "token"),
    };
    let ident = text(table, values, "ident").unwrap_or_default();
    let tenant = int(values, table.column("tenant"))?;
    let sql = "SELECT id FROM app_profile WHERE tenant = ?1 AND app = ?2 AND ident = ?3";
    let id = row(tx, sql, &[tenant.into(), keys.app.into(), ident.into()])?;
    add_keys(tx, &keys.hashes(), id)
}
