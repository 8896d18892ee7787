//! `waypost admin voice`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use serde::Serialize;
use serde_json::Value;
use waypost_channels::voice::flow::Flow;
use waypost_channels::voice::rtp::wav;
use waypost_store::directory::admin::{self, VoiceFlow, VoicePrompt};

use super::desk::{Desk, Done, shown, tenant};
use crate::cli::Usage;

/// What calls play: prompts (WAV files) and call flows.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Upload a WAV file; prints the id that requests name as `promptid`. The same name again replaces the sound.
    Upload {
        /// The tenant's short name.
        tenant: String,
        /// PCM of 8 or 16 bits, A-law or µ-law, 8 to 48 kHz, one or two channels, at most ten minutes.
        file: PathBuf,
        /// What requests name as `media`; the file's name when it is left out.
        #[arg(long)]
        name: Option<String>,
    },
    /// List the prompts of a tenant.
    Prompts {
        /// The tenant's short name.
        tenant: String,
    },
    /// Remove a prompt by its name.
    RemovePrompt {
        /// The tenant's short name.
        tenant: String,
        /// Its name.
        name: String,
    },
    /// Store a call flow from a TOML or JSON file under the id that requests name as `callflowid`.
    Flow {
        /// The tenant's short name.
        tenant: String,
        /// The flow's id.
        flow: String,
        /// The file.
        file: PathBuf,
    },
    /// List the call flows of a tenant.
    Flows {
        /// The tenant's short name.
        tenant: String,
    },
    /// Remove a call flow.
    RemoveFlow {
        /// The tenant's short name.
        tenant: String,
        /// The flow's id.
        flow: String,
    },
}

#[derive(Debug, Serialize)]
struct Prompt {
    prompt_id: String,
    name: String,
    ms: i64,
    created_at: String,
}

impl From<VoicePrompt> for Prompt {
    fn from(prompt: VoicePrompt) -> Self {
        let VoicePrompt { prompt_id, name, ms, created_at } = prompt;
        Self { prompt_id, name, ms, created_at: shown(created_at) }
    }
}

#[derive(Debug, Serialize)]
struct Stored {
    flow_id: String,
    steps: usize,
    created_at: String,
    flow: Value,
}

impl From<VoiceFlow> for Stored {
    fn from(stored: VoiceFlow) -> Self {
        let steps = Flow::read(&stored.body).map_or(0, |flow| flow.steps.len());
        let flow = serde_json::from_str(&stored.body).unwrap_or(Value::Null);
        Self { flow_id: stored.flow_id, steps, created_at: shown(stored.created_at), flow }
    }
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Upload { tenant, file, name } => upload(desk, tenant, file, name.as_deref()).await,
        Command::Prompts { tenant } => prompts(desk, tenant).await,
        Command::RemovePrompt { tenant: slug, name } => {
            let (owner, gone) = (slug.clone(), name.clone());
            let removed = desk.change(move |tx, now| {
                let (ctx, tenant) = tenant(tx, &owner)?;
                admin::remove_prompt(tx, &ctx, now, tenant.id, &gone)
            });
            removed.await?;
            desk.tell(&Done { done: "voice.remove-prompt", name }, &format!("removed prompt {name}"))
        }
        Command::Flow { tenant, flow, file } => store_flow(desk, tenant, flow, file).await,
        Command::Flows { tenant } => flows(desk, tenant).await,
        Command::RemoveFlow { tenant: slug, flow } => {
            let (owner, gone) = (slug.clone(), flow.clone());
            let removed = desk.change(move |tx, now| {
                let (ctx, tenant) = tenant(tx, &owner)?;
                admin::remove_flow(tx, &ctx, now, tenant.id, &gone)
            });
            removed.await?;
            desk.tell(&Done { done: "voice.remove-flow", name: flow }, &format!("removed call flow {flow}"))
        }
    }
}

async fn upload(desk: &Desk, slug: &str, file: &Path, name: Option<&str>) -> anyhow::Result<()> {
    let bytes = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let sound = wav::read(&bytes).map_err(|error| Usage(format!("{}: {error}", file.display())))?;
    let own = file.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let name = name.map(str::to_owned).or(own).context("the file has no name; give one with --name")?;
    let (owner, wanted) = (slug.to_owned(), name.clone());
    let ms = sound.len() / 8;
    let id = desk.change(move |tx, now| {
        let (ctx, tenant) = tenant(tx, &owner)?;
        admin::put_prompt(tx, &ctx, now, tenant.id, &wanted, &sound)
    });
    let id = id.await?;
    let line = format!("uploaded prompt {name}: promptid {id}, {ms} ms");
    desk.tell(&serde_json::json!({"prompt_id": id, "name": name, "ms": ms}), &line)
}

async fn prompts(desk: &Desk, slug: &str) -> anyhow::Result<()> {
    let owner = slug.to_owned();
    let prompts = desk.read(move |tx| {
        let (ctx, tenant) = tenant(tx, &owner)?;
        admin::list_prompts(tx, &ctx, tenant.id)
    });
    let prompts: Vec<Prompt> = prompts.await?.into_iter().map(Prompt::from).collect();
    desk.list(&prompts, ["Id", "Name", "Milliseconds", "Uploaded"], |prompt| {
        [prompt.prompt_id.clone(), prompt.name.clone(), prompt.ms.to_string(), prompt.created_at.clone()]
    })
}

async fn store_flow(desk: &Desk, slug: &str, flow_id: &str, file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let flow = Flow::read(&text).map_err(|error| Usage(format!("{}: {error}", file.display())))?;
    let body = serde_json::to_string(&flow).context("writing the flow")?;
    let (owner, wanted) = (slug.to_owned(), flow_id.to_owned());
    let stored = desk.change(move |tx, now| {
        let (ctx, tenant) = tenant(tx, &owner)?;
        admin::put_flow(tx, &ctx, now, tenant.id, &wanted, &body)
    });
    stored.await?;
    let line = format!("stored call flow {flow_id} with {} steps", flow.steps.len());
    desk.tell(&Done { done: "voice.flow", name: flow_id }, &line)
}

async fn flows(desk: &Desk, slug: &str) -> anyhow::Result<()> {
    let owner = slug.to_owned();
    let flows = desk.read(move |tx| {
        let (ctx, tenant) = tenant(tx, &owner)?;
        admin::list_flows(tx, &ctx, tenant.id)
    });
    let flows: Vec<Stored> = flows.await?.into_iter().map(Stored::from).collect();
    desk.list(&flows, ["Id", "Steps", "Stored"], |flow| {
        [flow.flow_id.clone(), flow.steps.to_string(), flow.created_at.clone()]
    })
}
