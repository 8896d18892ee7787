//! The line-of-business systems in which a person is known (spec 5.2).

use waypost_store::{Sql, StoreError};

use super::{Scope, audit};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessSystem {
    /// The service through which it is known.
    pub service: i64,
    /// Its published word.
    pub system: String,
    /// The person's reference there.
    pub reference: String,
}

/// Stores under which reference a system knows a person.
///
/// # Errors
/// See [`Sql::put`].
pub fn put(tx: &mut dyn Sql, scope: &Scope, user: i64, known: &BusinessSystem) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO sd_business_system (tenant, user_id, service, system, reference) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (tenant, user_id, service, system) DO UPDATE SET reference = ?5",
        &[
            scope.tenant().into(),
            user.into(),
            known.service.into(),
            (&known.system).into(),
            (&known.reference).into(),
        ],
    )?;
    audit::note(tx, scope, ("user", user), "business system", &known.system)
}

/// The systems that know a person, by service and word.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_user(tx: &mut dyn Sql, scope: &Scope, user: i64) -> Result<Vec<BusinessSystem>, StoreError> {
    let rows = tx.query(
        "SELECT service, system, reference FROM sd_business_system WHERE tenant = ?1 AND user_id = ?2 \
         ORDER BY service, system LIMIT 1000",
        &[scope.tenant().into(), user.into()],
    )?;
    rows.iter()
        .map(|row| {
            Ok(BusinessSystem {
                service: row.int(0)?,
                system: row.text(1)?.to_owned(),
                reference: row.text(2)?.to_owned(),
            })
        })
        .collect()
}
