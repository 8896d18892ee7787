//! `waypost content alerts`, `ack`, `resolve`.

use std::process::ExitCode;

use serde_json::{Value, json};
use waypost_content::records::alert;
use waypost_core::id::MessageId;
use waypost_core::time::rfc3339_utc;

use super::desk::{ALL, Common, Desk};
use crate::cli::output;

/// Alerts shown at most.
const SHOWN_MAX: i64 = 1_000;

/// List alerts, newest first.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// The resolved ones too.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    common: Common,
}

/// Say that somebody looks after an alert.
#[derive(Debug, clap::Args)]
pub struct AckArgs {
    /// Its id.
    id: i64,
    #[command(flatten)]
    common: Common,
}

/// Close an alert.
#[derive(Debug, clap::Args)]
pub struct ResolveArgs {
    #[command(flatten)]
    one: AckArgs,
}

/// Prints the alerts.
pub fn list(args: &ListArgs) -> anyhow::Result<ExitCode> {
    args.common.with(async |desk: &Desk| {
        let all = args.all;
        let found = desk.store.read(move |tx| alert::list(tx, &ALL, all, SHOWN_MAX)).await?;
        let slug = |id| desk.env.directory.partner(id).map(|partner| partner.slug.clone()).unwrap_or_default();
        if args.common.format.json {
            let rows: Vec<_> = found
                .iter()
                .map(|one| {
                    let differences: Value = serde_json::from_str(&one.differences).unwrap_or_default();
                    json!({"alertId": one.id, "createdAt": rfc3339_utc(MessageId(one.id).time()),
                        "changedAt": rfc3339_utc(one.changed_at), "severity": one.severity, "kind": one.kind,
                        "partner": slug(one.partner), "propertyCode": one.property,
                        "objectType": one.object_kind.word(), "objectCode": one.object, "messageId": one.message_id,
                        "summary": one.summary, "differences": differences, "state": one.state, "times": one.times})
                })
                .collect();
            return output::json(&rows);
        }
        output::table(["Id", "Severity", "Kind", "Partner", "Property", "State", "Summary"], found.iter().map(|one| {
            let summary = if one.times > 1 { format!("{} ({} times)", one.summary, one.times) } else { one.summary.clone() };
            [
                one.id.to_string(),
                one.severity.to_owned(),
                one.kind.clone(),
                slug(one.partner),
                one.property.clone(),
                one.state.to_owned(),
                summary,
            ]
        }))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Acknowledges.
pub fn ack(args: &AckArgs) -> anyhow::Result<ExitCode> {
    advance(args, false, "acknowledged")
}

/// Resolves.
pub fn resolve(args: &ResolveArgs) -> anyhow::Result<ExitCode> {
    advance(&args.one, true, "resolved")
}

fn advance(args: &AckArgs, resolved: bool, word: &str) -> anyhow::Result<ExitCode> {
    let id = args.id;
    let done = args.common.with(async |desk: &Desk| {
        desk.change(move |tx, env| alert::advance(tx, &ALL, id, resolved, env.now)).await
    })?;
    anyhow::ensure!(done, "there is no alert {id} that could be {word}");
    args.common.tell(&json!({"done": word, "alertId": id}), &format!("alert {id} is {word}"))?;
    Ok(ExitCode::SUCCESS)
}
