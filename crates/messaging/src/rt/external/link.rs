//! Our own connection to the broker: what waits goes out, what is acknowledged is noted. It speaks MQTT 5, in which a broker
//! says whether it took a message, and whether for anybody.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnectReturnCode, Packet, PubComp, PubRec, PubRecReason, Publish};
use rumqttc::v5::{AsyncClient, ConnectionError, Event};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::entry::UnderWay;
use super::{Change, External, Request, accounts};
use crate::rt::ledger::Ledger;

/// Messages published and not yet acknowledged.
const UNDER_WAY_MAX: usize = 64;
/// Room in the library's queue: more than can be asked of it at once.
const QUEUE_MAX: usize = 4 * UNDER_WAY_MAX;
/// Events of the library that wait to be handled.
const EVENTS_MAX: usize = 1_024;

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    #[error("{0}")]
    Connection(Box<ConnectionError>),
    #[error("the broker refuses our account")]
    Refused,
    #[error("the broker does not take a message: {0:?}")]
    NotTaken(PubRecReason),
    #[error("the library's queue is full")]
    Full,
    #[error("the ledger is unavailable")]
    Ledger,
    #[error("the server ends")]
    Closed,
}

impl From<ConnectionError> for Ended {
    fn from(error: ConnectionError) -> Self {
        Self::Connection(Box::new(error))
    }
}

/// A message on its way to the broker.
#[derive(Clone, Copy)]
struct Sent {
    device: i64,
    parcel: i64,
    /// Whether it went to the session there is now.
    counts: bool,
}

struct Link<'a> {
    external: &'a External,
    /// Whether we may do what is asked of us. A Mosquitto that gives us a right ends our connection by that.
    is_settled: bool,
    ledger: &'a Ledger,
    client: AsyncClient,
    /// Devices for which something may wait.
    due: BTreeSet<i64>,
    /// The newest message of a device that was published over this connection.
    last: HashMap<i64, i64>,
    /// Handed to the library, not yet numbered by it: it numbers them in this order.
    unnumbered: VecDeque<Sent>,
    under_way: BTreeMap<u16, Sent>,
    asked: HashMap<u64, oneshot::Sender<bool>>,
    number: u64,
}

/// Drives the library: its own task, because a poll that is given up might lose what it read.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Connects and serves until the connection breaks.
pub(super) async fn run(
    external: &External,
    requests: &mut mpsc::Receiver<Request>,
    ledger: &Ledger,
) -> Ended {
    let (client, mut library) = AsyncClient::new(external.own_connection(), QUEUE_MAX);
    let (told, mut events) = mpsc::channel(EVENTS_MAX);
    let _driver = Driver(tokio::spawn(async move {
        loop {
            let event = library.poll().await;
            let is_end = event.is_err();
            if told.send(event).await.is_err() || is_end {
                return;
            }
        }
    }));
    let woken = ledger.hub().attend();
    let mut link = Link {
        external,
        is_settled: !external.keeps_accounts(),
        ledger,
        client,
        due: BTreeSet::new(),
        last: HashMap::new(),
        unnumbered: VecDeque::new(),
        under_way: BTreeMap::new(),
        asked: HashMap::new(),
        number: 0,
    };
    if let Err(ended) = link.begin() {
        return ended;
    }
    loop {
        let step = tokio::select! {
            event = events.recv() => match event {
                Some(Ok(event)) => link.take(event).await,
                Some(Err(error)) => Err(error.into()),
                None => Err(Ended::Closed),
            },
            mut devices = woken.rung() => {
                link.due.append(&mut devices);
                Ok(())
            }
            request = requests.recv(), if link.is_settled => match request {
                Some(Request::Change(change, done)) => link.change(&change, done),
                Some(Request::PublishAgain(under_way)) => {
                    link.publish_again(&under_way);
                    Ok(())
                }
                None => Err(Ended::Closed),
            },
        };
        let served = match step {
            Ok(()) => link.publish().await,
            ended => ended,
        };
        if let Err(ended) = served {
            return ended;
        }
    }
}

