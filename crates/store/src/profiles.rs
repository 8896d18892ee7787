//! The keys by which profiles are found, and many look-ups in one statement.
//!
//! A profile has up to five ways in. An index over each text would put five random texts into the tree at every write;
//! here they are five pairs of integers in one table, whose rows are compared with the profile's own texts afterwards.

use waypost_core::key::{KeyKind, key};

use crate::sql::{Engine, Sql};
use crate::{Row, StoreError};

/// What a customer is found by.
#[derive(Clone, Copy, Debug)]
pub struct CustomerKeys<'a> {
    /// Whose customer.
    pub tenant: i64,
    /// Its id.
    pub customer_id: &'a str,
    /// Its number, digits only.
    pub msisdn: Option<&'a str>,
    /// Its mail address, in small letters.
    pub email: Option<&'a str>,
}

impl CustomerKeys<'_> {
    /// The hashes of its rows in `profile_key`.
    #[must_use]
    pub fn hashes(&self) -> Vec<i64> {
        let of = |kind, text: Option<&str>| text.map(|text| key(kind, self.tenant, text));
        let all = [
            of(KeyKind::CustomerId, Some(self.customer_id)),
            of(KeyKind::ProfileMsisdn, self.msisdn),
            of(KeyKind::ProfileEmail, self.email),
        ];
        all.into_iter().flatten().collect()
    }
}

/// What an app profile is found by.
#[derive(Clone, Copy, Debug)]
pub struct AppProfileKeys<'a> {
    /// The app asset's row.
    pub app: i64,
    /// The customer it belongs to.
    pub customer_id: Option<&'a str>,
    /// Its user.
    pub user_id: Option<&'a str>,
    /// Its device.
    pub device_id: Option<&'a str>,
    /// Its push token.
    pub token: Option<&'a str>,
}

impl AppProfileKeys<'_> {
    /// The hashes of its rows in `profile_key`.
    #[must_use]
    pub fn hashes(&self) -> Vec<i64> {
        let of = |kind, text: Option<&str>| text.map(|text| key(kind, self.app, text));
        let all = [
            of(KeyKind::AppCustomer, self.customer_id),
            of(KeyKind::AppUser, self.user_id),
            of(KeyKind::AppDevice, self.device_id),
            of(KeyKind::AppToken, self.token),
        ];
        all.into_iter().flatten().collect()
    }
}

/// Makes a profile findable.
///
/// # Errors
/// See [`Sql::put`].
pub fn add_keys(tx: &mut dyn Sql, hashes: &[i64], profile: i64) -> Result<(), StoreError> {
    for hash in hashes {
        tx.put(
            "INSERT INTO profile_key (hash, profile) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            &[(*hash).into(), profile.into()],
        )?;
    }
    Ok(())
}

/// Takes ways to a profile away.
///
/// # Errors
/// See [`Sql::put`].
pub fn remove_keys(tx: &mut dyn Sql, hashes: &[i64], profile: i64) -> Result<(), StoreError> {
    for hash in hashes {
        tx.put(
            "DELETE FROM profile_key WHERE hash = ?1 AND profile = ?2",
            &[(*hash).into(), profile.into()],
        )?;
    }
    Ok(())
}

/// Replaces the ways to a profile; what stays is not touched.
///
/// # Errors
/// See [`Sql::put`].
pub fn change_keys(
    tx: &mut dyn Sql,
    (before, after): (&[i64], &[i64]),
    profile: i64,
) -> Result<(), StoreError> {
    let only = |these: &[i64], those: &[i64]| -> Vec<i64> {
        these.iter().copied().filter(|hash| !those.contains(hash)).collect()
    };
    remove_keys(tx, &only(before, after), profile)?;
    add_keys(tx, &only(after, before), profile)
}

/// A statement over a list of hashes, one text an engine: both start with a list of the values of ?1.
#[derive(Clone, Copy, Debug)]
pub struct ManySql {
    /// Reads `json_each(?1)`.
    pub sqlite: &'static str,
    /// Reads `unnest(CAST(string_to_array(?1, ',') AS BIGINT[]))`.
    pub postgres: &'static str,
}

/// Runs a statement for all hashes at once.
///
/// # Errors
/// See [`Sql::query`].
pub fn query_many(tx: &mut dyn Sql, sql: ManySql, hashes: &[i64]) -> Result<Vec<Row>, StoreError> {
    let list = hashes.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    match tx.engine() {
        Engine::Sqlite => tx.query(sql.sqlite, &[(&format!("[{list}]")).into()]),
        Engine::Postgres => tx.query(sql.postgres, &[(&list).into()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_has_no_key_and_scopes_do_not_meet() {
        let of = |tenant| CustomerKeys { tenant, customer_id: "c", msisdn: None, email: Some("a@b") };
        assert_eq!(of(1).hashes().len(), 2);
        assert!(of(1).hashes().iter().all(|hash| !of(2).hashes().contains(hash)));
        let app = AppProfileKeys {
            app: 1,
            customer_id: Some("x"),
            user_id: Some("x"),
            device_id: None,
            token: None,
        };
        assert_ne!(app.hashes()[0], app.hashes()[1]);
    }
}
