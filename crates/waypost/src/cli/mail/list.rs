//! `waypost mail list`.

use std::process::ExitCode;

use serde_json::{Value, json};
use waypost_core::time::rfc3339_utc;
use waypost_mail::records::{self, MailRow};
use waypost_store::{Ctx, TenantId};

use crate::cli::block_on;
use crate::cli::check_config::ConfigFile;
use crate::cli::output::{self, Format};
use crate::wiring;

/// The operator, across tenants.
pub const ALL: Ctx = Ctx::operator(TenantId::ALL);

/// List letters, newest first.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only letters the relay has not taken.
    #[arg(long)]
    unsent: bool,
    /// How many at most.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    format: Format,
}

/// Prints the letters without what stands in them.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = args.file.load()?;
    let (unsent, limit) = (args.unsent, args.limit);
    let rows = block_on(async {
        let store = wiring::open_command(&config)?;
        let rows = store.read(move |tx| records::list(tx, &ALL, unsent, limit)).await;
        store.close().await;
        Ok(rows?)
    })?;
    if args.format.json {
        output::json(&rows.iter().map(shown).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    output::table(
        ["Id", "Written", "Reason", "About", "State", "Attempts", "Reply"],
        rows.iter().map(|row| {
            let state = if row.is_diverted {
                format!("{} (diverted)", row.state.word())
            } else {
                row.state.word().to_owned()
            };
            [
                row.id.to_string(),
                rfc3339_utc(row.written_at()),
                row.reason.clone(),
                row.about.to_string(),
                state,
                row.attempts.to_string(),
                row.reply_code.map_or_else(String::new, |code| code.to_string()),
            ]
        }),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// A letter's row for programs.
pub fn shown(row: &MailRow) -> Value {
    json!({"id": row.id, "tenant": row.tenant, "writtenAt": rfc3339_utc(row.written_at()),
        "changedAt": rfc3339_utc(row.changed_at), "reason": row.reason, "about": row.about, "state": row.state.word(),
        "diverted": row.is_diverted, "attempts": row.attempts, "replyCode": row.reply_code, "words": row.words})
}