impl Link<'_> {
    /// Asks for the answers before the first command: the library sends in this order once it is connected.
    fn begin(&self) -> Result<(), Ended> {
        if !self.external.keeps_accounts() {
            return Ok(());
        }
        let subscribed = self.client.try_subscribe(accounts::ANSWERS, QoS::AtLeastOnce);
        subscribed.map_err(|_| Ended::Full)?;
        self.command(&accounts::may_publish())
    }

    async fn take(&mut self, event: Event) -> Result<(), Ended> {
        match event {
            Event::Incoming(Packet::ConnAck(answer)) => {
                if answer.code != ConnectReturnCode::Success {
                    return Err(Ended::Refused);
                }
                tracing::info!("connected to the MQTT broker");
                // What was left by the connection, or the server, before.
                self.due = self.ledger.devices_that_wait().await.map_err(|_| Ended::Ledger)?;
            }
            Event::Incoming(Packet::Publish(Publish { payload, .. })) => {
                for (number, made) in accounts::answers(&payload) {
                    // Given now, or had before.
                    self.is_settled |= number == accounts::BEGIN;
                    if let Some(done) = self.asked.remove(&number) {
                        // Who asked may have given up.
                        let _ = done.send(made);
                    }
                }
            }
            Event::Incoming(Packet::PubRec(PubRec { pkid, reason, .. })) => self.received(pkid, reason)?,
            Event::Incoming(Packet::PubComp(PubComp { pkid, .. })) => {
                let sent = self.under_way.remove(&pkid);
                if let Some(Sent { device, parcel, counts: true }) = sent
                    && !self.external.entering.is_under_way(device)
                {
                    self.ledger.handed(device, parcel).await.map_err(|_| Ended::Ledger)?;
                    metrics::counter!("waypost_mqtt_sent_total").increment(1);
                }
            }
            // Commands are of quality 0 and have no number.
            Event::Outgoing(Outgoing::Publish(packet)) if packet != 0 => {
                if let Some(sent) = self.unnumbered.pop_front() {
                    self.under_way.insert(packet, sent);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The broker says what it does with a message.
    fn received(&mut self, packet: u16, reason: PubRecReason) -> Result<(), Ended> {
        match reason {
            PubRecReason::Success => {}
            // Nobody has it: it waits for the device's session.
            PubRecReason::NoMatchingSubscribers => {
                self.under_way.entry(packet).and_modify(|sent| sent.counts = false);
            }
            // Not even for us: a broker that starts may have let us in before it asked who we are. The next connection is asked.
            other => return Err(Ended::NotTaken(other)),
        }
        Ok(())
    }

    /// Publishes what waits and has room.
    async fn publish(&mut self) -> Result<(), Ended> {
        while let Some(device) = self.due.first().copied().filter(|_| self.is_settled) {
            if self.external.entering.is_under_way(device) {
                // It is due again when that is over.
                self.due.remove(&device);
                continue;
            }
            let room = UNDER_WAY_MAX.saturating_sub(self.under_way.len() + self.unnumbered.len());
            if room == 0 {
                return Ok(());
            }
            let after = self.last.get(&device).copied().unwrap_or_default();
            let waiting = self.ledger.to_publish(device, after, room).await.map_err(|_| Ended::Ledger)?;
            if waiting.parcels.len() < room {
                self.due.remove(&device);
            }
            for parcel in waiting.parcels {
                let sent =
                    self.client.try_publish(&waiting.topic, QoS::ExactlyOnce, false, parcel.payload.to_vec());
                sent.map_err(|_| Ended::Full)?;
                self.unnumbered.push_back(Sent { device, parcel: parcel.id, counts: true });
                self.last.insert(device, parcel.id);
            }
        }
        Ok(())
    }

    /// The device has a session that has nothing yet: all it has not reported is due, and what is still under way was for another.
    fn publish_again(&mut self, under_way: &UnderWay) {
        let device = under_way.device();
        let sent = self.under_way.values_mut().chain(&mut self.unnumbered);
        sent.filter(|sent| sent.device == device).for_each(|sent| sent.counts = false);
        self.last.remove(&device);
        self.due.insert(device);
    }

    fn change(&mut self, change: &Change, done: oneshot::Sender<bool>) -> Result<(), Ended> {
        self.number += 1;
        self.asked.retain(|_, waiting| !waiting.is_closed());
        self.asked.insert(self.number, done);
        self.command(&accounts::commands(change, self.number))
    }

    fn command(&self, command: &serde_json::Value) -> Result<(), Ended> {
        let sent = self.client.try_publish(accounts::COMMANDS, QoS::AtMostOnce, false, command.to_string());
        sent.map_err(|_| Ended::Full)
    }
}
