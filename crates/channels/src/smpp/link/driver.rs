//! The life of a link: connect, bind, serve, back off, again.

use std::{pin::pin, sync::Arc, time::Duration};

use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until, timeout},
};
use tracing::{info, warn};

use super::{
    Inbound,
    core::{Core, LinkState},
    dial::{Duplex, Seams},
    prepared::{Prepared, millis},
    ticket::{Command, Ticket},
};
use crate::smpp::{
    session::{Backoff, Pacer, ReplyTo, Sequence, Session},
    types::{DeliverAnswer, NotSent, SubmitError, SubmitResult},
};

/// A delivery being worked on; resolves to the number of the session it came by, where its answer goes, and the
/// answer.
pub(super) type Delivery = BoxFuture<'static, (u64, ReplyTo, DeliverAnswer)>;

pub(super) struct Driver {
    pub(super) config: Arc<Prepared>,
    bind_command: u32,
    pub(super) core: Arc<Core>,
    pub(super) queue: mpsc::Receiver<Command>,
    pub(super) closing: watch::Receiver<Option<Instant>>,
    pub(super) inbound: Arc<dyn Inbound>,
    seams: Seams,
    pub(super) pacer: Pacer,
    backoff: Backoff,
    /// Deliveries outlive the session they came by: what is half way to the disk is not torn off.
    pub(super) deliveries: FuturesUnordered<Delivery>,
    /// Which session deliveries belong to: answers to earlier ones go nowhere.
    pub(super) session_number: u64,
}

impl Driver {
    pub(super) fn new(
        config: Arc<Prepared>,
        bind_command: u32,
        core: Arc<Core>,
        queue: mpsc::Receiver<Command>,
        closing: watch::Receiver<Option<Instant>>,
        inbound: Arc<dyn Inbound>,
        seams: Seams,
    ) -> Self {
        let pacer = Pacer::new(config.tps, millis(config.throttle_ms));
        let backoff = Backoff::new(millis(config.reconnect_min_ms), millis(config.reconnect_max_ms));
        Self {
            config,
            bind_command,
            core,
            queue,
            closing,
            inbound,
            seams,
            pacer,
            backoff,
            deliveries: FuturesUnordered::new(),
            session_number: 0,
        }
    }

    pub(super) async fn run(mut self) {
        while let Some(why) = self.one_session().await {
            let pause = self.backoff.pause((self.seams.jitter)());
            warn!(connection = %self.config.name, %why, pause_ms = pause.as_millis(), "SMPP link down");
            let until = Instant::now() + pause;
            self.core.set_state(LinkState::BackingOff { until: until.into_std(), why });
            if self.while_unbound(sleep_until(until)).await.is_none() {
                break;
            }
        }
        self.refuse_queued();
        self.core.set_in_flight(0);
        self.core.set_state(LinkState::Closed);
        info!(connection = %self.config.name, "SMPP link closed");
    }

    /// Runs one session and says why it ended; `None` when the connection is to be closed.
    async fn one_session(&mut self) -> Option<String> {
        self.core.set_state(LinkState::Connecting);
        let stream = match self.connect().await? {
            Ok(stream) => stream,
            Err(why) => {
                self.core.meters.bind(false);
                return Some(why);
            }
        };
        self.session_number += 1;
        let settings = self.config.session_settings(self.bind_command);
        let session = Session::new(settings, Sequence::default(), Instant::now().into_std());
        let ended = self.serve(stream, session).await;
        match ended.bound_at {
            Some(bound_at) => self.backoff.held(bound_at.elapsed()),
            None => self.core.meters.bind(false),
        }
        if self.is_closing() { None } else { Some(ended.why) }
    }

    async fn connect(&mut self) -> Option<Result<Box<dyn Duplex>, String>> {
        let (dial, config) = (Arc::clone(&self.seams.dial), Arc::clone(&self.config));
        let dialled = timeout(config.bind_timeout(), dial.dial(&config));
        Some(match self.while_unbound(dialled).await? {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(format!("connecting failed: {error}")),
            Err(_) => Err("connecting timed out".to_owned()),
        })
    }

    /// Waits for `future` while submits are refused and earlier deliveries go on; `None` when asked to close.
    async fn while_unbound<F: Future>(&mut self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        loop {
            let command = tokio::select! {
                biased;
                _ = self.closing.wait_for(Option::is_some) => return None,
                output = &mut future => return Some(output),
                command = self.queue.recv() => command?,
                Some(_) = self.deliveries.next() => continue,
            };
            self.complete(command.ticket, Err(SubmitError::NotSent(NotSent::NotBound)));
        }
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.borrow().is_some() || self.queue.is_closed()
    }

    /// Nobody gets a new place, and what is queued is given back.
    pub(super) fn refuse_queued(&mut self) {
        self.core.window.close();
        self.queue.close();
        while let Ok(command) = self.queue.try_recv() {
            self.complete(command.ticket, Err(SubmitError::NotSent(NotSent::Closed)));
        }
    }

    /// Counts an outcome and tells whoever waits for it.
    pub(super) fn complete(&self, ticket: Ticket, result: SubmitResult) {
        self.core.meters.submit(&result);
        self.core.count_submit(result.is_ok());
        ticket.complete(result);
    }
}

/// How a session came to its end.
pub(super) struct Ended {
    pub(super) why: String,
    /// When it was bound, if it ever was.
    pub(super) bound_at: Option<Instant>,
}

/// How long the last bytes of a session (an unbind's answer, a nack) may take to leave.
pub(super) const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);
