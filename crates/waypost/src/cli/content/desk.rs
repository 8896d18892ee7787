//! What every content command works with.

use std::sync::Arc;

use waypost_content::records::env::Env;
use waypost_content::records::lane::Lane;
use waypost_core::id::IdGenerator;
use waypost_core::time::{Clock, SystemClock};
use waypost_store::directory::{DirectoryHandle, Partner, Tenant};
use waypost_store::{Ctx, Sql, Store, StoreError, TenantId};

use crate::cli::check_config::ConfigFile;
use crate::cli::output::{self, Format};
use crate::cli::{Usage, block_on};
use crate::wiring;

/// The operator, across tenants.
pub const ALL: Ctx = Ctx::operator(TenantId::ALL);
/// The node whose ids commands use, so that they never meet a running server's; a server of this number uses the other.
const COMMAND_NODES: [u8; 2] = [63, 62];

/// Options of every content command.
#[derive(Debug, Clone, clap::Args)]
pub struct Common {
    #[command(flatten)]
    pub file: ConfigFile,
    #[command(flatten)]
    pub format: Format,
}

/// The store, and what its content queries need.
pub struct Desk {
    /// The store.
    pub store: Store,
    /// Ids, partners, settings; its time is the command's.
    pub env: Env,
}

impl Common {
    /// Opens the store, does the work, closes the store.
    pub fn with<T>(&self, work: impl AsyncFnOnce(&Desk) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let config = self.file.load()?;
        block_on(async {
            let master = Arc::new(wiring::master_key(&config)?);
            let store = wiring::open_command(&config)?;
            let node =
                COMMAND_NODES.into_iter().find(|node| *node != config.store.node).unwrap_or(COMMAND_NODES[0]);
            let directory = DirectoryHandle::open(&store, master).await?.current();
            let timing = Arc::new(wiring::content_timing(&config));
            let ids = Arc::new(IdGenerator::new(node)?);
            let env = Env { ids, directory, now: SystemClock.now(), timing };
            let desk = Desk { store, env };
            let done = work(&desk).await;
            desk.store.close().await;
            done
        })
    }

    /// Prints JSON, or one line of text.
    pub fn tell(&self, value: &serde_json::Value, line: &str) -> anyhow::Result<()> {
        if self.format.json { output::json(value) } else { output::print(&format!("{line}\n")) }
    }
}

impl Desk {
    /// The partner with this short name.
    pub fn partner(&self, slug: &str) -> Result<&Partner, Usage> {
        let found = self.env.directory.partners().iter().find(|partner| partner.slug == slug);
        found.ok_or_else(|| Usage(format!("no partner {slug}; waypost admin partner list shows them")))
    }

    /// The tenant with this short name.
    pub fn tenant(&self, slug: &str) -> Result<&Tenant, Usage> {
        let found = self.env.directory.tenants().find(|tenant| tenant.slug == slug);
        found.ok_or_else(|| Usage(format!("no tenant {slug}; waypost admin tenant list shows them")))
    }

    /// A property at a partner.
    pub fn lane(&self, slug: &str, property: &str) -> Result<Lane, Usage> {
        let partner = self.partner(slug)?;
        Ok(Lane { partner: partner.id, tenant: partner.tenant, property: property.to_owned() })
    }

    /// Changes in one transaction.
    pub async fn change<T: Send + 'static>(
        &self,
        mut job: impl FnMut(&mut dyn Sql, &Env) -> Result<T, StoreError> + Send + 'static,
    ) -> anyhow::Result<T> {
        let env = self.env.clone();
        Ok(self.store.write(move |tx| job(tx, &env)).await?)
    }
}
