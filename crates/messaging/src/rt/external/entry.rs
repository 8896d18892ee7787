//! A device's first entry, made in its name when it registers: from then on the broker keeps what comes for it, whether it has
//! ever been there or not.

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
