//! `waypost import`.

mod rehearsal;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde::Serialize;
use waypost_core::time::{Clock, SystemClock};
use waypost_store::directory::admin;
use waypost_store::transfer::{Imported, import_tenant};
use waypost_store::{Ctx, Store, TenantId};

use super::check_config::ConfigFile;
use super::output::{self, Format};
use crate::wiring;

/// Read a tenant that `waypost export` wrote; the running server notices within a second.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The whole file is tried on an empty store first: a faulty line is told by its number and nothing \
                        is imported.\nWhat is stored already stays as it is, so an import may be run again."
)]
pub struct Args {
    /// The file; not a pipe, for it is read twice.
    #[arg(value_name = "FILE")]
    from: PathBuf,
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Serialize)]
struct Summary {
    tenant: String,
    id: i64,
    rows: u64,
    new: u64,
}

/// The operator, for whatever tenant the file holds.
const ALL: Ctx = Ctx::operator(TenantId::ALL);

/// Exit code 0 once the whole file is stored.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = args.file.load()?;
    let summary = super::block_on(async {
        rehearsal::run(&config, &args.from)
            .await
            .with_context(|| format!("nothing is imported from {}", args.from.display()))?;
        let store = wiring::open_or_create(&config).await?;
        let stored = store_file(&store, &args.from).await;
        store.close().await;
        stored
    })?;
    if args.format.json {
        output::json(&summary)?;
    } else {
        let Summary { tenant, rows, new, .. } = &summary;
        output::print(&format!("tenant {tenant}: {rows} rows, {new} new\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn store_file(store: &Store, file: &Path) -> anyhow::Result<Summary> {
    let Imported { tenant, rows, new } = import_tenant(store, &ALL, SystemClock.now(), &mut open(file)?)
        .await
        .context("rows before the fault may be stored; remove its cause and run the import again")?;
    let slug = store.read(move |tx| Ok(admin::tenant(tx, &ALL, tenant)?.slug)).await?;
    Ok(Summary { tenant: slug, id: tenant, rows, new })
}

fn open(file: &Path) -> anyhow::Result<BufReader<File>> {
    let opened = File::open(file).with_context(|| format!("opening {}", file.display()))?;
    Ok(BufReader::new(opened))
}
