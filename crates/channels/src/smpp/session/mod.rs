//! One SMPP session as a state machine: frames and time in, bytes and events out. No sockets, no clock.

mod inbound;
mod pacer;
mod sequence;
mod window;

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};

use super::{
    types::{NotSent, SubmitError, SubmitResult, Unknown},
    wire::{
        self, Bind, FrameError, MessageRef, ShortMessage, command, put_frame, put_header_only, put_message,
    },
};
pub use pacer::{Backoff, Pacer};
pub use sequence::{SEQUENCE_MAX, Sequence};
use window::Window;

/// Octets of text and parameters above which a submit is refused rather than written.
const SUBMIT_BYTES_MAX: usize = 60_000;

/// What a session needs to know.
#[derive(Debug, Clone)]
pub struct SessionSettings {
    /// Body of the bind.
    pub bind: Bind,
    /// `command_id` of the bind.
    pub bind_command: u32,
    /// Submits in flight at most.
    pub window: usize,
    /// Silence after which the link is probed.
    pub enquire_link: Duration,
    /// How long any answer is waited for.
    pub response_timeout: Duration,
    /// How long the bind's answer is waited for.
    pub bind_timeout: Duration,
}

/// What happened. `T` is what the caller gave with the submit.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<T> {
    /// The bind was accepted.
    Bound {
        /// The SMSC's name for itself.
        smsc_id: String,
    },
    /// A submit was answered or has timed out.
    Completed {
        /// What the caller gave.
        token: T,
        /// The outcome.
        result: SubmitResult,
    },
    /// A `deliver_sm` or `data_sm` that has to be answered with [`Session::answer`].
    Delivery {
        /// Where the answer goes.
        reply: ReplyTo,
        /// The message.
        message: ShortMessage,
    },
    /// The session is over; once the bytes are flushed, the connection is to be closed.
    Ended(Ending),
}

/// Address of an answer to a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyTo {
    command: u32,
    sequence: u32,
}

/// Why a session ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ending {
    /// The bind was refused with this status.
    #[error("bind refused with {}", wire::status::describe(*.0))]
    BindRefused(u32),
    /// The bind was not answered in time.
    #[error("bind not answered in time")]
    BindTimeout,
    /// `enquire_link` was not answered in time.
    #[error("enquire_link not answered in time")]
    LinkDead,
    /// The SMSC unbound.
    #[error("the SMSC unbound")]
    PeerUnbound,
    /// We unbound.
    #[error("unbound")]
    Unbound,
    /// The SMSC sent bytes that are no PDU.
    #[error("not SMPP: {0}")]
    Protocol(FrameError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Binding { sequence: u32, deadline: Instant },
    Bound,
    Unbinding { sequence: u32, deadline: Instant },
    Ended,
}

/// One session, from bind to unbind.
#[derive(Debug)]
pub struct Session<T> {
    settings: SessionSettings,
    phase: Phase,
    sequence: Sequence,
    window: Window<T>,
    out: BytesMut,
    /// Bytes encoded since the session began.
    encoded_bytes: u64,
    /// Bytes handed to the socket since the session began.
    written_bytes: u64,
    heard_at: Instant,
    /// The probe that is out: its number and when its answer is due.
    probe: Option<(u32, Instant)>,
    expired: Vec<T>,
}

impl<T> Session<T> {
    /// Begins with the bind, which is in [`Session::outbound`] at once. `sequence` is usually fresh.
    #[must_use]
    pub fn new(settings: SessionSettings, sequence: Sequence, now: Instant) -> Self {
        let mut session = Self {
            phase: Phase::Ended,
            window: Window::new(settings.window, settings.response_timeout),
            sequence,
            out: BytesMut::new(),
            encoded_bytes: 0,
            written_bytes: 0,
            heard_at: now,
            probe: None,
            expired: Vec::new(),
            settings,
        };
        let sequence = session.sequence.advance();
        let bind = session.settings.bind.clone();
        let bind_command = session.settings.bind_command;
        session.encode(|out| put_frame(out, bind_command, 0, sequence, |out| bind.put(out)));
        session.phase = Phase::Binding { sequence, deadline: now + session.settings.bind_timeout };
        session
    }

    /// Bytes to be written to the socket.
    #[must_use]
    pub fn outbound(&self) -> &[u8] {
        &self.out
    }

    /// Records that the first `count` of the outbound bytes were written.
    pub fn written(&mut self, count: usize) {
        let count = count.min(self.out.len());
        self.out.advance(count);
        self.written_bytes += count as u64;
    }

