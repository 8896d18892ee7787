//! One client's connection.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    sync::Arc,
    time::Duration,
};

use bytes::{Buf, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split},
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use waypost_channels::smpp::{
    Duplex,
    session::Sequence,
    wire::{command, put_header_only},
};

use super::{
    receipt::Outgoing,
    shared::{Order, Shared},
};

/// Room for one read, in bytes.
const READ_BYTES: usize = 64 * 1024;
/// Unwritten bytes above which nothing more is read.
const OUTBOUND_BYTES_MAX: usize = 1024 * 1024;
/// How long a client may be connected without binding, and how long last bytes may take to leave.
const PATIENCE: Duration = Duration::from_secs(10);

/// Directions of a bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) sends: bool,
    pub(super) receives: bool,
}

pub(super) struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) role: Option<Role>,
    pub(super) out: BytesMut,
    pub(super) sequence: Sequence,
    /// Receipts and messages sent and not acknowledged.
    pub(super) awaiting: HashMap<u32, Outgoing>,
    /// Answers held back: when, which command, which sequence number, which id.
    pub(super) delayed: BTreeMap<(Instant, u32), (u32, String)>,
    /// Submits that will never be answered.
    pub(super) never_answered: usize,
    /// For the outbox, at the end of the turn.
    pub(super) fresh: Vec<(Outgoing, Option<Instant>)>,
    /// The connection is to end after what is unwritten has been written.
    pub(super) ending: bool,
    /// The connection is to end without another byte.
    pub(super) dropped: bool,
    pub(super) probe_at: Option<Instant>,
    bind_by: Instant,
    taken: Vec<Outgoing>,
}

enum Turn {
    Pushed(io::Result<usize>),
    Read(io::Result<usize>),
    Order(Order),
    Other,
}

struct Wire {
    reader: ReadHalf<Box<dyn Duplex>>,
    writer: WriteHalf<Box<dyn Duplex>>,
    inbuf: BytesMut,
    unflushed: bool,
}

