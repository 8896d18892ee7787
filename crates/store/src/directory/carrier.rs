//! Ways to providers: connections to SMSCs and trunks to SIP providers. They are kept alike, each kind in a table of its own.

use waypost_core::time::Micros;

use super::rows::secret;
use crate::StoreError;
use crate::seal::{MasterKey, Secret};
use crate::sql::{Row, Sql};

/// Which kind of way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarrierKind {
    /// To an SMSC.
    Connection,
    /// To a SIP provider.
    Trunk,
}

/// A way to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// Its name, unique among its kind. Never changes.
    pub name: String,
    /// The only tenant that uses it; `None` for all.
    pub tenant: Option<i64>,
    /// Whether it leads to a simulator.
    pub sandbox: bool,
    /// The connector's settings as JSON, without the password.
    pub config: String,
    /// The password; `None` in answers of `admin`.
    pub password: Option<Secret>,
    /// Whether a password is stored.
    pub has_password: bool,
    /// Whether it is in use.
    pub enabled: bool,
    /// When it was created.
    pub created_at: Micros,
}

/// A connection to an SMSC.
pub type SmppConnection = Carrier;
/// A trunk to a SIP provider.
pub type SipTrunk = Carrier;

impl CarrierKind {
    /// What it is called, in commands, in the audit and in what is refused.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Trunk => "trunk",
        }
    }

    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Connection => "smpp_connection",
            Self::Trunk => "sip_trunk",
        }
    }

    /// The purpose the password of one is sealed for.
    pub(super) fn purpose(self, name: &str) -> String {
        format!("{}/password/{name}", self.table())
    }
}

/// All of a kind, by row. Without a key the passwords stay closed.
pub(super) fn all(
    tx: &mut dyn Sql,
    kind: CarrierKind,
    master: Option<&MasterKey>,
) -> Result<Vec<Carrier>, StoreError> {
    let sql = format!(
        "SELECT id, name, tenant, sandbox, config, password, enabled, created_at FROM {} ORDER BY id",
        kind.table()
    );
    tx.query_composed(&sql, &[])?.iter().map(|row| read(row, kind, master)).collect()
}

fn read(row: &Row, kind: CarrierKind, master: Option<&MasterKey>) -> Result<Carrier, StoreError> {
    let name = row.text(1)?;
    Ok(Carrier {
        id: row.int(0)?,
        name: name.to_owned(),
        tenant: row.opt_int(2)?,
        sandbox: row.flag(3)?,
        config: row.text(4)?.to_owned(),
        password: secret(row.opt_blob(5)?, master, || kind.purpose(name))?,
        has_password: row.opt_blob(5)?.is_some(),
        enabled: row.flag(6)?,
        created_at: row.time(7)?,
    })
}
