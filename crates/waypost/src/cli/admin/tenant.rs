//! `waypost admin tenant`.

use clap::Subcommand;
use serde::Serialize;
use waypost_core::time::Micros;
use waypost_store::directory::{Status, Tenant, admin};

use super::desk::{ALL, Desk, shown, tenant};

/// Customers of the installation.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a tenant.
    Create {
        /// Its short name in commands: a-z, 0-9 and -. It never changes.
        #[arg(long)]
        slug: String,
        /// Its name; the short name when not given.
        #[arg(long)]
        name: Option<String>,
        /// IANA time zone of its notifications.
        #[arg(long, default_value = "UTC")]
        time_zone: String,
        /// Priority of messages that name none: 1 low, 2 medium, 3 high.
        #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=3))]
        default_priority: u8,
        /// Its messages go to simulators only.
        #[arg(long)]
        sandbox: bool,
    },
    /// List all tenants.
    List,
    /// Refuse its requests with 7007.
    Suspend {
        /// Its short name.
        slug: String,
    },
    /// Serve it again.
    Resume {
        /// Its short name.
        slug: String,
    },
}

#[derive(Debug, Serialize)]
struct Shown {
    id: i64,
    slug: String,
    name: String,
    status: Status,
    time_zone: String,
    default_priority: u8,
    sandbox: bool,
    created_at: String,
}

impl From<Tenant> for Shown {
    fn from(tenant: Tenant) -> Self {
        let Tenant { id, slug, name, status, time_zone, default_priority, sandbox, created_at, .. } = tenant;
        Self { id, slug, name, status, time_zone, default_priority, sandbox, created_at: shown(created_at) }
    }
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create { slug, name, time_zone, default_priority, sandbox } => {
            let tenant = Tenant {
                id: 0,
                slug: slug.clone(),
                name: name.clone().unwrap_or_else(|| slug.clone()),
                status: Status::Live,
                time_zone: time_zone.clone(),
                default_priority: *default_priority,
                sandbox: *sandbox,
                settings: "{}".to_owned(),
                created_at: Micros(0),
            };
            create(tenant, desk).await
        }
        Command::List => list(desk).await,
        Command::Suspend { slug } => set_status(slug, Status::Suspended, desk).await,
        Command::Resume { slug } => set_status(slug, Status::Live, desk).await,
    }
}

async fn create(new: Tenant, desk: &Desk) -> anyhow::Result<()> {
    let made = desk
        .change(move |tx, now| {
            let id = admin::create_tenant(tx, &ALL, now, &new)?;
            admin::tenant(tx, &ALL, id.0)
        })
        .await?;
    let line = format!("created tenant {}", made.slug);
    desk.tell(&Shown::from(made), &line)
}

async fn list(desk: &Desk) -> anyhow::Result<()> {
    let tenants = desk.read(|tx| admin::list_tenants(tx, &ALL)).await?;
    let tenants: Vec<Shown> = tenants.into_iter().map(Shown::from).collect();
    desk.list(&tenants, ["Tenant", "Name", "Status", "Time zone", "Sandbox", "Created"], |tenant| {
        let sandbox = if tenant.sandbox { "yes" } else { "" }.to_owned();
        let status = tenant.status.word().to_owned();
        let (slug, name, zone) = (tenant.slug.clone(), tenant.name.clone(), tenant.time_zone.clone());
        [slug, name, status, zone, sandbox, tenant.created_at.clone()]
    })
}

async fn set_status(slug: &str, status: Status, desk: &Desk) -> anyhow::Result<()> {
    let owned = slug.to_owned();
    let changed = desk
        .change(move |tx, now| {
            let (_, found) = tenant(tx, &owned)?;
            admin::update_tenant(tx, &ALL, now, found.id, |tenant| tenant.status = status)
        })
        .await?;
    desk.tell(&Shown::from(changed), &format!("tenant {slug} is {}", status.word()))
}
