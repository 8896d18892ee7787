//! `waypost mail retry`.

use std::process::ExitCode;

use serde_json::json;
use waypost_core::id::IdGenerator;
use waypost_core::time::{Clock as _, SystemClock};
use waypost_mail::records;

use super::list::ALL;
use crate::cli::block_on;
use crate::cli::check_config::ConfigFile;
use crate::cli::output::{self, Format};
use crate::wiring;

/// The node whose ids commands use, so that they never meet a running server's; a server of this number uses the other.
const COMMAND_NODES: [u8; 2] = [63, 62];

/// Put a letter that was refused, given up or withheld back on its way; a running server sends it within seconds.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its id, of `waypost mail list`.
    id: i64,
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    format: Format,
}

/// Plans another round of attempts.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = args.file.load()?;
    let id = args.id;
    let node = COMMAND_NODES.into_iter().find(|node| *node != config.store.node).unwrap_or(COMMAND_NODES[0]);
    let planned = block_on(async {
        let store = wiring::open_command(&config)?;
        let (ids, now) = (IdGenerator::new(node)?, SystemClock.now());
        let work = ids.next_range(now, 1).0;
        let planned = store.write(move |tx| records::again(tx, &ALL, (id, work), now)).await;
        store.close().await;
        Ok(planned?)
    })?;
    anyhow::ensure!(planned.is_some(), "there is no letter {id} that was refused, given up or withheld");
    if args.format.json {
        output::json(&json!({"id": id, "state": "waiting"}))?;
    } else {
        output::print(&format!("letter {id} is on its way again\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}
