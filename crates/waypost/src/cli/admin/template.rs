//! `waypost admin template`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use serde::Serialize;
use serde_json::{Map, Value, json};
use waypost_core::channel::Channel;
use waypost_core::msisdn::{Msisdn, PlusRule};
use waypost_messaging::rules::preview::{Preview, preview};
use waypost_messaging::rules::template;
use waypost_store::StoreError;
use waypost_store::directory::{self, Template, TemplateVersion, admin};

use super::desk::{Desk, Done, tenant};
use super::settings;
use crate::cli::Usage;
use crate::wiring;

/// Templates: texts and blocks with placeholders, a version at a time, approved for each channel.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a template, without content.
    Create {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// What clients name it by; a number of its own when it is left out.
        #[arg(long)]
        id: Option<String>,
        /// Its name.
        name: String,
    },
    /// Add a version of what it says on a channel; it is not sent before it is approved.
    Add {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// Its id.
        id: String,
        /// The channel: sms, voice, push, rt, fb, twitter or wechat.
        #[arg(long)]
        channel: String,
        /// The text, for an SMS.
        #[arg(long, required_unless_present = "file", conflicts_with = "file")]
        text: Option<String>,
        /// A JSON file with the member `channels` of a request.
        #[arg(long)]
        file: Option<PathBuf>,
        /// Approve it at once.
        #[arg(long)]
        approve: bool,
    },
    /// Approve a version: the newest approved one of a channel is sent.
    Approve(Version),
    /// Take the approval of a version back.
    Withdraw(Version),
    /// List templates.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Show a template's versions.
    Show {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// Its id.
        id: String,
    },
    /// Show what it will say: text, alphabet, short messages and price.
    Preview {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// Its id.
        id: String,
        /// The channel.
        #[arg(long, default_value = "sms")]
        channel: String,
        /// The version; the newest when it is left out.
        #[arg(long)]
        version: Option<i64>,
        /// The number whose price is asked.
        #[arg(long)]
        to: Option<String>,
        /// Values of placeholders as NAME=VALUE.
        #[arg(value_name = "NAME=VALUE")]
        parameters: Vec<String>,
    },
}

/// A version of a template.
#[derive(Debug, clap::Args)]
pub struct Version {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// Its id.
    id: String,
    /// The channel.
    #[arg(long)]
    channel: String,
    /// The number of the version.
    #[arg(long)]
    version: i64,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create { tenant, id, name } => create(tenant, id.clone(), name, desk).await,
        Command::Add { tenant, id, channel, text, file, approve } => {
            let content = content(text.as_deref(), file.as_ref())?;
            add((tenant, id), channel, &content, *approve, desk).await
        }
        Command::Approve(version) => approve(version, true, desk).await,
        Command::Withdraw(version) => approve(version, false, desk).await,
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::Show { tenant, id } => show(tenant, id, desk).await,
        Command::Preview { tenant, id, channel, version, to, parameters } => {
            let asked = Asked { channel: channel_of(channel)?, version: *version, to: to.as_deref() };
            print_preview((tenant, id), asked, parameters, desk).await
        }
    }
}

/// A channel that messages are sent on.
pub(super) fn channel_of(name: &str) -> anyhow::Result<Channel> {
    let sends = |channel: &Channel| !matches!(channel, Channel::Email | Channel::Whatsapp);
    let found = Channel::parse(name).filter(sends);
    Ok(found
        .ok_or_else(|| Usage(format!("`{name}` is none of sms, voice, push, rt, fb, twitter, wechat")))?)
}

async fn create(slug: &str, id: Option<String>, name: &str, desk: &Desk) -> anyhow::Result<()> {
    let (slug, name) = (slug.to_owned(), name.to_owned());
    let made = desk
        .change(move |tx, now| {
            let (ctx, _) = tenant(tx, &slug)?;
            admin::create_template(tx, &ctx, now, id.as_deref(), &name)
        })
        .await?;
    let line = format!("created template {}", made.template_id);
    desk.tell(&made, &line)
}

fn content(text: Option<&str>, file: Option<&PathBuf>) -> anyhow::Result<Value> {
    let Some(file) = file else { return Ok(json!({"sms": {"text": text.unwrap_or_default()}})) };
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))
}

async fn add(
    (slug, id): (&str, &str),
    channel: &str,
    channels: &Value,
    approved: bool,
    desk: &Desk,
) -> anyhow::Result<()> {
    let channel = channel_of(channel)?;
    let content = template::check(channel, channels).map_err(|refusal| {
        let detail = refusal.detail();
        Usage(format!("{}: {}; {}", detail.field, detail.rule, detail.remedy))
    })?;
    let (slug, id, text) = (slug.to_owned(), id.to_owned(), content.to_string());
    let named = id.clone();
    let version = desk
        .change(move |tx, now| {
            let (ctx, _) = tenant(tx, &slug)?;
            let version = admin::add_template_version(tx, &ctx, now, &id, channel, &text)?;
            if approved {
                admin::approve_template(tx, &ctx, now, (&id, channel, version), true)?;
            }
            Ok(version)
        })
        .await?;
    let state = if approved { "approved" } else { "not approved yet" };
    let parameters = template::parameters(&content);
    let line = format!("added version {version} of {named} on {}, {state}", channel.wire_name());
    desk.tell(&json!({"version": version, "approved": approved, "parameters": parameters}), &line)
}

