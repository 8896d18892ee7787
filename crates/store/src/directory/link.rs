//! Smart links (spec 3.1): addresses that a message leads to by a short link of its own, and that count who follows.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use crate::sql::Sql;
use crate::{Param, Row, StoreError};

/// A smart link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Its row: the `linkid` of the wire.
    pub id: i64,
    /// The tenant's row.
    #[serde(skip)]
    pub tenant: i64,
    /// Its name, unique in the tenant.
    pub name: String,
    /// Where it leads.
    pub url: String,
    /// How long after its message was accepted it leads on, unless the request says otherwise.
    pub validity_minutes: u32,
    /// Whether it may be used in new messages and is followed.
    pub enabled: bool,
}

/// All links when ?1 is 0, otherwise those of one tenant.
pub(super) const SELECT: &str = "SELECT id, tenant, name, url, validity_minutes, enabled FROM link \
     WHERE (tenant = ?1 OR ?1 = 0) ORDER BY id";

pub(super) fn from_row(row: &Row) -> Result<Link, StoreError> {
    Ok(Link {
        id: row.int(0)?,
        tenant: row.int(1)?,
        name: row.text(2)?.to_owned(),
        url: row.text(3)?.to_owned(),
        validity_minutes: u32::try_from(row.int(4)?).unwrap_or(u32::MAX),
        enabled: row.flag(5)?,
    })
}

pub(super) fn load(tx: &mut dyn Sql) -> Result<HashMap<i64, Arc<Link>>, StoreError> {
    let rows = tx.query(SELECT, &[Param::Int(0)])?;
    rows.iter().map(|row| from_row(row).map(|link| (link.id, Arc::new(link)))).collect()
}
