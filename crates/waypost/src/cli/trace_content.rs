//! `waypost trace content`: the exchanges of a message or a property.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::json;
use waypost_content::records::log::{self, Entry};
use waypost_core::id::MessageId;
use waypost_core::time::{Micros, rfc3339_utc};
use waypost_store::Ctx;

use super::output::{self, Format};
use crate::config::Config;
use crate::wiring;

/// Exchanges shown at most.
const SHOWN_MAX: i64 = 200;

/// Prints every exchange under the id: a message's, else the newest of the property; exit code 1 when there is none.
pub fn run(config: &Config, id: &str, format: Format) -> anyhow::Result<ExitCode> {
    let wanted = id.to_owned();
    let found = super::block_on(async {
        let store = wiring::open_command(config)?;
        let found = store
            .read(move |tx| {
                let ctx = Ctx::all("trace");
                let of_message = log::of_message(tx, &ctx, &wanted, SHOWN_MAX)?;
                if of_message.is_empty() {
                    log::of_property(tx, &ctx, &wanted, Micros(0), SHOWN_MAX)
                } else {
                    Ok(of_message)
                }
            })
            .await;
        store.close().await;
        Ok(found?)
    })?;
    match (format.json, found.is_empty()) {
        (true, _) => output::json(&found.iter().map(shown).collect::<Vec<_>>())?,
        (false, true) => eprintln!("waypost: nothing is known of {id}"),
        (false, false) => output::print(&found.iter().map(text).collect::<String>())?,
    }
    Ok(if found.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn what(entry: &Entry) -> String {
    let what = if entry.audit { "audit" } else { "push" };
    let op = if entry.op.is_empty() { String::new() } else { format!(" {}", entry.op) };
    format!("{what} {}{op} {}", entry.kind.word(), entry.object)
}

fn at(entry: &Entry) -> String {
    rfc3339_utc(MessageId(entry.id).time())
}

fn shown(entry: &Entry) -> serde_json::Value {
    json!({"at": at(entry), "tenant": entry.tenant, "partner": entry.partner,
        "direction": if entry.outbound { "out" } else { "in" }, "what": if entry.audit { "audit" } else { "push" },
        "kind": entry.kind.word(), "updateType": entry.op, "property": entry.property, "object": entry.object,
        "messageId": entry.message_id, "attempt": entry.attempt, "http": entry.http, "codes": entry.codes,
        "detail": entry.detail, "took_us": entry.took_us, "request": entry.request, "answer": entry.answer})
}

fn text(entry: &Entry) -> String {
    let mut text = String::new();
    let arrow = if entry.outbound { "to" } else { "from" };
    let http = entry.http.map_or_else(|| "no answer".to_owned(), |http| format!("HTTP {http}"));
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{} {} of {} {arrow} partner {}, attempt {}: {http} {} {}",
        at(entry),
        what(entry),
        entry.property,
        entry.partner,
        entry.attempt,
        entry.codes,
        entry.detail
    );
    let _ = writeln!(text, "  message {}\n  > {}\n  < {}", entry.message_id, entry.request, entry.answer);
    text
}