async fn approve(version: &Version, approved: bool, desk: &Desk) -> anyhow::Result<()> {
    let channel = channel_of(&version.channel)?;
    let (slug, id, number) = (version.tenant.clone(), version.id.clone(), version.version);
    desk.change(move |tx, now| {
        let (ctx, _) = tenant(tx, &slug)?;
        admin::approve_template(tx, &ctx, now, (&id, channel, number), approved)
    })
    .await?;
    let (done, word) =
        if approved { ("template.approve", "approved") } else { ("template.withdraw", "withdrew") };
    let line = format!("{word} version {number} of {} on {}", version.id, channel.wire_name());
    desk.tell(&Done { done, name: &version.id }, &line)
}

async fn list(slug: String, desk: &Desk) -> anyhow::Result<()> {
    let found = desk
        .read(move |tx| {
            let (ctx, _) = tenant(tx, &slug)?;
            admin::list_templates(tx, &ctx)
        })
        .await?;
    desk.list(&found, ["Template", "Name"], |template: &Template| {
        [template.template_id.clone(), template.name.clone()]
    })
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    version: TemplateVersion,
    parameters: Vec<String>,
}

async fn show(slug: &str, id: &str, desk: &Desk) -> anyhow::Result<()> {
    let (slug, id) = (slug.to_owned(), id.to_owned());
    let (_, versions) = desk
        .read(move |tx| {
            let (ctx, _) = tenant(tx, &slug)?;
            admin::template(tx, &ctx, &id)
        })
        .await?;
    let shown = |version: TemplateVersion| {
        let parameters = template::parameters(&version.content).into_iter().collect();
        Shown { version, parameters }
    };
    let versions: Vec<Shown> = versions.into_iter().map(shown).collect();
    desk.list(&versions, ["Channel", "Version", "State", "Parameters", "Content"], |shown| {
        let state = if shown.version.approved_at.is_some() { "approved" } else { "not approved" };
        [
            shown.version.channel.clone(),
            shown.version.version.to_string(),
            state.to_owned(),
            shown.parameters.join(", "),
            shown.version.content.to_string(),
        ]
    })
}

/// What a preview is asked of.
struct Asked<'a> {
    channel: Channel,
    version: Option<i64>,
    to: Option<&'a str>,
}

async fn print_preview(
    (slug, id): (&str, &str),
    asked: Asked<'_>,
    parameters: &[String],
    desk: &Desk,
) -> anyhow::Result<()> {
    let mut given = Map::new();
    settings::merge(&mut given, parameters)?;
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let values: Vec<(String, String)> = given.into_iter().map(|(name, value)| (name, text(value))).collect();
    let number = match asked.to {
        Some(to) => Some(
            Msisdn::parse(to, PlusRule::Optional)
                .map_err(|_| Usage(format!("`{to}` is no telephone number")))?,
        ),
        None => None,
    };
    let master = wiring::master_key(&desk.config)?;
    let (slug, id, channel, version) = (slug.to_owned(), id.to_owned(), asked.channel, asked.version);
    let made: Preview = desk
        .read(move |tx| {
            let (ctx, owner) = tenant(tx, &slug)?;
            let (_, versions) = admin::template(tx, &ctx, &id)?;
            let word = channel.wire_name().to_ascii_lowercase();
            let mut of_channel = versions.into_iter().filter(|known| {
                known.channel == word && version.is_none_or(|version| version == known.version)
            });
            // Oldest first: without a number the newest is meant.
            let found = of_channel.next_back();
            let found =
                found.ok_or_else(|| StoreError::Refused(format!("no such version of {id} on {word}")))?;
            let directory = directory::load(tx, &master)?;
            let policies = directory.policies().of_tenant(owner.id);
            Ok(preview(channel, &found.content, &values, policies, number.as_ref()))
        })
        .await?;
    let line = lines(&made);
    desk.tell(&made, &line)
}

fn lines(preview: &Preview) -> String {
    let text = preview.content.get("text").and_then(Value::as_str);
    let mut lines = vec![text.map_or_else(|| preview.content.to_string(), str::to_owned)];
    if let (Some(encoding), Some(segments)) = (preview.encoding, preview.segments) {
        lines.push(format!("{encoding}, {segments} short message(s)"));
    }
    lines.extend(preview.price.as_ref().map(|price| format!("price {price}")));
    if !preview.missing.is_empty() {
        lines.push(format!("without a value, ends with 7121: {}", preview.missing.join(", ")));
    }
    lines.join("\n")
}
