//! The Events API's checks (spec 6): of a request, and of an event's parameters against its definition.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use waypost_core::time::{Micros, parse_expiry};
use waypost_store::directory::{EventDefinition, EventParameter, ParameterKind};

use super::node::is_web_url;
use super::param::Param;
use super::plan::{CORRELATION_BYTES_MAX, NOTIFY_URL_BYTES_MAX, TEXT_CHARS_MAX};
use super::refusal::{Detail, Refusal, detail};

/// Most events of a request; the contract has no number.
pub const EVENTS_MAX: usize = 100;

/// What is known of something that happened, by name: what rules see and templates are filled with.
pub type Facts = BTreeMap<String, String>;

/// A request of the Events API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPlan {
    /// Who is told of the messages the events lead to, in place of the service's URL.
    pub notify_url: Option<String>,
    /// One for each event, in the order of the request; never empty.
    pub units: Vec<EventUnit>,
}

/// One event of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventUnit {
    /// Good.
    Taken(TakenEvent),
    /// Refused by itself; the others are kept.
    Refused {
        /// Why.
        refusal: EventRefusal,
        /// Echoed.
        correlation: Option<String>,
    },
}

/// An event that is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenEvent {
    /// The row of its definition.
    pub event: i64,
    /// The client's own reference.
    pub correlation: Option<String>,
    /// Its parameters, defaults filled in.
    pub facts: Facts,
}

