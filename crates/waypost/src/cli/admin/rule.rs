//! `waypost admin rule`.

use clap::Subcommand;
use serde_json::{Map, Value};
use waypost_core::time::Micros;
use waypost_messaging::records::happening;
use waypost_store::StoreError;
use waypost_store::directory::{Comparison, Condition, Happens, Rule, admin};

use super::desk::{self, Desk, Done, tenant};
use super::template::channel_of;
use crate::cli::Usage;

/// Rules: when this happens, send that template.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a rule; it is in force at once.
    Create(Box<Create>),
    /// List rules.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Put a rule in force again.
    Enable(One),
    /// Put a rule out of force: what waits for its delay is not sent any more.
    Disable(One),
    /// Show what rules made of the newest happenings: a message, or why there is none.
    Made {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        max: u32,
    },
}

/// A new rule.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// The short name of the service that sends; a rule on inbound messages or receipts sees those of this service.
    #[arg(long)]
    service: String,
    /// What it waits for: event, inbound, receipt, profile or status (of a service request).
    #[arg(long, default_value = "event")]
    on: String,
    /// The event it waits for.
    #[arg(long)]
    event: Option<i64>,
    /// A condition as FACT=VALUE, FACT!=VALUE, FACT<VALUE, FACT>VALUE, FACT~VALUE (contains) or FACT (is there); all of
    /// them must hold.
    #[arg(long = "if", value_name = "CONDITION")]
    conditions: Vec<String>,
    /// The template it sends.
    #[arg(long)]
    template: String,
    /// The channel.
    #[arg(long, default_value = "sms")]
    channel: String,
    /// The destination as IDTYPE=VALUE, with {{fact}} for what is known: msisdn={{msisdn}}, customerid={{customerid}}.
    #[arg(long = "to", value_name = "IDTYPE=VALUE")]
    destination: String,
    /// How long it waits before it sends, in seconds.
    #[arg(long, default_value_t = 0)]
    delay_s: u32,
    /// Its name.
    name: String,
}

/// A rule.
#[derive(Debug, clap::Args)]
pub struct One {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// Its number.
    rule: i64,
}

/// Runs the subcommand.
pub async fn run(command: &Command, desk: &Desk) -> anyhow::Result<()> {
    match command {
        Command::Create(new) => create(new, desk).await,
        Command::List { tenant } => list(tenant.clone(), desk).await,
        Command::Enable(one) => switch(one, true, desk).await,
        Command::Disable(one) => switch(one, false, desk).await,
        Command::Made { tenant, max } => made(tenant.clone(), *max, desk).await,
    }
}

/// The signs of comparisons, longer ones before those they begin like.
const SIGNS: [(&str, Comparison); 5] = [
    ("!=", Comparison::NotEqual),
    ("=", Comparison::Equal),
    ("<", Comparison::Below),
    (">", Comparison::Above),
    ("~", Comparison::Contains),
];

fn condition(text: &str) -> Condition {
    let found = SIGNS.iter().filter_map(|(sign, is)| Some((text.find(sign)?, sign.len(), *is)));
    match found.min_by_key(|(at, length, _)| (*at, std::cmp::Reverse(*length))) {
        Some((at, length, is)) => {
            Condition { fact: text[..at].to_owned(), is, value: text[at + length..].to_owned() }
        }
        None => Condition { fact: text.to_owned(), is: Comparison::Present, value: String::new() },
    }
}

fn shown(condition: &Condition) -> String {
    let sign = SIGNS.iter().find(|(_, is)| *is == condition.is).map_or("", |(sign, _)| sign);
    format!("{}{sign}{}", condition.fact, condition.value)
}

fn destination(text: &str) -> Result<Map<String, Value>, Usage> {
    let Some((id_type, value)) = text.split_once('=') else {
        return Err(Usage(format!("`{text}` is not IDTYPE=VALUE, for example msisdn={{{{msisdn}}}}")));
    };
    Ok(Map::from_iter([(id_type.to_owned(), Value::Array(vec![value.into()]))]))
}

