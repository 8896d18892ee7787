//! `waypost admin credit`.

use clap::Subcommand;
use serde::Serialize;
use waypost_core::id::MessageId;
use waypost_core::policy::Money;
use waypost_core::time::Micros;
use waypost_store::directory::admin;
use waypost_store::directory::credit::{self, Account, ChargeRow};
use waypost_store::{Ctx, Sql, StoreError};

use super::desk::{Desk, shown, tenant};

/// Balances. A tenant that was given any is charged for what it sends: 7103 when the balance is too low, 7115 without a price.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add to the balance, and charge the tenant's messages from now on.
    Add(Change),
    /// Take back what was granted and not used.
    Take(Change),
    /// Show the balance.
    Show(Of),
    /// List the newest charges.
    Charges {
        #[command(flatten)]
        of: Of,
        /// Begin below this message id.
        #[arg(long, value_name = "MESSAGE", default_value_t = i64::MAX)]
        before: i64,
        /// How many at most.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        max: u32,
    },
    /// Stop charging; the balance stays.
    Stop(Of),
}

/// A tenant.
#[derive(Debug, clap::Args)]
pub struct Of {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
}

/// A change of a balance.
#[derive(Debug, clap::Args)]
pub struct Change {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// How much, with up to six decimals: 12.50.
    #[arg(long)]
    amount: Money,
}

/// Amounts are texts, exact to the last decimal.
#[derive(Debug, Serialize)]
struct Shown {
    tenant: String,
    charged: bool,
    granted: String,
    balance: String,
    updated_at: String,
}

#[derive(Debug, Serialize)]
struct ShownCharge {
    message: i64,
    amount: String,
    at: String,
    refunded_at: Option<String>,
}

impl From<ChargeRow> for ShownCharge {
    fn from(row: ChargeRow) -> Self {
        let (amount, refunded_at) = (row.amount.to_string(), row.refunded_at.map(shown));
        Self { message: row.message.0, amount, at: shown(row.at), refunded_at }
    }
}

type Job = fn(&mut dyn Sql, &Ctx, Micros, Money) -> Result<Account, StoreError>;

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Add(Change { tenant, amount }) => change(tenant, *amount, admin::grant_credit, desk).await,
        Command::Take(Change { tenant, amount }) => change(tenant, *amount, admin::take_credit, desk).await,
        Command::Stop(Of { tenant }) => {
            change(tenant, Money::ZERO, |tx, ctx, now, _| admin::stop_credit(tx, ctx, now), desk).await
        }
        Command::Show(Of { tenant: slug }) => {
            let name = slug.clone();
            let account = desk.read(move |tx| {
                let (ctx, _) = tenant(tx, &name)?;
                credit::account(tx, &ctx)
            });
            let account = account.await?.ok_or_else(|| anyhow::anyhow!("tenant {slug} has no balance"))?;
            tell(slug, account, desk)
        }
        Command::Charges { of, before, max } => charges(of.tenant.clone(), *before, *max, desk).await,
    }
}

async fn change(slug: &str, amount: Money, job: Job, desk: &Desk) -> anyhow::Result<()> {
    let name = slug.to_owned();
    let account = desk.change(move |tx, now| {
        let (ctx, _) = tenant(tx, &name)?;
        job(tx, &ctx, now, amount)
    });
    tell(slug, account.await?, desk)
}

fn tell(slug: &str, account: Account, desk: &Desk) -> anyhow::Result<()> {
    let Account { enforced, granted, balance, updated_at } = account;
    let line = format!(
        "{slug}: balance {balance} of {granted} granted, {}",
        if enforced { "charged" } else { "not charged" }
    );
    let (granted, balance, updated_at) = (granted.to_string(), balance.to_string(), shown(updated_at));
    let tenant = slug.to_owned();
    desk.tell(&Shown { tenant, charged: enforced, granted, balance, updated_at }, &line)
}

async fn charges(slug: String, before: i64, max: u32, desk: &Desk) -> anyhow::Result<()> {
    let rows = desk.read(move |tx| {
        let (ctx, _) = tenant(tx, &slug)?;
        credit::charges(tx, &ctx, MessageId(before), max)
    });
    let rows: Vec<ShownCharge> = rows.await?.into_iter().map(ShownCharge::from).collect();
    desk.list(&rows, ["Message", "Amount", "Charged", "Given back"], |row| {
        let back = row.refunded_at.clone().unwrap_or_default();
        [row.message.to_string(), row.amount.clone(), row.at.clone(), back]
    })
}
