//! `waypost content drift` and `repair`.

use std::process::ExitCode;

use serde_json::{Value, json};
use waypost_content::records::desk::{self as records, Drift};

use super::desk::{ALL, Common, Desk};
use crate::cli::output;

/// Show what differs at a partner, field by field, as the last audits found it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit code 1 when something differs. `waypost content audit` makes new audits.")]
pub struct DriftArgs {
    /// The partner's short name.
    partner: String,
    /// Only this property.
    property: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Send everything that differs at a partner again.
#[derive(Debug, clap::Args)]
pub struct RepairArgs {
    #[command(flatten)]
    which: DriftArgs,
}

/// Prints the differences; exit code 1 when there are any.
pub fn drift(args: &DriftArgs) -> anyhow::Result<ExitCode> {
    let found = args.common.with(async |desk: &Desk| {
        let (partner, property) = (desk.partner(&args.partner)?.id, args.property.clone());
        Ok(desk.store.read(move |tx| records::drift(tx, &ALL, partner, property.as_deref())).await?)
    })?;
    show(args, &found)?;
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn differences(drift: &Drift) -> Vec<Value> {
    serde_json::from_str(&drift.differences).unwrap_or_default()
}

fn show(args: &DriftArgs, found: &[Drift]) -> anyhow::Result<()> {
    if args.common.format.json {
        let rows: Vec<_> = found
            .iter()
            .map(|one| {
                json!({"property": one.lane.property, "kind": one.kind.word(), "code": one.code,
                    "differences": differences(one)})
            })
            .collect();
        return output::json(&rows);
    }
    let rows = found.iter().flat_map(|one| {
        differences(one).into_iter().map(|difference| {
            let text = |name: &str| difference.get(name).map(Value::to_string).unwrap_or_default();
            let path = difference.get("path").and_then(Value::as_str).unwrap_or_default();
            let path = if path.is_empty() { "(all of it)" } else { path };
            let object = format!("{} {}", one.kind.word(), one.code);
            [one.lane.property.clone(), object, path.to_owned(), text("expected"), text("actual")]
        })
    });
    output::table(["Property", "Object", "Field", "We say", "They say"], rows)
}

/// Sends what differs.
pub fn repair(args: &RepairArgs) -> anyhow::Result<ExitCode> {
    let args = &args.which;
    let found = args.common.with(async |desk: &Desk| {
        let (partner, property) = (desk.partner(&args.partner)?.id, args.property.clone());
        desk.change(move |tx, env| records::repair(tx, env, &ALL, partner, property.as_deref())).await
    })?;
    let line = format!("{} objects are sent to {} again", found.len(), args.partner);
    args.common.tell(&json!({"done": "repair", "objects": found.len()}), &line)?;
    Ok(ExitCode::SUCCESS)
}
