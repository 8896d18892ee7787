//! The state machine without sockets: frames in, frames and events out.

mod deliveries;
mod links;
mod submits;

use std::time::{Duration, Instant};

use bytes::BytesMut;

use super::*;
use crate::smpp::wire::{Header, next_frame, put_message_id_resp, status};

pub(super) const ENQUIRE: Duration = Duration::from_secs(30);
pub(super) const RESPONSE: Duration = Duration::from_secs(10);
pub(super) const BIND: Duration = Duration::from_secs(5);

/// A session with tokens that are numbers, a clock that is set by hand, and the other end played by the test.
pub(super) struct Play {
    pub(super) session: Session<u32>,
    pub(super) now: Instant,
}

impl Play {
    pub(super) fn starting(window: usize, sequence: Sequence) -> Self {
        let settings = SessionSettings {
            bind: Bind { system_id: "waypost".into(), password: "secret".into(), ..Bind::default() },
            bind_command: command::BIND_TRANSCEIVER,
            window,
            enquire_link: ENQUIRE,
            response_timeout: RESPONSE,
            bind_timeout: BIND,
        };
        let now = Instant::now();
        Self { session: Session::new(settings, sequence, now), now }
    }

    /// A bound session whose next sequence number is 2.
    pub(super) fn bound(window: usize) -> Self {
        let mut play = Self::starting(window, Sequence::default());
        assert_eq!(play.sent(), [(command::BIND_TRANSCEIVER, 0, 1)]);
        let bound = Event::Bound { smsc_id: "SMSC".into() };
        assert_eq!(play.says(command::BIND_TRANSCEIVER | command::RESPONSE, 0, 1, b"SMSC\0"), [bound]);
        play
    }

    /// Takes what the session wants written, as (command, status, sequence).
    pub(super) fn sent(&mut self) -> Vec<(u32, u32, u32)> {
        let written = self.session.outbound().to_vec();
        self.session.written(written.len());
        let mut rest = written.as_slice();
        let mut frames = Vec::new();
        while let Some((Header { pdu_bytes, command, status, sequence }, _)) = next_frame(rest).unwrap() {
            frames.push((command, status, sequence));
            rest = &rest[pdu_bytes..];
        }
        assert!(rest.is_empty(), "only whole PDUs are encoded");
        frames
    }

    /// One PDU from the SMSC and the events it causes.
    pub(super) fn says(&mut self, command: u32, status: u32, sequence: u32, body: &[u8]) -> Vec<Event<u32>> {
        let mut stream = BytesMut::new();
        put_frame(&mut stream, command, status, sequence, |out| out.extend_from_slice(body));
        self.hears(&stream)
    }

    pub(super) fn hears(&mut self, stream: &[u8]) -> Vec<Event<u32>> {
        let mut events = Vec::new();
        self.session.on_bytes(stream, self.now, &mut events);
        events
    }

    pub(super) fn submits(&mut self, token: u32) -> Result<(), (u32, NotSent)> {
        let message = MessageRef {
            source: (5, 0, "WAYPOST"),
            dest: (1, 1, "447700900001"),
            text: [b"", b"hello"],
            ..MessageRef::default()
        };
        self.session.submit(&message, token, self.now)
    }

    pub(super) fn answers_submit(&mut self, sequence: u32, status: u32) -> Vec<Event<u32>> {
        let mut body = BytesMut::new();
        if status == status::ESME_ROK {
            put_message_id_resp(&mut body, &format!("id-{sequence}"));
        }
        self.says(command::SUBMIT_SM | command::RESPONSE, status, sequence, &body)
    }

    pub(super) fn waits(&mut self, time: Duration) -> Vec<Event<u32>> {
        self.now += time;
        let mut events = Vec::new();
        self.session.on_time(self.now, &mut events);
        events
    }

    pub(super) fn abandoned(&mut self) -> Vec<Event<u32>> {
        let mut events = Vec::new();
        self.session.abandon(&mut events);
        events
    }
}

pub(super) fn completed(token: u32, result: SubmitResult) -> Event<u32> {
    Event::Completed { token, result }
}
