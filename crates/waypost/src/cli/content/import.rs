//! `waypost content import`.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::ValueEnum;
use waypost_content::Kind;
use waypost_content::import::{self, ImportFault, Read};
use waypost_content::records::intake::{self, TOGETHER_MAX, Tally};

use super::desk::{Common, Desk};
use crate::cli::{Usage, output};

/// Bytes of a JSON or CSV file; JSON Lines has no bound.
const FILE_BYTES_MAX: u64 = 512 << 20;

/// Read hotels, taxes, cancellation policies, room types, rate plans and products into a tenant's content.
#[derive(Debug, clap::Args)]
#[command(after_help = "JSON and JSON Lines hold messages as the push API takes them, without messageId: \
    {\"propertyCode\":\"LIS1\",\"rooms\":[...]}. CSV has one object a row, its first row the names of the fields, with propertyCode; \
    cells that are JSON are values. What changes is pushed to the tenant's partners. Exit code 1 when something was refused.")]
pub struct Args {
    /// The file.
    file: PathBuf,
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// How it is written; told by the file's ending when left out.
    #[arg(long, value_enum)]
    format_of_file: Option<FileFormat>,
    /// What the rows of a CSV are: hotel, tax, cancellation-policy, roomtype, rateplan or products.
    #[arg(long)]
    kind: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// One message, or an array of them.
    Json,
    /// One message a line.
    Jsonl,
    /// One object a row.
    Csv,
}

/// Reads the file; exit code 1 when something was refused.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let tally = args.common.with(async |desk: &Desk| {
        let tenant = desk.tenant(&args.tenant)?.id;
        let mut tally = Tally::default();
        let mut group = Vec::new();
        for one in messages(args)? {
            group.push(one?);
            if group.len() == TOGETHER_MAX {
                apply(desk, tenant, std::mem::take(&mut group), &mut tally).await?;
            }
        }
        apply(desk, tenant, group, &mut tally).await?;
        Ok(tally)
    })?;
    show(args, &tally)?;
    Ok(if tally.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

type Messages = Box<dyn Iterator<Item = Result<(usize, Read), ImportFault>>>;

fn messages(args: &Args) -> anyhow::Result<Messages> {
    let ending = args.file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let format = args.format_of_file.or_else(|| FileFormat::from_str(ending, true).ok());
    let format = format.ok_or_else(|| Usage("say --format-of-file json, jsonl or csv".to_owned()))?;
    let file = File::open(&args.file).with_context(|| format!("opening {}", args.file.display()))?;
    let large =
        || Usage(format!("{} is larger than {FILE_BYTES_MAX} bytes; write JSON Lines", args.file.display()));
    Ok(match format {
        FileFormat::Jsonl => Box::new(import::json_lines(BufReader::new(file))),
        _ if file.metadata()?.len() > FILE_BYTES_MAX => return Err(large().into()),
        FileFormat::Json => {
            let mut text = Vec::new();
            BufReader::new(file).read_to_end(&mut text)?;
            Box::new(import::json(&text)?.into_iter().map(Ok))
        }
        FileFormat::Csv => {
            let word = args.kind.as_deref().unwrap_or_default();
            let kind = Kind::from_word(word).ok_or_else(|| {
                Usage("say by --kind what the rows of the CSV are, for example roomtype".to_owned())
            })?;
            Box::new(import::csv(kind, BufReader::new(file))?.into_iter().map(Ok))
        }
    })
}

async fn apply(desk: &Desk, tenant: i64, group: Vec<(usize, Read)>, tally: &mut Tally) -> anyhow::Result<()> {
    let good = tally.sort(group);
    tally.add(desk.change(move |tx, env| intake::apply(tx, env, tenant, &good)).await?);
    Ok(())
}

fn show(args: &Args, tally: &Tally) -> anyhow::Result<()> {
    let shown: serde_json::Value = serde_json::from_str(&tally.to_json().to_string())?;
    if args.common.format.json {
        return output::json(&shown);
    }
    for one in shown["refusals"].as_array().into_iter().flatten() {
        eprintln!("line {}: {}", one["line"], one["message"].as_str().unwrap_or_default());
        for error in one["errors"].as_array().into_iter().flatten() {
            eprintln!("  {} {}", error["errorCode"], error["errorMessage"].as_str().unwrap_or_default());
        }
    }
    let Tally { messages, changed, refused, .. } = tally;
    output::print(&format!(
        "{messages} messages read, {changed} objects changed, {refused} messages refused\n"
    ))
}
