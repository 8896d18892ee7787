//! The MQTT broker of in-app messaging (spec messaging 8.3): connections, sessions, topic rights.
//!
//! It keeps no messages. What waits for a device stands in the ledger behind the [`Desk`]; a session asks for it, sends
//! it, and reports what the device has acknowledged. So a message outlives the server, and nothing is kept twice.
//!
//! Clients only read: they subscribe to their own topics and never publish. The packets are read and written by the
//! `mqtt5-protocol` crate; [`packet`] is the one place that knows it.

#![forbid(unsafe_code)]

mod connection;
mod desk;
mod doors;
mod hub;
mod link;
mod packet;
mod session;
mod upgrade;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use desk::{Admitted, BoxFuture, Desk, DeskError, Hello, Parcel, Qos, Refused, Settled, Topics};
pub use doors::{Door, DoorFault, Transport, tls};
pub use hub::{Attendant, Hub};
pub use session::may_read;
pub use upgrade::router;

/// Bounds of the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once over all doors; more are closed at once.
    pub connections_max: usize,
    /// From the connection to the end of its CONNECT, TLS and upgrade included.
    pub connect_within: Duration,
    /// A client that names no keep-alive, or a longer one, is closed after one and a half times this silence.
    pub keep_alive_max: Duration,
    /// Messages sent to a device and not yet acknowledged.
    pub in_flight_max: usize,
}

impl Default for Limits {
    /// 20,000 connections, 10 s, 20 minutes, 32 messages.
    fn default() -> Self {
        Self {
            connections_max: 20_000,
            connect_within: Duration::from_secs(10),
            keep_alive_max: Duration::from_secs(1_200),
            in_flight_max: 32,
        }
    }
}

/// The broker. A clone is a handle to the same one.
#[derive(Clone)]
pub struct Broker(Arc<Parts>);

pub(crate) struct Parts {
    pub desk: Arc<dyn Desk>,
    pub hub: Hub,
    pub limits: Limits,
    pub room: Arc<Semaphore>,
    pub stop: CancellationToken,
}

impl std::fmt::Debug for Broker {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Broker").finish_non_exhaustive()
    }
}

impl Broker {
    /// A broker over a ledger; `hub` is where the ledger says that something waits.
    #[must_use]
    pub fn new(desk: Arc<dyn Desk>, hub: Hub, limits: Limits) -> Self {
        let room = Arc::new(Semaphore::new(limits.connections_max));
        Self(Arc::new(Parts { desk, hub, limits, room, stop: CancellationToken::new() }))
    }

    /// Closes every connection; sessions go on where the device connects again.
    pub fn stop(&self) {
        self.0.stop.cancel();
    }

    pub(crate) fn parts(&self) -> &Arc<Parts> {
        &self.0
    }
}