/// Why a request of the Events API, or one event of it, is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventRefusal {
    /// What the Messaging API would refuse too: key, address, rate, body.
    Shared(Refusal),
    /// 7003: a member that every request has, at this path.
    Missing(String, &'static str),
    /// 7004: `events` has no element.
    Empty,
    /// 7004: a value that cannot be used, by its path and its name, and what is asked of it.
    Wrong(String, String, Cow<'static, str>),
    /// 7004: something at this path that has no name of its own.
    Unusable(String, &'static str),
    /// 7025: a mandatory parameter without a default is absent.
    Mandatory(String, String),
    /// 7005: the events could not be stored.
    NotKept,
    /// 7006: something failed before they were.
    Internal,
}

impl<R: Into<Refusal>> From<R> for EventRefusal {
    fn from(refusal: R) -> Self {
        Self::Shared(refusal.into())
    }
}

impl EventRefusal {
    /// What helps the caller to mend it.
    #[must_use]
    pub fn detail(&self) -> Detail {
        match self {
            Self::Shared(refusal) => refusal.detail(),
            Self::Missing(path, _) => detail(path.clone(), "mandatory", "add it"),
            Self::Empty => detail("events", format!("1 to {EVENTS_MAX} events"), "send at least one event"),
            Self::Wrong(path, _, rule) => detail(path.clone(), rule.clone(), "send what the rule says"),
            Self::Unusable(path, rule) => detail(path.clone(), *rule, "send what the rule says"),
            Self::Mandatory(path, _) => {
                detail(path.clone(), "mandatory in the event's definition, without a default", "add it")
            }
            Self::NotKept => detail("request", "the events were not kept", "send them again after a second"),
            Self::Internal => detail("request", "the events were not kept", "send them again"),
        }
    }
}

/// Reads and checks a request; `event_of` knows the tenant's events by their `evtid`.
///
/// # Errors
/// The first [`EventRefusal`] of the whole request. Faults of one event stand in [`EventPlan::units`].
pub fn read(
    body: &Map<String, Value>,
    now: Micros,
    event_of: impl Fn(i64) -> Option<Arc<EventDefinition>>,
) -> Result<EventPlan, EventRefusal> {
    check_expiry(member(body, "expiry"), now)?;
    let events = match member(body, "events") {
        None => return Err(EventRefusal::Missing("events".to_owned(), "events")),
        Some(Value::Array(events)) => events,
        Some(_) => return Err(wrong("events", "events", "an array of objects")),
    };
    if events.is_empty() {
        return Err(EventRefusal::Empty);
    }
    if events.len() > EVENTS_MAX {
        return Err(EventRefusal::Unusable("events".to_owned(), "at most 100 events in a request"));
    }
    let unit = |(place, event)| read_one(event, &format!("events[{place}]"), &event_of);
    Ok(EventPlan {
        notify_url: notify_url(member(body, "notifyurl")),
        units: events.iter().enumerate().map(unit).collect(),
    })
}

/// A member that is there; `null` counts as left out.
fn member<'a>(of: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    of.get(name).filter(|value| !value.is_null())
}

fn wrong(path: &str, name: &str, rule: impl Into<Cow<'static, str>>) -> EventRefusal {
    EventRefusal::Wrong(path.to_owned(), name.to_owned(), rule.into())
}

fn check_expiry(given: Option<&Value>, now: Micros) -> Result<(), EventRefusal> {
    let text = match given {
        None => return Ok(()),
        Some(Value::String(text)) if text.is_empty() => return Ok(()),
        Some(Value::String(text)) => text,
        Some(_) => return Err(Param::Expiry.into()),
    };
    let at = parse_expiry(text).map_err(|_| EventRefusal::from(Param::Expiry))?;
    if at <= now { Err(Refusal::Expired.into()) } else { Ok(()) }
}

/// As for a message, one that cannot be called never refuses the request.
fn notify_url(given: Option<&Value>) -> Option<String> {
    let text = given?.as_str()?;
    (text.len() <= NOTIFY_URL_BYTES_MAX && is_web_url(text)).then(|| text.to_owned())
}

fn read_one(given: &Value, path: &str, event_of: &impl Fn(i64) -> Option<Arc<EventDefinition>>) -> EventUnit {
    let Value::Object(given) = given else {
        let refusal = EventRefusal::Unusable(path.to_owned(), "an object");
        return EventUnit::Refused { refusal, correlation: None };
    };
    let correlation = match member(given, "correlationid") {
        None => None,
        Some(Value::String(text)) if text.len() <= CORRELATION_BYTES_MAX => Some(text.clone()),
        Some(_) => {
            let at = format!("{path}.correlationid");
            let refusal = wrong(&at, "correlationid", "a text of at most 50 bytes");
            return EventUnit::Refused { refusal, correlation: None };
        }
    };
    match known(given, path, event_of) {
        Ok((event, facts)) => EventUnit::Taken(TakenEvent { event, correlation, facts }),
        Err(refusal) => EventUnit::Refused { refusal, correlation },
    }
}

fn known(
    given: &Map<String, Value>,
    path: &str,
    event_of: &impl Fn(i64) -> Option<Arc<EventDefinition>>,
) -> Result<(i64, Facts), EventRefusal> {
    let at = format!("{path}.evtid");
    let id = match member(given, "evtid") {
        None => return Err(EventRefusal::Missing(at, "evtid")),
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_i64(),
        Some(_) => None,
    };
    let unknown = || wrong(&at, "evtid", "the id of an event of this tenant that is switched on");
    let event = id.and_then(event_of).ok_or_else(unknown)?;
    let path = format!("{path}.parameters");
    let given = match member(given, "parameters") {
        None => Map::new(),
        Some(Value::Object(parameters)) => parameters.clone(),
        Some(_) => return Err(EventRefusal::Unusable(path, "an object of plain values")),
    };
    Ok((event.id, facts(&event, &given, &path)?))
}

/// The event's own parameters; those it does not know are left out.
fn facts(event: &EventDefinition, given: &Map<String, Value>, path: &str) -> Result<Facts, EventRefusal> {
    let mut facts = Facts::new();
    for parameter in &event.parameters {
        let at = format!("{path}.{}", parameter.name);
        match member(given, &parameter.name) {
            Some(value) => {
                let text = plain(value).ok_or(EventRefusal::Unusable(at.clone(), "a plain value"))?;
                if !fits(parameter, &text) {
                    return Err(wrong(&at, &parameter.name, rule(parameter.kind)));
                }
                facts.insert(parameter.name.clone(), text);
            }
            None => match &parameter.default {
                Some(default) => drop(facts.insert(parameter.name.clone(), default.clone())),
                None if parameter.mandatory => {
                    return Err(EventRefusal::Mandatory(at, parameter.name.clone()));
                }
                None => {}
            },
        }
    }
    Ok(facts)
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a value is one that the parameter takes.
#[must_use]
pub fn fits(parameter: &EventParameter, value: &str) -> bool {
    let short = value.len() <= TEXT_CHARS_MAX || value.chars().count() <= TEXT_CHARS_MAX;
    short
        && match parameter.kind {
            ParameterKind::Text => true,
            ParameterKind::Number => is_number(value),
            ParameterKind::Flag => matches!(value, "true" | "false" | "1" | "0"),
            ParameterKind::Date => is_date(value),
        }
}

const fn rule(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::Text => "a text of at most 4000 characters",
        ParameterKind::Number => "a decimal number",
        ParameterKind::Flag => "true or false, 1 or 0",
        ParameterKind::Date => "a date as 2030-04-12, or with a time as 2030-04-12T13:00:19.456Z",
    }
}

fn is_number(text: &str) -> bool {
    let digits = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    text.bytes().all(digits) && text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_date(text: &str) -> bool {
    let with_time = |text: &str| parse_expiry(text).is_ok();
    with_time(text) || (text.len() == 10 && with_time(&format!("{text}T00:00:00.000Z")))
}
