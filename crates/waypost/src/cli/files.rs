//! `waypost files`: what operators do with the files of service requests.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;
use serde::Serialize;
use waypost_core::time::{Clock, SystemClock};
use waypost_services::records::Scope;
use waypost_services::work::rescan::{Rescan, Tally};
use waypost_store::directory::admin;
use waypost_store::{Ctx, Sql, Store, StoreError, TenantId};

use super::check_config::ConfigFile;
use super::output::{self, Format};
use super::{Usage, block_on};
use crate::wiring;

/// Files of service requests.
#[derive(Debug, Subcommand)]
pub enum Command {
    Rescan(RescanArgs),
}

/// Scan stored files with the scanner's newest signatures; what is infected is given out no more.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "May run beside the server. A content that was judged with these signatures is not scanned again.\n\
                  Exit code 1: a file is longer than the scanner takes."
)]
pub struct RescanArgs {
    /// Only the files of this tenant, by its short name.
    #[arg(long)]
    tenant: Option<String>,
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    format: Format,
}

/// Runs the subcommand.
pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Rescan(args) => rescan(args),
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    tenant: String,
    scanned: u64,
    clean: u64,
    infected: u64,
    newly_infected: Vec<i64>,
    released: Vec<i64>,
    absent: u64,
    failed: Vec<i64>,
}

impl Shown {
    fn of(tenant: String, tally: Tally) -> Self {
        let Tally { scanned, clean, infected, newly_infected, released, absent, failed } = tally;
        Self { tenant, scanned, clean, infected, newly_infected, released, absent, failed }
    }

    fn row(&self) -> [String; 7] {
        let ids = |ids: &[i64]| ids.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
        [
            self.tenant.clone(),
            self.scanned.to_string(),
            self.clean.to_string(),
            self.infected.to_string(),
            ids(&self.newly_infected),
            ids(&self.released),
            ids(&self.failed),
        ]
    }
}

fn rescan(args: &RescanArgs) -> anyhow::Result<ExitCode> {
    let config = args.file.load()?;
    let found = block_on(async {
        let store = wiring::open_command(&config)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let done = match wiring::rescan(&config, &store, clock) {
            Ok(Some(rescan)) => each(&rescan, &store, args.tenant.clone()).await,
            Ok(None) => Err(Usage("services.clamd is empty: there is no scanner".to_owned()).into()),
            Err(error) => Err(error),
        };
        store.close().await;
        done
    })?;
    if args.format.json {
        output::json(&found)?;
    } else {
        let header = ["Tenant", "Scanned", "Clean", "Infected", "Newly infected", "Released", "Too long"];
        output::table(header, found.iter().map(Shown::row))?;
    }
    let whole = found.iter().all(|one| one.failed.is_empty());
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn each(rescan: &Rescan, store: &Store, only: Option<String>) -> anyhow::Result<Vec<Shown>> {
    let tenants = store.read(move |tx| tenants(tx, only.as_deref())).await?;
    let mut found = Vec::new();
    for (id, slug) in tenants {
        let tally = rescan.run(&Scope::operator(TenantId(id), rescan.clock.now())).await?;
        found.push(Shown::of(slug, tally));
    }
    Ok(found)
}

fn tenants(tx: &mut dyn Sql, only: Option<&str>) -> Result<Vec<(i64, String)>, StoreError> {
    let all = Ctx::operator(TenantId::ALL);
    Ok(match only {
        Some(slug) => vec![admin::tenant_by_slug(tx, &all, slug)?],
        None => admin::list_tenants(tx, &all)?,
    }
    .into_iter()
    .map(|tenant| (tenant.id, tenant.slug))
    .collect())
}
