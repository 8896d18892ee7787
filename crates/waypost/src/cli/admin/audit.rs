//! `waypost admin audit`.

use serde::Serialize;
use waypost_store::directory::admin::{self, AuditLine};

use super::desk::{Desk, shown, tenant_or_all};

/// What operators changed, newest first.
#[derive(Debug, clap::Args)]
pub struct Command {
    /// Only what was changed in one tenant.
    #[arg(long)]
    tenant: Option<String>,
    /// Begin below this line.
    #[arg(long, value_name = "ID", default_value_t = i64::MAX)]
    before: i64,
    /// How many lines at most.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    max: u32,
}

#[derive(Debug, Serialize)]
struct Shown {
    id: i64,
    at: String,
    actor: String,
    tenant: Option<i64>,
    action: String,
    detail: String,
}

impl From<AuditLine> for Shown {
    fn from(line: AuditLine) -> Self {
        let AuditLine { id, at, actor, tenant, action, detail } = line;
        Self { id, at: shown(at), actor, tenant, action, detail }
    }
}

/// Reads the audit.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    let Command { tenant, before, max } = command;
    let (slug, before, max) = (tenant.clone(), *before, *max);
    let lines = desk.read(move |tx| {
        let ctx = tenant_or_all(tx, slug.as_deref())?;
        admin::read_audit(tx, &ctx, before, max)
    });
    let lines: Vec<Shown> = lines.await?.into_iter().map(Shown::from).collect();
    desk.list(&lines, ["Id", "At", "Who", "Tenant", "Action", "Detail"], |line| {
        let tenant = line.tenant.map(|id| id.to_string()).unwrap_or_default();
        let (id, at, actor) = (line.id.to_string(), line.at.clone(), line.actor.clone());
        [id, at, actor, tenant, line.action.clone(), line.detail.clone()]
    })
}
