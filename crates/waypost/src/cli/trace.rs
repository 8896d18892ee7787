//! `waypost trace`.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde::Serialize;
use waypost_core::time::{Micros, rfc3339_utc};
use waypost_messaging::records::trace::{self, Pending, Traced};
use waypost_status::Api;
use waypost_store::Ctx;

use super::check_config::ConfigFile;
use super::output::{self, Format};
use crate::wiring;

/// Show the whole story of a message, found by any id: transaction, message, correlation, provider id or destination.
#[derive(Debug, clap::Args)]
#[command(after_help = "Newest first, at most 100 messages. Exit code 1 when nothing is known of the id.")]
pub struct Args {
    /// The id as you have it; or the word `content`, followed by the messageId or property of a content exchange; or
    /// `service-request`, followed by the id or guid of a service request.
    id: String,
    /// After `content`: a messageId, or the code of a property. After `service-request`: its id or guid.
    of: Option<String>,
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    format: Format,
}

/// One message as it is shown.
#[derive(Debug, Serialize)]
struct Shown {
    transaction: String,
    message: i64,
    tenant: i64,
    service: i64,
    correlation: Option<String>,
    channel: String,
    destination_type: String,
    destination: String,
    state: String,
    code: Option<u16>,
    meaning: Option<&'static str>,
    parts: u16,
    provider_ids: Vec<String>,
    connection: Option<i64>,
    accepted_at: String,
    updated_at: String,
    story: Vec<Event>,
    pending: Vec<Waiting>,
}

#[derive(Debug, Serialize)]
struct Event {
    at: String,
    what: &'static str,
    code: Option<u16>,
    meaning: Option<&'static str>,
    detail: String,
}

#[derive(Debug, Serialize)]
struct Waiting {
    kind: &'static str,
    next_at: String,
    tries: u32,
    because: Option<String>,
}

/// Prints every message the id leads to; exit code 1 when there is none.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = args.file.load()?;
    match &args.of {
        Some(of) if args.id == "content" => {
            return super::trace_content::run(&config, of.trim(), args.format);
        }
        Some(of) if args.id == "service-request" => {
            return super::trace_request::run(&config, of.trim(), args.format);
        }
        Some(of) => return Err(super::Usage(format!("`{of}` is one id too many")).into()),
        None => {}
    }
    let id = args.id.trim().to_owned();
    let found: Vec<Shown> = super::block_on(async {
        let store = wiring::open_command(&config)?;
        let found = store.read(move |tx| trace::find(tx, &Ctx::all("trace"), &id)).await;
        store.close().await;
        Ok(found?.into_iter().map(show).collect())
    })?;
    match (args.format.json, found.is_empty()) {
        (true, _) => output::json(&found)?,
        (false, true) => eprintln!("waypost: nothing is known of {}", args.id),
        (false, false) => output::print(&found.iter().map(text).collect::<Vec<_>>().join("\n"))?,
    }
    Ok(if found.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn show(traced: Traced) -> Shown {
    let Traced { row, story, pending } = traced;
    let progress = row.progress.as_ref().map(|progress| progress.parts()).unwrap_or_default();
    let told = |entry: waypost_messaging::records::story::Told| Event {
        at: rfc3339_utc(entry.at),
        what: entry.kind,
        code: entry.code,
        meaning: entry.code.and_then(meaning),
        detail: entry.detail,
    };
    Shown {
        transaction: row.request.transaction(row.message.unit).to_string(),
        message: row.message.id.0,
        tenant: row.request.tenant,
        service: row.request.service,
        correlation: row.message.correlation,
        channel: row.request.channel.clone(),
        destination_type: row.message.dest_type,
        destination: row.message.destination,
        state: format!("{:?}", row.state).to_lowercase(),
        code: row.code,
        meaning: row.code.and_then(meaning),
        parts: row.parts,
        provider_ids: progress.iter().map(|part| part.provider_ref.as_str().to_owned()).collect(),
        connection: row.connection,
        accepted_at: rfc3339_utc(row.request.accepted_at()),
        updated_at: rfc3339_utc(row.updated_at),
        story: story.into_iter().map(told).collect(),
        pending: pending.into_iter().map(waiting).collect(),
    }
}

fn waiting(pending: Pending) -> Waiting {
    let Pending { kind, next_at: Micros(at), tries, because } = pending;
    Waiting { kind, next_at: rfc3339_utc(Micros(at)), tries, because }
}

fn meaning(code: u16) -> Option<&'static str> {
    let entries = waypost_status::explain(code);
    entries
        .iter()
        .find(|entry| entry.api == Api::Messaging && !entry.is_reserved())
        .map(|entry| entry.meaning)
}

fn text(shown: &Shown) -> String {
    let mut text = format!("transaction {}\n", shown.transaction);
    let code = |code: Option<u16>, meaning: Option<&str>| match code {
        Some(code) => format!("{code} {}", meaning.unwrap_or_default()),
        None => String::new(),
    };
    let facts = [
        ("message", shown.message.to_string()),
        ("to", format!("{} ({}, {})", shown.destination, shown.destination_type, shown.channel)),
        ("reference", shown.correlation.clone().unwrap_or_default()),
        ("state", format!("{} {}", shown.state, code(shown.code, shown.meaning))),
        ("parts", shown.parts.to_string()),
        ("provider", shown.provider_ids.join(", ")),
        ("accepted", shown.accepted_at.clone()),
    ];
    for (label, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {label:<10}{}", value.trim_end());
    }
    for event in &shown.story {
        let code = code(event.code, event.meaning);
        let parts: Vec<&str> =
            [event.what, &code, &event.detail].into_iter().filter(|part| !part.is_empty()).collect();
        let _ = writeln!(text, "  {}  {}", event.at, parts.join("; "));
    }
    for waiting in &shown.pending {
        let because = waiting.because.as_deref().map(|why| format!(", because {why}")).unwrap_or_default();
        let _ = writeln!(
            text,
            "  pending: {}, {} attempts so far, next at {}{because}",
            waiting.kind, waiting.tries, waiting.next_at
        );
    }
    text
}