async fn create(new: &Create, desk: &Desk) -> anyhow::Result<()> {
    let unknown = || Usage(format!("`{}` is none of event, inbound, receipt, profile, status", new.on));
    let mut rule = Rule {
        id: 0,
        tenant: 0,
        service: 0,
        name: new.name.clone(),
        happens: Happens::parse(&new.on).ok_or_else(unknown)?,
        event: new.event,
        conditions: new.conditions.iter().map(|text| condition(text)).collect(),
        template: new.template.clone(),
        channel: channel_of(&new.channel)?,
        destination: destination(&new.destination)?,
        delay_s: new.delay_s,
        enabled: true,
    };
    let (slug, service, draft) = (new.tenant.clone(), new.service.clone(), rule.clone());
    (rule.id, rule.service) = desk
        .change(move |tx, now| {
            let (ctx, tenant) = tenant(tx, &slug)?;
            let service = admin::service_by_slug(tx, &ctx, tenant.id, &service)?.id;
            let stored = Rule { service, ..draft.clone() };
            Ok::<_, StoreError>((admin::create_rule(tx, &ctx, now, &stored)?, service))
        })
        .await?;
    let line = format!("created rule {}", rule.id);
    desk.tell(&rule, &line)
}

async fn list(slug: String, desk: &Desk) -> anyhow::Result<()> {
    let found = desk
        .read(move |tx| {
            let (ctx, _) = tenant(tx, &slug)?;
            admin::list_rules(tx, &ctx)
        })
        .await?;
    desk.list(&found, ["Rule", "Name", "State", "When", "If", "Sends", "To", "After s"], |rule| {
        let event = rule.event.map(|event| format!(" {event}")).unwrap_or_default();
        let conditions: Vec<String> = rule.conditions.iter().map(shown).collect();
        [
            rule.id.to_string(),
            rule.name.clone(),
            (if rule.enabled { "on" } else { "off" }).to_owned(),
            format!("{}{event}", rule.happens.word()),
            conditions.join(" "),
            format!("{} by {}", rule.template, rule.channel.wire_name()),
            Value::Object(rule.destination.clone()).to_string(),
            rule.delay_s.to_string(),
        ]
    })
}

async fn switch(one: &One, on: bool, desk: &Desk) -> anyhow::Result<()> {
    let (slug, id) = (one.tenant.clone(), one.rule);
    desk.change(move |tx, now| {
        let (ctx, _) = tenant(tx, &slug)?;
        admin::switch_rule(tx, &ctx, now, id, on)
    })
    .await?;
    let (done, word) = if on { ("rule.enable", "in force") } else { ("rule.disable", "out of force") };
    desk.tell(&Done { done, name: &id.to_string() }, &format!("rule {id} is {word}"))
}

async fn made(slug: String, max: u32, desk: &Desk) -> anyhow::Result<()> {
    let found = desk
        .read(move |tx| {
            let (ctx, _) = tenant(tx, &slug)?;
            happening::newest_made(tx, &ctx, i64::from(max))
        })
        .await?;
    desk.list(&found, ["Happening", "Rule", "At", "Message", "Why none"], |made| {
        [
            made.happening.to_string(),
            made.rule.to_string(),
            desk::shown(Micros(made.at)),
            made.message.map(|message| message.to_string()).unwrap_or_default(),
            made.note.clone(),
        ]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_read_as_it_is_shown() {
        for text in ["code=7500", "code!=7500", "amount<10", "amount>10", "text~help", "msisdn", "a=b!=c"] {
            assert_eq!(shown(&condition(text)), text);
        }
        assert_eq!(condition("a=b!=c").fact, "a");
        assert_eq!(condition("code!=7500").is, Comparison::NotEqual);
        assert_eq!(condition("msisdn").is, Comparison::Present);
    }

    #[test]
    fn a_destination_names_its_id_type() {
        let read = destination("msisdn={{msisdn}}").unwrap();
        assert_eq!(Value::Object(read), serde_json::json!({"msisdn": ["{{msisdn}}"]}));
        assert!(destination("msisdn").is_err());
    }
}
