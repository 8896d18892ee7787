//! What every admin command works with: the store, the time, the way to answer.

use serde::Serialize;
use waypost_core::time::{Clock, Micros, SystemClock, rfc3339_utc};
use waypost_store::directory::Tenant;
use waypost_store::directory::admin;
use waypost_store::{Ctx, Sql, Store, StoreError, TenantId};

use crate::cli::output::{self, Format};
use crate::config::Config;
use crate::wiring;

/// The operator's desk.
pub struct Desk {
    /// The configuration, for the master key.
    pub config: Config,
    store: Store,
    format: Format,
}

/// The operator, across tenants.
pub const ALL: Ctx = Ctx::operator(TenantId::ALL);

/// What a change answers in JSON.
#[derive(Debug, Serialize)]
pub struct Done<'a> {
    /// What was done, for example `sender.add`.
    pub done: &'static str,
    /// To what.
    pub name: &'a str,
}

impl Desk {
    /// Opens the configured store.
    pub async fn open(config: Config, format: Format) -> anyhow::Result<Self> {
        let store = wiring::open_or_create(&config).await?;
        Ok(Self { config, store, format })
    }

    /// Closes the store.
    pub async fn close(self) {
        self.store.close().await;
    }

    /// Changes the directory in one transaction.
    pub async fn change<T: Send + 'static>(
        &self,
        mut job: impl FnMut(&mut dyn Sql, Micros) -> Result<T, StoreError> + Send + 'static,
    ) -> anyhow::Result<T> {
        let now = SystemClock.now();
        Ok(self.store.write(move |tx| job(tx, now)).await?)
    }

    /// Reads in one consistent view.
    pub async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> anyhow::Result<T> {
        Ok(self.store.read(job).await?)
    }

    /// Prints what was found: JSON as it is, or the rows of a table.
    pub fn list<T: Serialize, const N: usize>(
        &self,
        found: &[T],
        header: [&str; N],
        row: impl Fn(&T) -> [String; N],
    ) -> anyhow::Result<()> {
        if self.format.json { output::json(found) } else { output::table(header, found.iter().map(row)) }
    }

    /// Prints the outcome of a change: JSON as it is, or one line of text.
    pub fn tell<T: Serialize>(&self, outcome: &T, line: &str) -> anyhow::Result<()> {
        if self.format.json { output::json(outcome) } else { output::print(&format!("{line}\n")) }
    }
}

/// The tenant with this slug, and the operator's context inside it.
pub fn tenant(tx: &mut dyn Sql, slug: &str) -> Result<(Ctx, Tenant), StoreError> {
    let tenant = admin::tenant_by_slug(tx, &ALL, slug)?;
    Ok((Ctx::operator(TenantId(tenant.id)), tenant))
}

/// The context of one tenant, or of all when none is named.
pub fn tenant_or_all(tx: &mut dyn Sql, slug: Option<&str>) -> Result<Ctx, StoreError> {
    slug.map_or(Ok(ALL), |slug| tenant(tx, slug).map(|(ctx, _)| ctx))
}

/// A moment as it is shown.
pub fn shown(at: Micros) -> String {
    rfc3339_utc(at)
}
