//! `waypost export`.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use serde::Serialize;
use tempfile::NamedTempFile;
use waypost_core::time::{Clock, SystemClock};
use waypost_store::directory::admin;
use waypost_store::transfer::{ExportOptions, TransferError, export_tenant};
use waypost_store::{Ctx, Store, TenantId};

use super::check_config::ConfigFile;
use super::output::{self, Format};
use crate::wiring;

/// Write one tenant, with its settings, messages and their stories, as JSON Lines while the server runs.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Work that is still open is not part of it. Texts, numbers and key hashes are: guard the file."
)]
pub struct Args {
    /// The tenant's slug.
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    /// The new file; its folder must exist. Without it: standard output, and the summary goes to standard error.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Sealed passwords and secrets too; they open only under the master key of this server.
    #[arg(long)]
    with_secrets: bool,
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Serialize)]
struct Summary<'a> {
    tenant: &'a str,
    rows: u64,
    secrets: bool,
    file: Option<&'a Path>,
}

/// Exit code 0 once the whole tenant is written.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = args.file.load()?;
    let rows = super::block_on(async {
        let store = wiring::open_command(&config)?;
        let written = write(&store, args).await;
        store.close().await;
        written
    })?;
    let secrets = args.with_secrets;
    let summary = Summary { tenant: &args.tenant, rows, secrets, file: args.out.as_deref() };
    let line = format!("tenant {}: {rows} rows", args.tenant);
    match (args.out.is_some(), args.format.json) {
        (true, true) => output::json(&summary)?,
        (true, false) => output::print(&format!("{line}\n"))?,
        (false, true) => eprintln!("{}", serde_json::to_string_pretty(&summary)?),
        (false, false) => eprintln!("{line}"),
    }
    Ok(ExitCode::SUCCESS)
}

async fn write(store: &Store, args: &Args) -> anyhow::Result<u64> {
    let slug = args.tenant.clone();
    let all = Ctx::operator(TenantId::ALL);
    let tenant = store.read(move |tx| admin::tenant_by_slug(tx, &all, &slug)).await?;
    let ctx = Ctx::operator(TenantId(tenant.id));
    let options = ExportOptions { secrets: args.with_secrets, until: SystemClock.now() };
    match &args.out {
        Some(file) => to_file(store, &ctx, options, file).await,
        None => match export_tenant(store, &ctx, options, &mut BufWriter::new(io::stdout())).await {
            // The reader has seen what it wanted.
            Err(TransferError::Io(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(0),
            written => Ok(written?),
        },
    }
}

/// The file has its name only once it is whole, and only its owner may read it.
async fn to_file(store: &Store, ctx: &Ctx, options: ExportOptions, file: &Path) -> anyhow::Result<u64> {
    ensure!(!file.exists(), "{} is there already; name a new file", file.display());
    let writing = || format!("writing {}", file.display());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut out = BufWriter::new(NamedTempFile::new_in(folder).with_context(writing)?);
    let rows = export_tenant(store, ctx, options, &mut out).await?;
    out.flush().with_context(writing)?;
    let whole = out.into_inner().map_err(io::IntoInnerError::into_error).with_context(writing)?;
    whole.as_file().sync_all().with_context(writing)?;
    whole.persist_noclobber(file).with_context(writing)?;
    Ok(rows)
}
