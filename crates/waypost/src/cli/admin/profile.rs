//! `waypost admin profile`.

use clap::Subcommand;
use serde::Serialize;
use serde_json::{Map, Value};
use waypost_messaging::records::profile::app_profile::{self, By};
use waypost_messaging::records::profile::{AppProfileRow, CustomerRow, customer};
use waypost_store::directory::admin;
use waypost_store::{Ctx, Sql, StoreError};

use super::desk::{Desk, Done, shown, tenant};

/// Customers of a tenant and their app profiles.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show a customer with its app profiles.
    Get(Customer),
    /// List customers, by id, a page at a time.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// Begin after this id.
        #[arg(long, value_name = "ID", default_value = "")]
        after: String,
        /// How many at most.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        max: u32,
    },
    /// Delete a customer for good, with its app profiles.
    Delete(Customer),
}

/// One customer of a tenant.
#[derive(Debug, clap::Args)]
pub struct Customer {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// Its id.
    customer_id: String,
}

#[derive(Debug, Serialize)]
struct Shown {
    customer_id: String,
    active: bool,
    verified: bool,
    created_at: String,
    updated_at: String,
    attributes: Map<String, Value>,
    app_profiles: Vec<ShownApp>,
}

#[derive(Debug, Serialize)]
struct ShownApp {
    app_id: String,
    user_id: Option<String>,
    device_id: Option<String>,
    os: Option<String>,
    has_token: bool,
    active: bool,
    verified: bool,
    last_seen: Option<String>,
    updated_at: String,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Get(Customer { tenant, customer_id }) => {
            get(tenant.clone(), customer_id.clone(), desk).await
        }
        Command::List { tenant, after, max } => list(tenant.clone(), after.clone(), *max, desk).await,
        Command::Delete(Customer { tenant, customer_id }) => {
            delete(tenant.clone(), customer_id.clone(), desk).await
        }
    }
}

fn customer_shown(row: CustomerRow, app_profiles: Vec<ShownApp>) -> Shown {
    Shown {
        customer_id: row.record.customer_id,
        active: row.record.active,
        verified: row.record.verified,
        created_at: shown(row.created_at),
        updated_at: shown(row.updated_at),
        attributes: serde_json::from_str(&row.record.attributes).unwrap_or_default(),
        app_profiles,
    }
}

fn app_shown(app_id: &str, row: AppProfileRow) -> ShownApp {
    ShownApp {
        app_id: app_id.to_owned(),
        has_token: row.record.token.is_some(),
        user_id: row.record.user_id,
        device_id: row.record.device_id,
        os: row.record.os,
        active: row.record.active,
        verified: row.record.verified,
        last_seen: row.record.seen_at.map(shown),
        updated_at: shown(row.updated_at),
    }
}

/// The app profiles of a customer in every app of its tenant.
fn profiles_of(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    customer_id: &str,
) -> Result<Vec<(String, AppProfileRow)>, StoreError> {
    let mut found = Vec::new();
    for app in admin::list_apps(tx, ctx)? {
        let rows = app_profile::find(tx, ctx, app.id, By::Customer(customer_id))?;
        found.extend(rows.into_iter().map(|row| (app.app_id.clone(), row)));
    }
    Ok(found)
}

async fn get(slug: String, customer_id: String, desk: &Desk) -> anyhow::Result<()> {
    let id = customer_id.clone();
    let (found, profiles) = desk
        .read(move |tx| {
            let (ctx, _) = tenant(tx, &slug)?;
            Ok((customer::load(tx, &ctx, &id)?, profiles_of(tx, &ctx, &id)?))
        })
        .await?;
    let found = found.ok_or_else(|| anyhow::anyhow!("no customer {customer_id}"))?;
    let profiles = profiles.into_iter().map(|(app, row)| app_shown(&app, row)).collect();
    let customer = customer_shown(found, profiles);
    let text = text(&customer);
    desk.tell(&customer, text.trim_end())
}

fn text(customer: &Shown) -> String {
    let yes = |on: bool| if on { "yes" } else { "no" };
    let mut text = format!(
        "customer {}\n  active {}, verified {}, created {}, changed {}\n",
        customer.customer_id,
        yes(customer.active),
        yes(customer.verified),
        customer.created_at,
        customer.updated_at
    );
    for (name, value) in &customer.attributes {
        text.push_str(&format!("  {name}: {}\n", value.as_str().unwrap_or_default()));
    }
    for app in &customer.app_profiles {
        text.push_str(&format!(
            "  in {}: user {}, device {}, {}active {}, changed {}\n",
            app.app_id,
            app.user_id.as_deref().unwrap_or("-"),
            app.device_id.as_deref().unwrap_or("-"),
            if app.has_token { "with a push token, " } else { "" },
            yes(app.active),
            app.updated_at
        ));
    }
    text
}

async fn list(slug: String, after: String, max: u32, desk: &Desk) -> anyhow::Result<()> {
    let rows = desk
        .read(move |tx| {
            let (ctx, _) = tenant(tx, &slug)?;
            customer::list(tx, &ctx, &after, max)
        })
        .await?;
    let rows: Vec<Shown> = rows.into_iter().map(|row| customer_shown(row, Vec::new())).collect();
    desk.list(&rows, ["Customer", "Active", "Verified", "Changed"], |row| {
        let yes = |on: bool| if on { "yes" } else { "" }.to_owned();
        [row.customer_id.clone(), yes(row.active), yes(row.verified), row.updated_at.clone()]
    })
}

async fn delete(slug: String, customer_id: String, desk: &Desk) -> anyhow::Result<()> {
    let id = customer_id.clone();
    let removed = desk
        .change(move |tx, now| {
            let (ctx, _) = tenant(tx, &slug)?;
            let profiles = profiles_of(tx, &ctx, &id)?;
            for (_, row) in &profiles {
                app_profile::delete(tx, &ctx, row)?;
            }
            let removed = customer::delete(tx, &ctx, &id)?;
            if removed || !profiles.is_empty() {
                // Who was deleted is not kept: the audit outlives the customer.
                let detail = format!("1 customer, {} app profiles", profiles.len());
                admin::audit(tx, &ctx, now, "profile.delete", &detail)?;
            }
            Ok(removed || !profiles.is_empty())
        })
        .await?;
    anyhow::ensure!(removed, "no customer {customer_id}");
    desk.tell(&Done { done: "profile.delete", name: &customer_id }, &format!("deleted {customer_id}"))
}
