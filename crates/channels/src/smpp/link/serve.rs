//! One session on one socket.

use bytes::{Buf, BytesMut};
use futures_util::StreamExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split},
    time::{Instant, sleep_until, timeout},
};

use super::{
    dial::Duplex,
    driver::{Driver, Ended, FLUSH_TIMEOUT},
    ticket::{Command, Ticket},
};
use crate::smpp::{
    session::{Event, ReplyTo, Session},
    types::{DeliverAnswer, SubmitError},
};

/// Room for one read, in bytes.
const READ_BYTES: usize = 64 * 1024;
/// Unwritten bytes above which nothing more is read: a peer that does not read must not make us hoard answers.
const OUTBOUND_BYTES_MAX: usize = 1024 * 1024;

/// What woke the link.
enum Turn {
    Written(std::io::Result<usize>),
    Flushed(std::io::Result<()>),
    Read(std::io::Result<usize>),
    Commands,
    Answered((u64, ReplyTo, DeliverAnswer)),
    Close,
    Time,
}

pub(super) struct Live {
    pub(super) session: Session<Ticket>,
    reader: ReadHalf<Box<dyn Duplex>>,
    writer: WriteHalf<Box<dyn Duplex>>,
    inbuf: BytesMut,
    batch: Vec<Command>,
    pub(super) events: Vec<Event<Ticket>>,
    /// TLS may keep written bytes until flushed.
    unflushed: bool,
    pub(super) bound_at: Option<Instant>,
    /// When patience with what is in flight ends, once the connection is being closed.
    pub(super) closing_at: Option<Instant>,
    pub(super) ending: Option<String>,
    /// The session ended by the protocol's rules, so its last bytes are worth writing. On a broken connection they
    /// are not: a submit that is still here must stay known as not sent.
    pub(super) orderly: bool,
}

impl Live {
    async fn flush(&mut self) {
        let writing = async {
            self.writer.write_all(self.session.outbound()).await?;
            self.writer.shutdown().await
        };
        // A peer that went away first has nothing more to be told.
        if let Ok(Ok(())) = timeout(FLUSH_TIMEOUT, writing).await {
            self.session.written(self.session.outbound().len());
        }
    }
}

impl Driver {
    pub(super) async fn serve(&mut self, stream: Box<dyn Duplex>, session: Session<Ticket>) -> Ended {
        let (reader, writer) = split(stream);
        let mut live = Live {
            session,
            reader,
            writer,
            inbuf: BytesMut::with_capacity(READ_BYTES),
            batch: Vec::new(),
            events: Vec::new(),
            unflushed: false,
            bound_at: None,
            closing_at: None,
            ending: None,
            orderly: false,
        };
        let why = loop {
            self.turn(&mut live).await;
            if let Some(why) = live.ending.take() {
                break why;
            }
        };
        if live.orderly {
            live.flush().await;
        }
        live.session.abandon(&mut live.events);
        self.handle_events(&mut live, Instant::now());
        Ended { why, bound_at: live.bound_at }
    }

    /// Waits for one thing and acts on all of its kind that are there.
    async fn turn(&mut self, live: &mut Live) {
        let now = Instant::now();
        live.session.on_time(now.into_std(), &mut live.events);
        self.handle_events(live, now);
        self.close_when_idle(live, now);
        self.show_state(live, now);
        if live.ending.is_some() {
            return;
        }
        match self.wait(live, now).await {
            Turn::Written(Ok(count @ 1..)) => {
                live.session.written(count);
                live.unflushed = self.config.tls.enabled;
            }
            Turn::Flushed(Ok(())) => live.unflushed = false,
            Turn::Read(Ok(1..)) => self.on_read(live).await,
            Turn::Commands => self.on_commands(live),
            Turn::Answered(answered) => self.on_answered(live, answered),
            Turn::Close => self.begin_close(live),
            Turn::Time => {}
            Turn::Written(Ok(0)) | Turn::Read(Ok(0)) => {
                live.ending = Some("the SMSC closed the connection".to_owned());
            }
            Turn::Written(Err(error)) | Turn::Flushed(Err(error)) | Turn::Read(Err(error)) => {
                live.ending = Some(format!("the connection broke: {error}"));
            }
        }
    }

    /// Writing comes first because everything encoded so far goes in one write. Neither commands nor deliveries can
    /// starve reading: both live on what reading gives back.
    async fn wait(&mut self, live: &mut Live, now: Instant) -> Turn {
        let outbound = live.session.outbound();
        let submits = match live.session.is_bound() && live.closing_at.is_none() {
            true => self.pacer.allowance(now.into_std(), usize::from(self.config.window)),
            false => 0,
        };
        let deadline = self.deadline(live, now);
        let closing = live.closing_at.is_some();
        live.inbuf.reserve(READ_BYTES);
        tokio::select! {
            biased;
            _ = self.closing.wait_for(Option::is_some), if !closing => Turn::Close,
            turn = push(&mut live.writer, outbound), if live.unflushed || !outbound.is_empty() => turn,
            count = self.queue.recv_many(&mut live.batch, submits), if submits > 0 => match count {
                0 => Turn::Close,
                _ => Turn::Commands,
            },
            Some(answered) = self.deliveries.next() => Turn::Answered(answered),
            result = live.reader.read_buf(&mut live.inbuf), if outbound.len() < OUTBOUND_BYTES_MAX => {
                Turn::Read(result)
            }
            () = sleep_until(deadline) => Turn::Time,
        }
    }

    fn deadline(&self, live: &Live, now: Instant) -> Instant {
        let moment = now.into_std();
        let close = live.closing_at.map(|at| if at > now { at } else { at + FLUSH_TIMEOUT }.into_std());
        [live.session.deadline(), self.pacer.next_at(moment), close]
            .into_iter()
            .flatten()
            .min()
            .map_or_else(|| now + FLUSH_TIMEOUT, Instant::from_std)
    }

    async fn on_read(&mut self, live: &mut Live) {
        let now = Instant::now();
        let consumed = live.session.on_bytes(&live.inbuf, now.into_std(), &mut live.events);
        live.inbuf.advance(consumed);
        let woken = self.handle_events(live, now);
        if woken {
            // Lets those whose submits were answered queue their next ones, so that they leave in one write.
            tokio::task::yield_now().await;
        }
    }

    fn on_commands(&mut self, live: &mut Live) {
        let now = Instant::now().into_std();
        self.pacer.spend(now, live.batch.len());
        for Command { submit, ticket } in live.batch.drain(..) {
            let mut buffer = String::new();
            let validity = self.config.validity(submit.validity.as_ref(), &mut buffer);
            let message = self.config.message(&submit, validity);
            if let Err((ticket, why)) = live.session.submit(&message, ticket, now) {
                self.complete(ticket, Err(SubmitError::NotSent(why)));
            }
        }
    }
}

/// Writes what there is, or flushes what TLS holds back. Dropped half way, nothing was written.
async fn push(writer: &mut WriteHalf<Box<dyn Duplex>>, outbound: &[u8]) -> Turn {
    if outbound.is_empty() {
        Turn::Flushed(writer.flush().await)
    } else {
        Turn::Written(writer.write(outbound).await)
    }
}
