//! `waypost admin receipts`.

use clap::Subcommand;
use serde::Serialize;
use waypost_messaging::records::receipt_held::{self, Held};

use super::desk::{ALL, Desk, shown};

/// Delivery reports of the providers.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the reports that no message has claimed.
    Unmatched {
        /// How many at most.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        max: u32,
    },
}

#[derive(Debug, Serialize)]
struct Shown {
    id: i64,
    connection: i64,
    provider_id: String,
    stat: String,
    err: Option<String>,
    received_at: String,
}

impl From<Held> for Shown {
    fn from(held: Held) -> Self {
        let Held { id, connection, provider_id, received_at, stat, err, .. } = held;
        Self { id, connection, provider_id, stat, err, received_at: shown(received_at) }
    }
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    let Command::Unmatched { max } = command;
    let max = i64::from(*max);
    let held = desk.read(move |tx| receipt_held::unmatched(tx, &ALL, max)).await?;
    let held: Vec<Shown> = held.into_iter().map(Shown::from).collect();
    desk.list(&held, ["Id", "Connection", "Provider id", "State", "Error", "Received"], |held| {
        let error = held.err.clone().unwrap_or_default();
        let (id, connection) = (held.id.to_string(), held.connection.to_string());
        [id, connection, held.provider_id.clone(), held.stat.clone(), error, held.received_at.clone()]
    })
}
