//! The tour of the channels: on each, one message for every code a message there can end with, and one to the sandbox's
//! customer, which goes through the channel's own protocol to its simulated provider.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use waypost_status::{Api, CATALOGUE, Phase};

use super::{Client, Target};

/// What correlation ids of the tour begin with; channel and code follow.
const PREFIX: &str = "tour-";

/// Stands for the customer, whose address names no code.
const CUSTOMER: u16 = 0;
/// How the customer's message ends.
const DELIVERED: u16 = 7500;

/// A channel of the tour and the content of its message.
struct Stop {
    name: &'static str,
    content: fn() -> Value,
}

const STOPS: [Stop; 6] = [
    Stop { name: "voice", content: || json!({"voice": {"callflowid": "demo"}}) },
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
}

impl Told {
    /// Reads the correlation id and code of a notification; `None` when it is not one of the tour's.
    #[must_use]
    pub fn of(correlation: &str, code: &str) -> Option<Self> {
        let (channel, asked) = correlation.strip_prefix(PREFIX)?.split_once('-')?;
        Some(Self { channel: channel.to_owned(), asked: asked.parse().ok()?, code: code.parse().ok()? })
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
///
/// # Errors
/// When the server does not take a request.
pub async fn tour(
    target: &Target,
    customer: &str,
    told: &mut mpsc::Receiver<Told>,
    patience: Duration,
) -> anyhow::Result<Vec<ChannelRow>> {
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
    while !open.is_empty() {
        let Ok(Some(Told { channel, asked, code })) = tokio::time::timeout(patience, told.recv()).await
        else {
            break;
        };
        let ended = code == asked || (asked, code) == (CUSTOMER, DELIVERED);
        if ended
            && open.remove(&(channel.clone(), asked))
            && let Some(row) = rows.get_mut(channel.as_str())
        {
            row.count(code);
        }
    }
    for (channel, _) in open {
        if let Some(row) = rows.get_mut(channel.as_str()) {
            row.missing += 1;
        }
    }
    Ok(STOPS.iter().filter_map(|stop| rows.remove(stop.name)).collect())
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
        let told = Told { channel: "push".to_owned(), asked: 7513, code: 7513 };
        assert_eq!(Told::of("tour-push-7513", "7513"), Some(told));
        assert_eq!((Told::of("demo-1", "7500"), Told::of("tour-push-x", "7500")), (None, None));
    }
}
