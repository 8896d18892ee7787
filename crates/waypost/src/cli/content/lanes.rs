//! `waypost content lanes`, `retry`, `skip`, `replay`, `pause`, `resume`, `audit`: the queues of properties at partners.

use std::collections::HashMap;
use std::process::ExitCode;

use serde_json::json;
use waypost_content::records::desk as records;
use waypost_content::records::lane::{self, Lane, LaneState};
use waypost_core::time::rfc3339_utc;

use super::desk::{ALL, Common, Desk};
use crate::cli::output;

/// List a partner's queues: one for each property, with what it owes and why it stands still.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// The partner's short name.
    partner: String,
    /// Only those that stand still until somebody says so.
    #[arg(long)]
    parked: bool,
    #[command(flatten)]
    common: Common,
}

/// Let a parked queue go on with the message it stopped at.
#[derive(Debug, clap::Args)]
pub struct OneArgs {
    /// The partner's short name.
    partner: String,
    /// Code of the property.
    property: String,
    #[command(flatten)]
    common: Common,
}

/// Leave out the message a parked queue stopped at and go on; the object is sent again when it changes.
#[derive(Debug, clap::Args)]
pub struct SkipArgs {
    #[command(flatten)]
    one: OneArgs,
}

/// Send a property anew, all of it in the order of dependency; without a property all of the tenant's.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// The partner's short name.
    partner: String,
    /// Code of the property.
    property: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Push nothing more to a partner until it is resumed.
#[derive(Debug, clap::Args)]
pub struct PauseArgs {
    /// The partner's short name.
    partner: String,
    #[command(flatten)]
    common: Common,
}

/// Push to a partner again: after its credentials were mended, or after a pause.
#[derive(Debug, clap::Args)]
pub struct ResumeArgs {
    #[command(flatten)]
    one: PauseArgs,
}

/// Audit a property whole, now; without a property all that the partner has.
#[derive(Debug, clap::Args)]
pub struct AuditArgs {
    #[command(flatten)]
    which: ReplayArgs,
}

/// Prints the queues.
pub fn list(args: &ListArgs) -> anyhow::Result<ExitCode> {
    args.common.with(async |desk: &Desk| {
        let (partner, parked) = (desk.partner(&args.partner)?.id, args.parked);
        let (lanes, owed, paused) = desk
            .store
            .read(move |tx| {
                let lanes = lane::list(tx, &ALL, partner, None, parked)?;
                Ok((lanes, records::owed(tx, partner)?, lane::paused(tx, partner)?))
            })
            .await?;
        show(args, &lanes, &owed.into_iter().collect(), paused.as_deref())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn show(
    args: &ListArgs,
    lanes: &[(Lane, LaneState)],
    owed: &HashMap<String, i64>,
    paused: Option<&str>,
) -> anyhow::Result<()> {
    let due = |lane: &Lane| owed.get(&lane.property).copied().unwrap_or(0);
    if args.common.format.json {
        let rows: Vec<_> = lanes
            .iter()
            .map(|(lane, state)| {
                let parked = state.parked.then(|| {
                    let object = records::parked_on(&state.parked_on)
                        .map(|(kind, code)| format!("{} {code}", kind.word()));
                    json!({"since": rfc3339_utc(state.parked_at), "reason": state.reason, "object": object})
                });
                json!({"property": lane.property, "owed": due(lane), "parked": parked})
            })
            .collect();
        return output::json(&json!({"paused": paused, "lanes": rows}));
    }
    if let Some(reason) = paused {
        output::print(&format!("{} is paused: {reason}\n", args.partner))?;
    }
    output::table(
        ["Property", "Owed", "State"],
        lanes.iter().map(|(lane, state)| {
            let at = records::parked_on(&state.parked_on)
                .map_or_else(String::new, |(kind, code)| format!(" at {} {code}", kind.word()));
            let told = if state.parked { format!("parked{at}: {}", state.reason) } else { "open".to_owned() };
            [lane.property.clone(), due(lane).to_string(), told]
        }),
    )
}

/// Lets a parked queue go on.
pub fn retry(args: &OneArgs) -> anyhow::Result<ExitCode> {
    args.common.with(async |desk: &Desk| {
        let lane = desk.lane(&args.partner, &args.property)?;
        desk.change(move |tx, env| lane::unpark(tx, env, &lane)).await
    })?;
    told(&args.common, "retry", &format!("{} at {} goes on", args.property, args.partner))
}

/// Leaves out what a queue stopped at.
pub fn skip(args: &SkipArgs) -> anyhow::Result<ExitCode> {
    let args = &args.one;
    let done = args.common.with(async |desk: &Desk| {
        let lane = desk.lane(&args.partner, &args.property)?;
        desk.change(move |tx, env| records::skip(tx, env, &lane)).await
    })?;
    anyhow::ensure!(done, "{} at {} is not parked", args.property, args.partner);
    told(
        &args.common,
        "skip",
        &format!("{} at {} goes on without the message it stopped at", args.property, args.partner),
    )
}

/// Sends everything anew.
pub fn replay(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let objects = args.common.with(async |desk: &Desk| {
        let mut objects = 0;
        for lane in lanes(desk, args).await? {
            objects += desk.change(move |tx, env| records::replay(tx, env, &lane)).await?;
        }
        Ok(objects)
    })?;
    told(&args.common, "replay", &format!("{objects} objects are sent to {} anew", args.partner))
}

/// The property named, or every one of the tenant's model.
async fn lanes(desk: &Desk, args: &ReplayArgs) -> anyhow::Result<Vec<Lane>> {
    if let Some(property) = &args.property {
        return Ok(vec![desk.lane(&args.partner, property)?]);
    }
    let tenant = desk.partner(&args.partner)?.tenant;
    let properties = desk.store.read(move |tx| records::properties(tx, tenant)).await?;
    Ok(properties.iter().map(|property| desk.lane(&args.partner, property)).collect::<Result<_, _>>()?)
}

/// Pauses a partner.
pub fn pause(args: &PauseArgs) -> anyhow::Result<ExitCode> {
    args.common.with(async |desk: &Desk| {
        let partner = desk.partner(&args.partner)?.id;
        desk.change(move |tx, env| lane::pause(tx, env, partner, "an operator paused it")).await
    })?;
    told(&args.common, "pause", &format!("nothing is pushed to {}", args.partner))
}

/// Resumes a partner.
pub fn resume(args: &ResumeArgs) -> anyhow::Result<ExitCode> {
    let args = &args.one;
    let woken = args.common.with(async |desk: &Desk| {
        let partner = desk.partner(&args.partner)?;
        let (partner, tenant) = (partner.id, partner.tenant);
        desk.change(move |tx, env| lane::resume(tx, env, partner, tenant)).await
    })?;
    told(&args.common, "resume", &format!("{woken} properties of {} go on", args.partner))
}

/// Audits now.
pub fn audit(args: &AuditArgs) -> anyhow::Result<ExitCode> {
    let args = &args.which;
    args.common.with(async |desk: &Desk| {
        for lane in lanes(desk, args).await? {
            desk.change(move |tx, env| records::audit(tx, env, &lane)).await?;
        }
        Ok(())
    })?;
    told(
        &args.common,
        "audit",
        &format!("{} is audited; waypost content drift shows what is found", args.partner),
    )
}

fn told(common: &Common, done: &str, line: &str) -> anyhow::Result<ExitCode> {
    common.tell(&json!({"done": done}), line)?;
    Ok(ExitCode::SUCCESS)
}
