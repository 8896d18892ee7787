//! Holding an SMSC: what it saw, and what it is to do.

use std::{net::SocketAddr, pin::pin, sync::Arc};

use bytes::Bytes;
use tokio::task::JoinHandle;
use waypost_channels::smpp::{Address, wire::esm};

use super::{
    counters::Counters,
    log::Received,
    receipt::Outgoing,
    shared::{Order, Shared},
};

/// A running SMSC. Dropping it disconnects everybody and stops listening.
pub struct SmscHandle {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: JoinHandle<()>,
}

/// A message from a handset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mo {
    /// The handset.
    pub source: Address,
    /// The number it wrote to.
    pub dest: Address,
    /// Encoding of the payload.
    pub data_coding: u8,
    /// User data header with its length octet, or empty.
    pub udh: Bytes,
    /// User data.
    pub payload: Bytes,
}

/// The outbox is full; the message is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the outbox is full")]
pub struct OutboxFull;

impl SmscHandle {
    pub(super) fn new(address: SocketAddr, shared: Arc<Shared>, acceptor: JoinHandle<()>) -> Self {
        Self { address, shared, acceptor }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The last whole messages, oldest first.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.shared.log().snapshot()
    }

    /// Counts since the start.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared.tally.snapshot()
    }

    /// Receipts and messages that wait to be sent.
    #[must_use]
    pub fn outbox_len(&self) -> usize {
        self.shared.outbox().len()
    }

    /// Waits until the counts satisfy `reached`. Told by the sessions, not by polling; give it a deadline.
    pub async fn wait(&self, reached: impl Fn(&Counters) -> bool) -> Counters {
        loop {
            let mut changed = pin!(self.shared.changed.notified());
            changed.as_mut().enable();
            let counters = self.counters();
            if reached(&counters) {
                return counters;
            }
            changed.await;
        }
    }

    /// Sends a message from a handset to the client, as soon as one is bound that receives.
    ///
    /// # Errors
    /// [`OutboxFull`].
    pub fn inject_mo(&self, mo: Mo) -> Result<(), OutboxFull> {
        let outgoing = Outgoing {
            source: Arc::new(mo.source),
            dest: Arc::new(mo.dest),
            esm_class: if mo.udh.is_empty() { 0 } else { esm::UDHI },
            data_coding: mo.data_coding,
            text: [mo.udh, mo.payload].concat().into(),
            tlvs: Vec::new(),
            is_receipt: false,
        };
        if self.shared.enqueue(&mut vec![(outgoing, None)]) { Ok(()) } else { Err(OutboxFull) }
    }

    /// Ends every connection without a word. New ones are accepted.
    pub fn disconnect_all(&self) {
        self.shared.orders.send_replace(Order::Disconnect);
    }

    /// Unbinds every client. New binds are accepted.
    pub fn unbind_all(&self) {
        self.shared.orders.send_replace(Order::Unbind);
    }

    /// Answers the next `count` submits with `ESME_RTHROTTLED`.
    pub fn set_throttle(&self, count: u32) {
        self.shared.set_throttle(count);
    }

    /// Reads nothing any more, as an SMSC that hangs, until [`resumed`](Self::resume).
    pub fn pause(&self) {
        self.shared.paused.send_replace(true);
    }

    /// Reads again.
    pub fn resume(&self) {
        self.shared.paused.send_replace(false);
    }
}

impl Drop for SmscHandle {
    fn drop(&mut self) {
        self.acceptor.abort();
        self.disconnect_all();
    }
}

impl std::fmt::Debug for SmscHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmscHandle").field("address", &self.address).finish_non_exhaustive()
    }
}