impl Session {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        super::counters::bump(&shared.tally.connections);
        Self {
            shared,
            role: None,
            out: BytesMut::new(),
            sequence: Sequence::default(),
            awaiting: HashMap::new(),
            delayed: BTreeMap::new(),
            never_answered: 0,
            fresh: Vec::new(),
            ending: false,
            dropped: false,
            probe_at: None,
            bind_by: Instant::now() + PATIENCE,
            taken: Vec::new(),
        }
    }

    pub(super) async fn run(mut self, stream: Box<dyn Duplex>) {
        let (reader, writer) = split(stream);
        let mut wire = Wire { reader, writer, inbuf: BytesMut::with_capacity(READ_BYTES), unflushed: false };
        let mut orders = self.shared.orders.subscribe();
        let mut outbox_version = self.shared.outbox_version.subscribe();
        let mut paused = self.shared.paused.subscribe();
        while !self.dropped && !self.ending {
            self.on_time(Instant::now());
            let turn = self.wait(&mut wire, &mut orders, &mut outbox_version, &mut paused).await;
            self.on_turn(turn, &mut wire);
            self.shared.changed.notify_waiters();
        }
        if !self.dropped {
            // A client that went away first needs no last bytes.
            drop(timeout(PATIENCE, wire.writer.write_all(&self.out)).await);
            drop(timeout(PATIENCE, wire.writer.shutdown()).await);
        }
        self.put_back_unacknowledged();
        self.shared.changed.notify_waiters();
    }

    async fn wait(
        &mut self,
        wire: &mut Wire,
        orders: &mut watch::Receiver<Order>,
        outbox_version: &mut watch::Receiver<u64>,
        paused: &mut watch::Receiver<bool>,
    ) -> Turn {
        let deadline = self.deadline();
        let is_paused = *paused.borrow_and_update();
        let reads = !is_paused && self.out.len() < OUTBOUND_BYTES_MAX;
        wire.inbuf.reserve(READ_BYTES);
        tokio::select! {
            biased;
            _ = orders.changed() => Turn::Order(*orders.borrow_and_update()),
            result = push(&mut wire.writer, &self.out), if wire.unflushed || !self.out.is_empty() => {
                Turn::Pushed(result)
            }
            _ = paused.changed() => Turn::Other,
            result = wire.reader.read_buf(&mut wire.inbuf), if reads => Turn::Read(result),
            _ = outbox_version.changed(), if self.receives() => Turn::Other,
            () = sleep_until(deadline) => Turn::Other,
        }
    }

    fn on_turn(&mut self, turn: Turn, wire: &mut Wire) {
        match turn {
            Turn::Pushed(Ok(count)) => {
                wire.unflushed = count > 0 && self.shared.config.tls.is_some();
                self.out.advance(count);
            }
            Turn::Read(Ok(1..)) => {
                let consumed = self.on_bytes(&wire.inbuf);
                wire.inbuf.advance(consumed);
                self.shared.enqueue(&mut self.fresh);
            }
            Turn::Order(Order::Disconnect) | Turn::Read(_) | Turn::Pushed(Err(_)) => self.dropped = true,
            Turn::Order(Order::Unbind) if self.role.is_some() => {
                let sequence = self.sequence.advance();
                put_header_only(&mut self.out, command::UNBIND, 0, sequence);
            }
            Turn::Order(Order::Unbind | Order::Serve) | Turn::Other => {}
        }
    }

    /// Late answers, probes, and what is due in the outbox.
    fn on_time(&mut self, now: Instant) {
        while let Some(first) = self.delayed.first_entry().filter(|first| first.key().0 <= now) {
            let ((_, sequence), (response, id)) = first.remove_entry();
            self.answer_submit(response, sequence, 0, &id);
        }
        if self.role.is_none() && self.bind_by <= now {
            self.dropped = true;
        }
        if self.probe_at.is_some_and(|at| at <= now) {
            let sequence = self.sequence.advance();
            put_header_only(&mut self.out, command::ENQUIRE_LINK, 0, sequence);
            self.schedule_probe(now);
        }
        self.send_due(now);
    }

    fn send_due(&mut self, now: Instant) {
        let room = self.shared.config.deliver_window_max.saturating_sub(self.awaiting.len());
        if !self.receives() || room == 0 {
            return;
        }
        let mut taken = std::mem::take(&mut self.taken);
        self.shared.outbox().take(now, room, &mut taken);
        for outgoing in taken.drain(..) {
            self.deliver(outgoing);
        }
        self.taken = taken;
    }

    pub(super) fn schedule_probe(&mut self, now: Instant) {
        let every = self.shared.config.probe_ms;
        self.probe_at = (every > 0).then(|| now + Duration::from_millis(u64::from(every)));
    }

    fn deadline(&self) -> Instant {
        let outbox = self.receives().then(|| self.shared.outbox().next_at()).flatten();
        let delayed = self.delayed.keys().next().map(|(at, _)| *at);
        let bind = self.role.is_none().then_some(self.bind_by);
        [outbox, delayed, bind, self.probe_at]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or_else(|| Instant::now() + PATIENCE)
    }

    pub(super) fn receives(&self) -> bool {
        self.role.is_some_and(|role| role.receives)
    }

    /// What was not acknowledged is sent again after the next bind, in the same order.
    fn put_back_unacknowledged(&mut self) {
        let mut unacknowledged: Vec<_> = self.awaiting.drain().collect();
        unacknowledged.sort_unstable_by_key(|(sequence, _)| std::cmp::Reverse(*sequence));
        if unacknowledged.is_empty() {
            return;
        }
        let mut outbox = self.shared.outbox();
        for (_, outgoing) in unacknowledged {
            outbox.put_back(outgoing);
        }
        drop(outbox);
        self.shared.outbox_version.send_modify(|version| *version += 1);
    }
}

async fn push(writer: &mut WriteHalf<Box<dyn Duplex>>, out: &[u8]) -> io::Result<usize> {
    if out.is_empty() { writer.flush().await.map(|()| 0) } else { writer.write(out).await }
}
