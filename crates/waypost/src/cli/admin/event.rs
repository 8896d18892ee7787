//! `waypost admin event`.

use clap::Subcommand;
use waypost_messaging::rules::event::fits;
use waypost_store::directory::{EventDefinition, EventParameter, ParameterKind, admin};

use super::desk::{Desk, Done, tenant};
use crate::cli::Usage;

/// Events: what customers' systems tell of, and rules answer.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create an event; its number is the `evtid` of requests.
    Create {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// A parameter as NAME, NAME:KIND, NAME:KIND! (mandatory) or NAME:KIND=DEFAULT; the kinds are text, number, flag
        /// and date.
        #[arg(long = "parameter", value_name = "NAME[:KIND][!][=DEFAULT]")]
        parameters: Vec<String>,
        /// Its name.
        name: String,
    },
    /// List events.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Take an event again.
    Enable(One),
    /// Refuse an event: 7004 for whoever tells of it.
    Disable(One),
}

/// An event.
#[derive(Debug, clap::Args)]
pub struct One {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// Its number.
    event: i64,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create { tenant, parameters, name } => create(tenant, parameters, name, desk).await,
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::Enable(one) => switch(one, true, desk).await,
        Command::Disable(one) => switch(one, false, desk).await,
    }
}

/// Reads `NAME[:KIND][!][=DEFAULT]`.
fn parameter(text: &str) -> Result<EventParameter, Usage> {
    let (head, default) = match text.split_once('=') {
        Some((head, default)) => (head, Some(default.to_owned())),
        None => (text, None),
    };
    let (head, mandatory) = match head.strip_suffix('!') {
        Some(head) => (head, true),
        None => (head, false),
    };
    let (name, kind) = match head.split_once(':') {
        Some((name, word)) => {
            let unknown = || Usage(format!("`{word}` in `{text}` is none of text, number, flag, date"));
            (name, ParameterKind::parse(word).ok_or_else(unknown)?)
        }
        None => (head, ParameterKind::Text),
    };
    let parameter = EventParameter { name: name.to_owned(), kind, mandatory, default };
    match &parameter.default {
        Some(default) if !fits(&parameter, default) => {
            Err(Usage(format!("the default `{default}` of {name} is no {}", kind.word())))
        }
        _ => Ok(parameter),
    }
}

async fn create(slug: &str, parameters: &[String], name: &str, desk: &Desk) -> anyhow::Result<()> {
    let parameters = parameters.iter().map(|text| parameter(text)).collect::<Result<Vec<_>, _>>()?;
    let (slug, new) = (slug.to_owned(), (name.to_owned(), parameters.clone()));
    let id = desk
        .change(move |tx, now| {
            let (ctx, _) = tenant(tx, &slug)?;
            admin::create_event(tx, &ctx, now, &new.0, &new.1)
        })
        .await?;
    let event = EventDefinition { id, tenant: 0, name: name.to_owned(), parameters, enabled: true };
    desk.tell(&event, &format!("created event {id}; requests name it \"evtid\": \"{id}\""))
}

fn shown(parameter: &EventParameter) -> String {
    let mark = if parameter.mandatory { "!" } else { "" };
    let default = parameter.default.as_ref().map(|default| format!("={default}")).unwrap_or_default();
    format!("{}:{}{mark}{default}", parameter.name, parameter.kind.word())
}

async fn list(slug: String, desk: &Desk) -> anyhow::Result<()> {
    let found = desk
        .read(move |tx| {
            let (ctx, _) = tenant(tx, &slug)?;
            admin::list_events(tx, &ctx)
        })
        .await?;
    desk.list(&found, ["Event", "Name", "State", "Parameters"], |event| {
        let state = if event.enabled { "on" } else { "off" };
        let parameters: Vec<String> = event.parameters.iter().map(shown).collect();
        [event.id.to_string(), event.name.clone(), state.to_owned(), parameters.join(" ")]
    })
}

async fn switch(one: &One, on: bool, desk: &Desk) -> anyhow::Result<()> {
    let (slug, id) = (one.tenant.clone(), one.event);
    desk.change(move |tx, now| {
        let (ctx, _) = tenant(tx, &slug)?;
        admin::switch_event(tx, &ctx, now, id, on)
    })
    .await?;
    let (done, word) = if on { ("event.enable", "on") } else { ("event.disable", "off") };
    desk.tell(&Done { done, name: &id.to_string() }, &format!("event {id} is {word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_read_as_it_is_shown() {
        for text in ["name:text", "name:text!", "amount:number=1.5", "sure:flag!=true", "when:date"] {
            assert_eq!(shown(&parameter(text).unwrap()), text);
        }
        assert_eq!(shown(&parameter("name").unwrap()), "name:text");
        for text in ["name:word", "amount:number=ten", "sure:flag=yes", "when:date=soon"] {
            assert!(parameter(text).is_err(), "{text}");
        }
    }
}
