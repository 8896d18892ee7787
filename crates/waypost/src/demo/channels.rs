//! The tour of the channels: on each, one message for every code a message there can end with, and one to the sandbox's
//! customer, which goes through the channel's own protocol to its simulated provider. A call tells of each of its steps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use waypost_status::{Api, CATALOGUE, Phase};

use super::calls::{self, CallStep};
use super::{Client, Target};
use crate::sandbox::FLOW_ID;

/// What correlation ids of the tour begin with; channel and code follow.
const PREFIX: &str = "tour-";

/// Stands for the customer, whose address names no code.
const CUSTOMER: u16 = 0;
/// How the customer's message ends.
const DELIVERED: u16 = 7500;
/// How the customer's call ends.
const ANSWERED: u16 = 7519;

/// A channel of the tour and the content of its message.
struct Stop {
    name: &'static str,
    content: fn() -> Value,
}

const STOPS: [Stop; 6] = [
    Stop { name: "voice", content: || json!({"voice": {"callflowid": FLOW_ID}}) },
    Stop {
        name: "push",
        content: || json!({"push": {"android": {"title": "Waypost", "text": "Hello"}, "ios": {"text": "Hello"}}}),
    },
    Stop { name: "rt", content: || json!({"appmessaging": {"message": {"text": "Hello"}}}) },
    Stop { name: "fb", content: || json!({"OTT-Messaging": {"fb": {"text": "Hello"}}}) },
    Stop { name: "twitter", content: || json!({"OTT-Messaging": {"twitter": {"text": "Hello"}}}) },
    Stop { name: "wechat", content: || json!({"OTT-Messaging": {"wechat": {"text": "Hello"}}}) },
];

/// A notification of the tour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    channel: String,
    asked: u16,
    code: u16,
    at: String,
}

impl Told {
    /// Reads the correlation id, code and time of a notification; `None` when it is not one of the tour's.
    #[must_use]
    pub fn of(correlation: &str, code: &str, at: &str) -> Option<Self> {
        let (channel, asked) = correlation.strip_prefix(PREFIX)?.split_once('-')?;
        let (asked, code) = (asked.parse().ok()?, code.parse().ok()?);
        Some(Self { channel: channel.to_owned(), asked, code, at: at.to_owned() })
    }

    /// How the message ended, when this says so.
    fn is_end(&self) -> bool {
        match (self.asked, self.channel.as_str()) {
            (CUSTOMER, "voice") => self.code == ANSWERED,
            (CUSTOMER, _) => self.code == DELIVERED,
            (asked, _) => self.code == asked,
        }
    }
}

/// What became of a channel's messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ChannelRow {
    /// The channel.
    pub channel: String,
    /// Messages sent: one for each outcome and one to the customer.
    pub messages: usize,
    /// Messages that reached the recipient.
    pub delivered: usize,
    /// Messages that ended otherwise, with the code that was asked for.
    pub failed: usize,
    /// Messages whose outcome was not told.
    pub missing: usize,
    /// How many messages ended with each code.
    pub outcomes: BTreeMap<String, usize>,
}

/// The codes with which a message of the channel can end.
fn outcomes(channel: &str) -> BTreeSet<u16> {
    let can_end = CATALOGUE.iter().filter(|entry| {
        entry.api == Api::Messaging
            && entry.phase != Phase::Answer
            && !entry.is_reserved()
            && !entry.text().contains('{')
            && (entry.channels.is_empty() || entry.channels.contains(&channel))
    });
    can_end.filter_map(|entry| u16::try_from(entry.code).ok()).collect()
}

/// Sends one message for every outcome of every channel but SMS, and one to the customer, and waits for what is told of each.
/// The rows of the channels, and the steps of the call to the customer.
///
/// # Errors
/// When the server does not take a request.
pub async fn tour(
    target: &Target,
    customer: &str,
    told: &mut mpsc::Receiver<Told>,
    patience: Duration,
) -> anyhow::Result<(Vec<ChannelRow>, Vec<CallStep>)> {
    let mut open: BTreeSet<(String, u16)> = BTreeSet::new();
    let mut rows: BTreeMap<&str, ChannelRow> = BTreeMap::new();
    let mut client = Client::connect(target.address).await?;
    for stop in &STOPS {
        let codes = outcomes(stop.name);
        client.post("/resources/v1/messaging", &target.key, body(stop, &codes, customer)).await?;
        let all = codes.into_iter().chain([CUSTOMER]).map(|code| (stop.name.to_owned(), code));
        let before = open.len();
        open.extend(all);
        let row = ChannelRow {
            channel: stop.name.to_owned(),
            messages: open.len() - before,
            ..ChannelRow::default()
        };
        rows.insert(stop.name, row);
    }
    let mut steps = Vec::new();
    while !open.is_empty() || !calls::is_whole(&steps) {
        let Ok(Some(told)) = tokio::time::timeout(patience, told.recv()).await else { break };
        if told.is_end()
            && open.remove(&(told.channel.clone(), told.asked))
            && let Some(row) = rows.get_mut(told.channel.as_str())
        {
            row.count(told.code);
        }
        if (told.channel.as_str(), told.asked) == ("voice", CUSTOMER) {
            steps.push(CallStep { code: told.code, at: told.at });
        }
    }
    steps.sort_by(|a, b| a.at.cmp(&b.at));
    for (channel, _) in open {
        if let Some(row) = rows.get_mut(channel.as_str()) {
            row.missing += 1;
        }
    }
    Ok((STOPS.iter().filter_map(|stop| rows.remove(stop.name)).collect(), steps))
}

impl ChannelRow {
    fn count(&mut self, code: u16) {
        *self.outcomes.entry(code.to_string()).or_default() += 1;
        if matches!(code, 7500..=7502 | 7519 | 7528) {
            self.delivered += 1;
        } else {
            self.failed += 1;
        }
    }
}

/// One destination object for each code, so that each has a correlation id of its own.
fn body(stop: &Stop, codes: &BTreeSet<u16>, customer: &str) -> Vec<u8> {
    let name = stop.name;
    let unit =
        |id: &str, code: u16| json!({"customerid": [id], "correlationid": format!("{PREFIX}{name}-{code}")});
    let forced = codes.iter().map(|code| unit(&format!("demo-{code}"), *code));
    let units: Vec<Value> = forced.chain([unit(customer, CUSTOMER)]).collect();
    let body = json!({"deliverychannel": name, "channels": (stop.content)(), "destination": units});
    body.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_has_outcomes_of_its_own() {
        let fb = outcomes("fb");
        assert!(fb.contains(&7500) && fb.contains(&7307) && !fb.contains(&7000), "{fb:?}");
        assert!(outcomes("wechat").contains(&7642) && !fb.contains(&7642));
    }

    #[test]
    fn a_notification_names_its_channel_and_the_code_that_was_asked_for() {
        let told = Told { channel: "push".to_owned(), asked: 7513, code: 7513, at: "noon".to_owned() };
        assert_eq!(Told::of("tour-push-7513", "7513", "noon"), Some(told));
        assert_eq!((Told::of("demo-1", "7500", ""), Told::of("tour-push-x", "7500", "")), (None, None));
    }

    #[test]
    fn a_call_to_the_customer_ends_with_its_answer_and_a_message_with_its_delivery() {
        let ends = [("voice-0", "7519"), ("voice-0", "7405"), ("push-0", "7500"), ("voice-7402", "7402")];
        let is_end = |(of, code)| Told::of(&format!("tour-{of}"), code, "").is_some_and(|told| told.is_end());
        assert_eq!(ends.map(is_end), [true, false, true, true]);
    }
}
