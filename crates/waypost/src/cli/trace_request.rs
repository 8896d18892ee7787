//! `waypost trace service-request`: who changed what of a service request, when and from where.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};
use waypost_core::time::rfc3339_utc;
use waypost_services::records::request_trace::{self, Change, Traced};
use waypost_store::Ctx;

use super::output::{self, Format};
use crate::config::Config;
use crate::wiring;

/// Prints the story of the request with this id or guid; exit code 1 when there is none.
pub fn run(config: &Config, id: &str, format: Format) -> anyhow::Result<ExitCode> {
    let wanted = id.to_owned();
    let found = super::block_on(async {
        let store = wiring::open_command(config)?;
        let found = store.read(move |tx| request_trace::find(tx, &Ctx::all("trace"), &wanted)).await;
        store.close().await;
        Ok(found?)
    })?;
    match (format.json, found.is_empty()) {
        (true, _) => output::json(&found.iter().map(shown).collect::<Vec<_>>())?,
        (false, true) => eprintln!("waypost: there is no service request {id}"),
        (false, false) => output::print(&found.iter().map(text).collect::<Vec<_>>().join("\n"))?,
    }
    Ok(if found.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn shown(traced: &Traced) -> Value {
    let change = |own: &Change| {
        json!({"at": rfc3339_utc(own.at), "application": own.application, "user": own.user, "source": own.source,
            "entity": own.entity, "entity_id": own.entity_id, "action": own.action, "detail": own.detail})
    };
    json!({"tenant": traced.tenant, "id": traced.id, "guid": traced.guid, "service": traced.service,
        "status": traced.status.name(), "user": traced.user, "deleted": traced.is_deleted,
        "created_at": rfc3339_utc(traced.created_at), "updated_at": rfc3339_utc(traced.updated_at),
        "changes": traced.changes.iter().map(change).collect::<Vec<_>>()})
}

fn text(traced: &Traced) -> String {
    let mut text = format!("service request {}\n", traced.id);
    let deleted = if traced.is_deleted { ", deleted" } else { "" };
    let facts = [
        ("guid", traced.guid.clone()),
        ("service", format!("{} (tenant {})", traced.service, traced.tenant)),
        ("status", format!("{}{deleted}", traced.status.name())),
        ("owner", format!("user {}", traced.user)),
        ("created", rfc3339_utc(traced.created_at)),
        ("changed", rfc3339_utc(traced.updated_at)),
    ];
    // Writing to a String cannot fail.
    for (label, value) in facts {
        let _ = writeln!(text, "  {label:<9}{value}");
    }
    for change in &traced.changes {
        let _ = writeln!(text, "  {}  {}", rfc3339_utc(change.at), line(change, traced.id));
    }
    text
}

fn line(change: &Change, request: i64) -> String {
    let what = match change.entity.as_str() {
        "service_request" if change.entity_id == request => change.action.clone(),
        other => format!("{} {} {}", other.replace('_', " "), change.entity_id, change.action),
    };
    let detail = if change.detail.is_empty() { String::new() } else { format!(": {}", change.detail) };
    let user = change.user.map(|user| format!("user {user}, ")).unwrap_or_default();
    let by = change.application.as_deref().unwrap_or("the operator");
    format!("{what}{detail}; by {user}{by}, from {}", change.source)
}

#[cfg(test)]
mod tests {
    use waypost_core::time::Micros;

    use super::*;

    #[test]
    fn a_line_says_who_what_and_from_where() {
        let change = Change {
            at: Micros::from_secs(1_790_000_000),
            application: Some("CSF".to_owned()),
            user: Some(7),
            source: "10.0.0.1".to_owned(),
            entity: "service_request".to_owned(),
            entity_id: 3,
            action: "update".to_owned(),
            detail: "RequestStatus InProgress to Submitted".to_owned(),
        };
        let expected = "update: RequestStatus InProgress to Submitted; by user 7, CSF, from 10.0.0.1";
        assert_eq!(line(&change, 3), expected);
        let invoice = Change {
            entity: "invoice".to_owned(),
            entity_id: 9,
            action: "create".to_owned(),
            detail: String::new(),
            user: None,
            application: None,
            source: "command line".to_owned(),
            ..change
        };
        assert_eq!(line(&invoice, 3), "invoice 9 create; by the operator, from command line");
    }
}
