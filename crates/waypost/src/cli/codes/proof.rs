//! `waypost codes proof`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use serde::Serialize;
use waypost_status::proof::{self, Floor, ProofTable};

use crate::cli::output::{self, Format};

/// Print the share of the catalogue that tests have provoked, and compare it with the committed floor.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit code 1: an API has fewer proven codes than the floor.")]
pub struct Args {
    /// The folder named by WAYPOST_PROOF_DIR while the tests ran.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// List every code without a proof, too.
    #[arg(long)]
    unproven: bool,
    /// Write the counts as the new floor to this file, for example catalogue/proof-floor.toml.
    #[arg(long, value_name = "FILE")]
    write_floor: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Serialize)]
struct Row {
    api: &'static str,
    entries: usize,
    reserved: usize,
    proven: usize,
    floor: usize,
    share: f64,
    unproven: Vec<String>,
}

/// Exit code 1 when an API has fallen below the floor.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let keys =
        proof::load(&args.dir).with_context(|| format!("reading proofs from {}", args.dir.display()))?;
    let table = proof::table(&keys)?;
    let floor = Floor::committed()?;
    let rows = rows(&table, &floor);
    if args.format.json {
        output::json(&rows)?;
    } else {
        print(args, &rows)?;
    }
    if let Some(file) = &args.write_floor {
        std::fs::write(file, table.floor().to_string())
            .with_context(|| format!("writing {}", file.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let Err(fallen) = table.compare(&floor) else { return Ok(ExitCode::SUCCESS) };
    for api in fallen {
        eprintln!("waypost: {api}");
    }
    Ok(ExitCode::FAILURE)
}

fn rows(table: &ProofTable, floor: &Floor) -> Vec<Row> {
    let row = |proof: &proof::ApiProof| Row {
        api: proof.api.as_str(),
        entries: proof.entries,
        reserved: proof.reserved,
        proven: proof.proven,
        floor: floor.proven.get(&proof.api).copied().unwrap_or_default(),
        share: proof.share(),
        unproven: proof.unproven.clone(),
    };
    table.apis.iter().map(row).collect()
}

fn print(args: &Args, rows: &[Row]) -> anyhow::Result<()> {
    let cells = rows.iter().map(|row| {
        let percent = format!("{:.1} %", row.share * 100.0);
        let counts = [row.entries, row.reserved, row.proven, row.floor].map(|count| count.to_string());
        let [entries, reserved, proven, floor] = counts;
        [row.api.to_owned(), entries, reserved, proven, percent, floor]
    });
    output::table(["API", "Entries", "Reserved", "Proven", "Share", "Floor"], cells)?;
    if args.unproven {
        for key in rows.iter().flat_map(|row| &row.unproven) {
            output::print(&format!("{key}\n"))?;
        }
    }
    Ok(())
}
