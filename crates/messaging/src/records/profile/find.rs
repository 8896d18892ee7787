//! Profiles by many keys at once: one statement, whatever the number of keys.

use waypost_store::profiles::{ManySql, query_many};
use waypost_store::{Ctx, Row, Sql, StoreError, TenantId};

/// What a look-up needs of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerFound {
    /// The key it was found by.
    pub hash: i64,
    /// Whose customer.
    pub tenant: i64,
    /// Its id.
    pub customer_id: String,
    /// Its number, digits only.
    pub msisdn: Option<String>,
    /// Its mail address, in small letters.
    pub email: Option<String>,
    /// `status` is 1.
    pub active: bool,
    /// `verified` is 1.
    pub verified: bool,
}

/// What a look-up needs of an app profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppProfileFound {
    /// The key it was found by.
    pub hash: i64,
    /// Whose profile.
    pub tenant: i64,
    /// The app asset's row.
    pub app: i64,
    /// The customer it belongs to.
    pub customer_id: Option<String>,
    /// Its user: user id, page-scoped id, Twitter or WeChat id.
    pub user_id: Option<String>,
    /// Its device.
    pub device_id: Option<String>,
    /// Its push token.
    pub token: Option<String>,
    /// The platform of its token, as the app reported it.
    pub os: Option<String>,
    /// `status` is 1.
    pub active: bool,
    /// `verified` is 1.
    pub verified: bool,
}

/// Customers of one key that are looked at: the oldest, and those that share its hash by chance.
macro_rules! customers_sql {
    ($list:literal) => {
        concat!(
            "SELECT hash, tenant, customer_id, msisdn, email, active, verified FROM (",
            "SELECT k.hash, c.tenant, c.customer_id, c.msisdn, c.email, c.active, c.verified, ",
            "row_number() OVER (PARTITION BY k.hash ORDER BY c.id) AS place FROM ",
            $list,
            " AS wanted CROSS JOIN profile_key k CROSS JOIN customer c ",
            "WHERE k.hash = wanted.value AND c.id = k.profile) AS found WHERE place <= 8"
        )
    };
}

/// App profiles of one key that are looked at, the newest first.
macro_rules! app_profiles_sql {
    ($list:literal) => {
        concat!(
            "SELECT hash, tenant, app, customer_id, user_id, device_id, token, os, active, verified FROM (",
            "SELECT k.hash, p.tenant, p.app, p.customer_id, p.user_id, p.device_id, p.token, p.os, p.active, ",
            "p.verified, row_number() OVER (PARTITION BY k.hash ORDER BY p.id DESC) AS place FROM ",
            $list,
            " AS wanted CROSS JOIN profile_key k CROSS JOIN app_profile p ",
            "WHERE k.hash = wanted.value AND p.id = k.profile) AS found WHERE place <= 50"
        )
    };
}

const CUSTOMERS: ManySql = ManySql {
    sqlite: customers_sql!("json_each(?1)"),
    postgres: customers_sql!(
        "(SELECT value FROM unnest(CAST(string_to_array(?1, ',') AS BIGINT[])) AS listed (value))"
    ),
};

const APP_PROFILES: ManySql = ManySql {
    sqlite: app_profiles_sql!("json_each(?1)"),
    postgres: app_profiles_sql!(
        "(SELECT value FROM unnest(CAST(string_to_array(?1, ',') AS BIGINT[])) AS listed (value))"
    ),
};

/// The customers behind keys, oldest first for each key. Two texts may share a hash: compare the row.
///
/// # Errors
/// See [`Sql::query`].
pub fn customers(tx: &mut dyn Sql, ctx: &Ctx, hashes: &[i64]) -> Result<Vec<CustomerFound>, StoreError> {
    let rows = query_many(tx, CUSTOMERS, hashes)?;
    let found = rows.iter().map(customer).collect::<Result<Vec<_>, _>>()?;
    Ok(found.into_iter().filter(|found| ctx.covers(TenantId(found.tenant))).collect())
}

/// The app profiles behind keys, at most 50 for each key. Two texts may share a hash: compare the row.
///
/// # Errors
/// See [`Sql::query`].
pub fn app_profiles(tx: &mut dyn Sql, ctx: &Ctx, hashes: &[i64]) -> Result<Vec<AppProfileFound>, StoreError> {
    let rows = query_many(tx, APP_PROFILES, hashes)?;
    let found = rows.iter().map(app_profile).collect::<Result<Vec<_>, _>>()?;
    Ok(found.into_iter().filter(|found| ctx.covers(TenantId(found.tenant))).collect())
}

fn text(row: &Row, column: usize) -> Result<Option<String>, StoreError> {
    Ok(row.opt_text(column)?.map(str::to_owned))
}

fn customer(row: &Row) -> Result<CustomerFound, StoreError> {
    Ok(CustomerFound {
        hash: row.int(0)?,
        tenant: row.int(1)?,
        customer_id: row.text(2)?.to_owned(),
        msisdn: text(row, 3)?,
        email: text(row, 4)?,
        active: row.flag(5)?,
        verified: row.flag(6)?,
    })
}

fn app_profile(row: &Row) -> Result<AppProfileFound, StoreError> {
    Ok(AppProfileFound {
        hash: row.int(0)?,
        tenant: row.int(1)?,
        app: row.int(2)?,
        customer_id: text(row, 3)?,
        user_id: text(row, 4)?,
        device_id: text(row, 5)?,
        token: text(row, 6)?,
        os: text(row, 7)?,
        active: row.flag(8)?,
        verified: row.flag(9)?,
    })
}