    /// Whether submits may be encoded now.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.phase == Phase::Bound
    }

    /// Submits without an answer.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.window.used()
    }

    /// Encodes a submit. The caller keeps to the window; a submit above it is given back unsent.
    ///
    /// # Errors
    /// The token and why the submit was not encoded.
    pub fn submit(&mut self, message: &MessageRef<'_>, token: T, now: Instant) -> Result<(), (T, NotSent)> {
        if !self.is_bound() {
            return Err((token, NotSent::NotBound));
        }
        let parameters: usize = message.tlvs.iter().map(|tlv| tlv.value.len() + 4).sum();
        if message.text[0].len() + message.text[1].len() + parameters > SUBMIT_BYTES_MAX {
            return Err((token, NotSent::TooLong));
        }
        let Some(sequence) = self.window.next_sequence(&mut self.sequence) else {
            return Err((token, NotSent::WindowFull));
        };
        self.encode(|out| {
            put_frame(out, command::SUBMIT_SM, 0, sequence, |out| put_message(out, message));
        });
        self.window.insert(sequence, self.encoded_bytes, token, now);
        Ok(())
    }

    /// Answers a delivery.
    pub fn answer(&mut self, reply: ReplyTo, status: u32) {
        if self.phase == Phase::Ended {
            return;
        }
        let answer = reply.command | command::RESPONSE;
        self.encode(|out| {
            put_frame(out, answer, status, reply.sequence, |out| wire::put_message_id_resp(out, ""));
        });
    }

    /// Asks the SMSC to end the session; its answer or the response timeout ends it.
    pub fn unbind(&mut self, now: Instant) {
        if !self.is_bound() {
            self.phase = Phase::Ended;
            return;
        }
        let sequence = self.sequence.advance();
        self.encode(|out| put_header_only(out, command::UNBIND, 0, sequence));
        self.phase = Phase::Unbinding { sequence, deadline: now + self.settings.response_timeout };
    }

    /// The next moment at which [`Session::on_time`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let own = match self.phase {
            Phase::Binding { deadline, .. } | Phase::Unbinding { deadline, .. } => Some(deadline),
            Phase::Bound => Some(match self.probe {
                Some((_, deadline)) => deadline,
                None => self.heard_at + self.settings.enquire_link,
            }),
            Phase::Ended => None,
        };
        own.into_iter().chain(self.window.deadline()).min()
    }

    /// Acts on the passing of time: timeouts and link probes.
    pub fn on_time(&mut self, now: Instant, events: &mut Vec<Event<T>>) {
        self.window.take_expired(now, &mut self.expired);
        events.extend(
            self.expired.drain(..).map(|token| Event::Completed {
                token,
                result: Err(SubmitError::Unknown(Unknown::TimedOut)),
            }),
        );
        match self.phase {
            Phase::Binding { deadline, .. } if deadline <= now => self.end(Ending::BindTimeout, events),
            Phase::Unbinding { deadline, .. } if deadline <= now => self.end(Ending::Unbound, events),
            Phase::Bound => self.probe_link(now, events),
            _ => {}
        }
    }

    /// Ends the session for good and says of every unanswered submit whether it can have arrived.
    pub fn abandon(&mut self, events: &mut Vec<Event<T>>) {
        self.phase = Phase::Ended;
        let written = self.written_bytes;
        events.extend(self.window.drain().map(|pending| Event::Completed {
            token: pending.token,
            result: Err(if pending.end_offset > written {
                SubmitError::NotSent(NotSent::Dropped)
            } else {
                SubmitError::Unknown(Unknown::Dropped)
            }),
        }));
    }

    fn probe_link(&mut self, now: Instant, events: &mut Vec<Event<T>>) {
        match self.probe {
            Some((_, deadline)) if deadline <= now => self.end(Ending::LinkDead, events),
            None if self.heard_at + self.settings.enquire_link <= now => {
                let sequence = self.sequence.advance();
                self.encode(|out| put_header_only(out, command::ENQUIRE_LINK, 0, sequence));
                self.probe = Some((sequence, now + self.settings.response_timeout));
            }
            _ => {}
        }
    }

    fn end(&mut self, ending: Ending, events: &mut Vec<Event<T>>) {
        self.phase = Phase::Ended;
        events.push(Event::Ended(ending));
    }

    fn encode(&mut self, put: impl FnOnce(&mut BytesMut)) {
        let before = self.out.len();
        put(&mut self.out);
        self.encoded_bytes += (self.out.len() - before) as u64;
    }
}
