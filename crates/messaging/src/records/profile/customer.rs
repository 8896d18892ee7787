//! Customers: the master profiles of a tenant.

use waypost_core::time::Micros;
use waypost_store::profiles::{CustomerKeys, add_keys, change_keys, remove_keys};
use waypost_store::{Ctx, Engine, Row, Sql, StoreError, query_one};

/// What is stored of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerRecord {
    /// Its id, unique in the tenant.
    pub customer_id: String,
    /// Its number as it is compared: digits only.
    pub msisdn: Option<String>,
    /// Its mail address as it is compared: in small letters.
    pub email: Option<String>,
    /// `status` is not 0.
    pub active: bool,
    /// `verified` is 1.
    pub verified: bool,
    /// A JSON object of texts.
    pub attributes: String,
}

/// A stored customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRow {
    /// Its row.
    pub id: i64,
    /// What is stored.
    pub record: CustomerRecord,
    /// When it was created.
    pub created_at: Micros,
    /// When it last changed.
    pub updated_at: Micros,
}

impl CustomerRecord {
    fn hashes(&self, tenant: i64) -> Vec<i64> {
        let keys = CustomerKeys {
            tenant,
            customer_id: &self.customer_id,
            msisdn: self.msisdn.as_deref(),
            email: self.email.as_deref(),
        };
        keys.hashes()
    }
}

/// Stores a customer of `ctx`'s tenant; false when its id is taken.
///
/// # Errors
/// See [`Sql::query`].
pub fn insert(tx: &mut dyn Sql, ctx: &Ctx, new: &CustomerRecord, now: Micros) -> Result<bool, StoreError> {
    let tenant = ctx.tenant.0;
    let row = query_one(
        tx,
        "INSERT INTO customer (tenant, customer_id, msisdn, email, active, verified, attributes, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT (tenant, customer_id) DO NOTHING RETURNING id",
        &[
            tenant.into(),
            (&new.customer_id).into(),
            new.msisdn.as_deref().into(),
            new.email.as_deref().into(),
            new.active.into(),
            new.verified.into(),
            (&new.attributes).into(),
            now.into(),
        ],
    )?;
    let Some(row) = row else { return Ok(false) };
    add_keys(tx, &new.hashes(tenant), row.int(0)?)?;
    Ok(true)
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, customer_id, msisdn, email, active, verified, attributes, created_at, updated_at ",
            "FROM customer WHERE tenant = ?1 AND ",
            $rest
        )
    };
}

fn read(row: &Row) -> Result<CustomerRow, StoreError> {
    let text = |column| row.opt_text(column).map(|text| text.map(str::to_owned));
    Ok(CustomerRow {
        id: row.int(0)?,
        record: CustomerRecord {
            customer_id: row.text(1)?.to_owned(),
            msisdn: text(2)?,
            email: text(3)?,
            active: row.flag(4)?,
            verified: row.flag(5)?,
            attributes: row.text(6)?.to_owned(),
        },
        created_at: row.time(7)?,
        updated_at: row.time(8)?,
    })
}

/// A customer of `ctx`'s tenant by its id.
///
/// # Errors
/// See [`Sql::query`].
pub fn load(tx: &mut dyn Sql, ctx: &Ctx, customer_id: &str) -> Result<Option<CustomerRow>, StoreError> {
    let params = [ctx.tenant.0.into(), customer_id.into()];
    query_one(tx, select!("customer_id = ?2"), &params)?.as_ref().map(read).transpose()
}

/// The same, to be changed in this transaction: another node waits for it.
///
/// # Errors
/// See [`Sql::query`].
pub fn load_to_change(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    customer_id: &str,
) -> Result<Option<CustomerRow>, StoreError> {
    let sql = match tx.engine() {
        Engine::Sqlite => select!("customer_id = ?2"),
        Engine::Postgres => select!("customer_id = ?2 FOR UPDATE"),
    };
    query_one(tx, sql, &[ctx.tenant.0.into(), customer_id.into()])?.as_ref().map(read).transpose()
}

/// A page of the customers of `ctx`'s tenant: up to `max` after `after` (empty for the first page), by id.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(tx: &mut dyn Sql, ctx: &Ctx, after: &str, max: u32) -> Result<Vec<CustomerRow>, StoreError> {
    let params = [ctx.tenant.0.into(), after.into(), max.into()];
    tx.query(select!("customer_id > ?2 ORDER BY customer_id LIMIT ?3"), &params)?.iter().map(read).collect()
}

/// Changes a customer found by [`load_to_change`]; its id stays.
///
/// # Errors
/// See [`Sql::put`].
pub fn update(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    before: &CustomerRow,
    after: &CustomerRecord,
    now: Micros,
) -> Result<(), StoreError> {
    let tenant = ctx.tenant.0;
    tx.put(
        "UPDATE customer SET msisdn = ?3, email = ?4, active = ?5, verified = ?6, attributes = ?7, updated_at = ?8 \
         WHERE tenant = ?1 AND id = ?2",
        &[
            tenant.into(),
            before.id.into(),
            after.msisdn.as_deref().into(),
            after.email.as_deref().into(),
            after.active.into(),
            after.verified.into(),
            (&after.attributes).into(),
            now.into(),
        ],
    )?;
    change_keys(tx, (&before.record.hashes(tenant), &after.hashes(tenant)), before.id)
}

/// Removes a customer for good; its app profiles stay, without a master. False when there is none.
///
/// # Errors
/// See [`Sql::exec`].
pub fn delete(tx: &mut dyn Sql, ctx: &Ctx, customer_id: &str) -> Result<bool, StoreError> {
    let Some(found) = load_to_change(tx, ctx, customer_id)? else { return Ok(false) };
    let tenant = ctx.tenant.0;
    tx.put("DELETE FROM customer WHERE tenant = ?1 AND id = ?2", &[tenant.into(), found.id.into()])?;
    remove_keys(tx, &found.record.hashes(tenant), found.id)?;
    Ok(true)
}
