//! Events of a tenant and the rules that answer them (spec 6).

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Map;
use waypost_core::channel::Channel;

use crate::sql::Sql;
use crate::{Param, Row, StoreError};

/// What the values of an event's parameter are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterKind {
    /// Any text.
    #[default]
    Text,
    /// A decimal number.
    Number,
    /// `true` or `false`, 1 or 0.
    Flag,
    /// A date as ISO 8601, with or without a time.
    Date,
}

impl ParameterKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Text, Self::Number, Self::Flag, Self::Date];

    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Flag => "flag",
            Self::Date => "date",
        }
    }

    /// From the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A parameter of an event. Field names are on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventParameter {
    /// Its name.
    pub name: String,
    /// What its values are.
    pub kind: ParameterKind,
    /// Whether an event without it is refused (7025), unless there is a default.
    pub mandatory: bool,
    /// Stands in where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// Something that can happen at a customer's side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventDefinition {
    /// Its row: the `evtid` of the wire.
    pub id: i64,
    /// The tenant's row.
    #[serde(skip)]
    pub tenant: i64,
    /// Its name, unique in the tenant.
    pub name: String,
    /// Its parameters.
    pub parameters: Vec<EventParameter>,
    /// Whether it is taken; otherwise its id is unknown.
    pub enabled: bool,
}

/// What a rule waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Happens {
    /// One of the tenant's events.
    Event,
    /// A message from outside.
    Inbound,
    /// A final outcome of a message, a read or a click.
    Receipt,
    /// A customer was made, changed or removed.
    Profile,
    /// A service request entered a status.
    Status,
}

impl Happens {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Event, Self::Inbound, Self::Receipt, Self::Profile, Self::Status];

    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Inbound => "inbound",
            Self::Receipt => "receipt",
            Self::Profile => "profile",
            Self::Status => "status",
        }
    }

    /// From the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// How a fact is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// The same text, or the same number.
    Equal,
    /// Neither, or there is no such fact.
    NotEqual,
    /// A smaller number.
    Below,
    /// A larger number.
    Above,
    /// The text holds the value, whatever the case.
    Contains,
    /// There is such a fact and it is not empty.
    Present,
}

/// One condition of a rule. Field names are on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The fact's name.
    pub fact: String,
    /// How it is compared.
    pub is: Comparison,
    /// With what.
    #[serde(default)]
    pub value: String,
}

/// When this happens, send that.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// Its row; 0 before it is stored.
    pub id: i64,
    /// The tenant's row.
    #[serde(skip)]
    pub tenant: i64,
    /// The service that sends.
    pub service: i64,
    /// Its name, unique in the tenant.
    pub name: String,
    /// What it waits for.
    pub happens: Happens,
    /// Which event, where it waits for one.
    pub event: Option<i64>,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
    /// The template that is sent.
    pub template: String,
    /// The channel.
    #[serde(skip)]
    pub channel: Channel,
    /// The destination object of a request, its texts with placeholders for facts.
    pub destination: Map<String, serde_json::Value>,
    /// How long it waits before it sends, seconds.
    pub delay_s: u32,
    /// Whether it is in force.
    pub enabled: bool,
}

/// All events when ?1 is 0, otherwise those of one tenant.
pub(super) const EVENTS: &str =
    "SELECT id, tenant, name, parameters, enabled FROM event WHERE (tenant = ?1 OR ?1 = 0) ORDER BY id";

/// All rules when ?1 is 0, otherwise those of one tenant.
pub(super) const RULES: &str = "SELECT id, tenant, service, name, happens, event, conditions, template, channel, destination, \
     delay_s, enabled FROM rule WHERE (tenant = ?1 OR ?1 = 0) ORDER BY id";

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(what.to_owned())
}

pub(super) fn event_from_row(row: &Row) -> Result<EventDefinition, StoreError> {
    Ok(EventDefinition {
        id: row.int(0)?,
        tenant: row.int(1)?,
        name: row.text(2)?.to_owned(),
        parameters: serde_json::from_str(row.text(3)?).map_err(|_| corrupt("event.parameters"))?,
        enabled: row.flag(4)?,
    })
}

pub(super) fn rule_from_row(row: &Row) -> Result<Rule, StoreError> {
    Ok(Rule {
        id: row.int(0)?,
        tenant: row.int(1)?,
        service: row.int(2)?,
        name: row.text(3)?.to_owned(),
        happens: Happens::parse(row.text(4)?).ok_or_else(|| corrupt("rule.happens"))?,
        event: row.opt_int(5)?,
        conditions: serde_json::from_str(row.text(6)?).map_err(|_| corrupt("rule.conditions"))?,
        template: row.text(7)?.to_owned(),
        channel: Channel::parse(row.text(8)?).ok_or_else(|| corrupt("rule.channel"))?,
        destination: serde_json::from_str(row.text(9)?).map_err(|_| corrupt("rule.destination"))?,
        delay_s: u32::try_from(row.int(10)?).unwrap_or(u32::MAX),
        enabled: row.flag(11)?,
    })
}

/// Events and rules in memory.
#[derive(Debug, Default)]
pub struct Events {
    events: HashMap<i64, Arc<EventDefinition>>,
    rules: HashMap<i64, Arc<Rule>>,
    waiting: HashMap<(i64, Happens), Vec<Arc<Rule>>>,
}

impl Events {
    pub(super) fn load(tx: &mut dyn Sql) -> Result<Self, StoreError> {
        let mut known = Self::default();
        for row in tx.query(EVENTS, &[Param::Int(0)])? {
            let event = event_from_row(&row)?;
            known.events.insert(event.id, Arc::new(event));
        }
        for row in tx.query(RULES, &[Param::Int(0)])? {
            let rule = Arc::new(rule_from_row(&row)?);
            if rule.enabled {
                known.waiting.entry((rule.tenant, rule.happens)).or_default().push(Arc::clone(&rule));
            }
            known.rules.insert(rule.id, rule);
        }
        Ok(known)
    }

    /// An event of the tenant that is taken, by its `evtid`.
    #[must_use]
    pub fn event(&self, tenant: i64, id: i64) -> Option<&Arc<EventDefinition>> {
        self.events.get(&id).filter(|event| event.tenant == tenant && event.enabled)
    }

    /// A rule by its row, whether in force or not.
    #[must_use]
    pub fn rule(&self, id: i64) -> Option<&Arc<Rule>> {
        self.rules.get(&id)
    }

    /// The tenant's rules in force that wait for this, by row.
    #[must_use]
    pub fn waiting(&self, tenant: i64, happens: Happens) -> &[Arc<Rule>] {
        self.waiting.get(&(tenant, happens)).map_or(&[], Vec::as_slice)
    }
}
