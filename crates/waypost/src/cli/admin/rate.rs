//! `waypost admin rate`.

use clap::Subcommand;
use serde::Serialize;
use waypost_core::channel::Channel;
use waypost_core::policy::Money;
use waypost_store::directory::admin::{self, Rate};

use super::desk::{Desk, Done, tenant};

/// The rate plan of a tenant: the price of an SMS segment, or of a message of another channel. The longest prefix wins.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set a price.
    Set {
        #[command(flatten)]
        row: Row,
        /// The price, with up to six decimals: 0.0225.
        #[arg(long)]
        price: Money,
    },
    /// List the prices.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Remove a price.
    Remove(Row),
}

/// One row of a rate plan.
#[derive(Debug, clap::Args)]
pub struct Row {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// sms, voice, push, rt, fb, twitter or wechat.
    #[arg(long, value_parser = channel)]
    channel: Channel,
    /// Digits the number begins with; every destination when not given.
    #[arg(long, value_name = "DIGITS", default_value = "")]
    prefix: String,
}

#[derive(Debug, Serialize)]
struct Shown {
    channel: String,
    prefix: String,
    price: String,
}

/// Reads a channel.
pub fn channel(text: &str) -> Result<Channel, String> {
    Channel::parse(text).ok_or_else(|| format!("`{text}` is no channel"))
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Set { row: Row { tenant: slug, channel, prefix }, price } => {
            let slug = slug.clone();
            let rate = Rate { channel: *channel, prefix: prefix.clone(), price: *price };
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::set_rate(tx, &ctx, now, &rate)
            })
            .await?;
            let name = name(*channel, prefix);
            desk.tell(&Done { done: "rate.set", name: &name }, &format!("{name}: {price}"))
        }
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::Remove(Row { tenant: slug, channel, prefix }) => {
            let (slug, of, digits) = (slug.clone(), *channel, prefix.clone());
            desk.change(move |tx, now| {
                let (ctx, _) = tenant(tx, &slug)?;
                admin::remove_rate(tx, &ctx, now, of, &digits)
            })
            .await?;
            let name = name(*channel, prefix);
            desk.tell(&Done { done: "rate.remove", name: &name }, &format!("{name}: no price"))
        }
    }
}

fn name(channel: Channel, prefix: &str) -> String {
    format!("{} {prefix}", channel.wire_name()).trim_end().to_owned()
}

async fn list(slug: String, desk: &Desk) -> anyhow::Result<()> {
    let rates = desk.read(move |tx| {
        let (ctx, _) = tenant(tx, &slug)?;
        admin::list_rates(tx, &ctx)
    });
    let shown = |rate: Rate| Shown {
        channel: rate.channel.wire_name().to_ascii_lowercase(),
        prefix: rate.prefix,
        price: rate.price.to_string(),
    };
    let rates: Vec<Shown> = rates.await?.into_iter().map(shown).collect();
    desk.list(&rates, ["Channel", "Prefix", "Price"], |rate| {
        [rate.channel.clone(), rate.prefix.clone(), rate.price.clone()]
    })
}
