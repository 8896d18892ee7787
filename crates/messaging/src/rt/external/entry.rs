//! A device's first entry, made in its name when it registers: from then on the broker keeps what comes for it, whether it has
//! ever been there or not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS, SubscribeReasonCode};

use super::{External, Ticket, Unreachable};

/// A connection in a device's name.
pub(super) struct Entry {
    options: MqttOptions,
    topic: String,
}

impl Entry {
    /// The entry of a device.
    pub fn of(external: &External, ticket: &Ticket) -> Self {
        let topic = ticket.name();
        let mut options = external.connection(&ticket.client_id());
        options.set_credentials(&topic, &ticket.key).set_clean_session(false);
        Self { options, topic }
    }

    /// Connects, subscribes and leaves.
    pub async fn make(self) -> Result<(), Unreachable> {
        let (client, mut events) = AsyncClient::new(self.options, 4);
        client.subscribe(self.topic, QoS::ExactlyOnce).await.map_err(|_| Unreachable)?;
        loop {
            let event = events.poll().await.map_err(|error| {
                tracing::warn!(%error, "the MQTT broker does not let a new device in");
                Unreachable
            })?;
            if let Event::Incoming(Packet::SubAck(answer)) = event {
                let granted = answer.return_codes.iter().all(|code| *code != SubscribeReasonCode::Failure);
                return if granted { leave(&client, &mut events).await } else { Err(Unreachable) };
            }
        }
    }
}

/// Says goodbye: a session that goes on, not a connection that broke.
async fn leave(client: &AsyncClient, events: &mut EventLoop) -> Result<(), Unreachable> {
    client.disconnect().await.map_err(|_| Unreachable)?;
    while let Ok(event) = events.poll().await {
        if matches!(event, Event::Outgoing(rumqttc::Outgoing::Disconnect)) {
            break;
        }
    }
    Ok(())
}

/// Devices whose session is being made. Until that is over nothing is published to them, for nobody would keep it, and nothing that
/// was is counted as handed over. And those in whose name we are at the door ourselves: what a broker asks of them, it asks of us.
#[derive(Clone, Default)]
pub(super) struct Entering(Arc<Mutex<BTreeMap<i64, usize>>>);

/// An entry under way; it is over when this is dropped.
pub(super) struct UnderWay {
    of: Entering,
    device: i64,
}

impl Entering {
    /// Notes that an entry is under way.
    pub fn mark(&self, device: i64) -> UnderWay {
        *self.all().entry(device).or_default() += 1;
        UnderWay { of: self.clone(), device }
    }

    /// Whether one is.
    pub fn is_under_way(&self, device: i64) -> bool {
        self.all().contains_key(&device)
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<i64, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnderWay {
    /// Whose.
    pub const fn device(&self) -> i64 {
        self.device
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut all = self.of.all();
        if let Some(count) = all.get_mut(&self.device) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.device);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_under_way_until_the_last_of_its_device_is_over() {
        let entering = Entering::default();
        let (one, two) = (entering.mark(1), entering.mark(1));
        assert!(entering.is_under_way(1) && !entering.is_under_way(2));
        drop(one);
        assert!(entering.is_under_way(1));
        drop(two);
        assert!(!entering.is_under_way(1) && entering.all().is_empty());
    }
}
