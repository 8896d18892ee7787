//! What the SMSC sends, and what a session makes of it.

use std::time::Instant;

use super::{Ending, Event, Phase, ReplyTo, Session};
use crate::smpp::{
    types::{SubmitError, SubmitResult, Submitted},
    wire::{
        BindResp, DataSm, DecodeError, Header, ShortMessage, command, next_frame, put_header_only,
        read_message_id, status,
    },
};

const SUBMIT_SM_RESP: u32 = command::SUBMIT_SM | command::RESPONSE;
const UNBIND_RESP: u32 = command::UNBIND | command::RESPONSE;
const ENQUIRE_LINK_RESP: u32 = command::ENQUIRE_LINK | command::RESPONSE;

impl<T> Session<T> {
    /// Takes whole PDUs from the front of `stream` and returns the bytes consumed.
    pub fn on_bytes(&mut self, stream: &[u8], now: Instant, events: &mut Vec<Event<T>>) -> usize {
        let mut consumed = 0;
        while self.phase != Phase::Ended {
            match next_frame(&stream[consumed..]) {
                Ok(Some((header, body))) => {
                    consumed += header.pdu_bytes;
                    self.on_frame(header, body, now, events);
                }
                Ok(None) => break,
                Err(error) => {
                    self.encode(|out| {
                        put_header_only(out, command::GENERIC_NACK, status::ESME_RINVCMDLEN, 0);
                    });
                    self.end(Ending::Protocol(error), events);
                }
            }
        }
        consumed
    }

    fn on_frame(&mut self, header: Header, body: &[u8], now: Instant, events: &mut Vec<Event<T>>) {
        self.heard_at = now;
        let bind_resp = self.settings.bind_command | command::RESPONSE;
        match header.command {
            SUBMIT_SM_RESP => self.complete(header.sequence, submit_result(header, body), events),
            command::DELIVER_SM => self.on_delivery(header, ShortMessage::read(body), events),
            command::DATA_SM => self.on_delivery(header, DataSm::read(body).map(|data| data.0), events),
            command::ENQUIRE_LINK => self.reply(header, status::ESME_ROK),
            ENQUIRE_LINK_RESP => self.on_probe_answer(header.sequence),
            command::UNBIND => {
                self.reply(header, status::ESME_ROK);
                self.end(Ending::PeerUnbound, events);
            }
            UNBIND_RESP => self.on_unbind_resp(header.sequence, events),
            command::GENERIC_NACK => self.on_nack(header, events),
            // Neither has an answer: we bind anyhow, and nothing waits for a handset.
            command::OUTBIND | command::ALERT_NOTIFICATION => {}
            other if other == bind_resp => self.on_bind_resp(header, body, events),
            other if other & command::RESPONSE == 0 => {
                self.encode(|out| {
                    put_header_only(out, command::GENERIC_NACK, status::ESME_RINVCMDID, header.sequence);
                });
            }
            // Answering an answer would start a quarrel of nacks.
            _ => {}
        }
    }

    fn on_bind_resp(&mut self, header: Header, body: &[u8], events: &mut Vec<Event<T>>) {
        match self.phase {
            Phase::Binding { sequence, .. } if sequence == header.sequence => {
                if header.status == status::ESME_ROK {
                    self.phase = Phase::Bound;
                    events.push(Event::Bound { smsc_id: BindResp::read(body).system_id });
                } else {
                    self.end(Ending::BindRefused(header.status), events);
                }
            }
            _ => {}
        }
    }

    fn on_unbind_resp(&mut self, answered: u32, events: &mut Vec<Event<T>>) {
        if matches!(self.phase, Phase::Unbinding { sequence, .. } if sequence == answered) {
            self.end(Ending::Unbound, events);
        }
    }

    fn on_probe_answer(&mut self, answered: u32) {
        self.probe.take_if(|(sequence, _)| *sequence == answered);
    }

    fn on_nack(&mut self, header: Header, events: &mut Vec<Event<T>>) {
        match self.phase {
            Phase::Binding { sequence, .. } if sequence == header.sequence => {
                self.end(Ending::BindRefused(header.status), events);
            }
            _ => {
                // An SMSC that does not know enquire_link is alive all the same.
                self.on_probe_answer(header.sequence);
                self.complete(header.sequence, Err(SubmitError::Nack(header.status)), events);
            }
        }
    }

    fn on_delivery(
        &mut self,
        header: Header,
        message: Result<ShortMessage, DecodeError>,
        events: &mut Vec<Event<T>>,
    ) {
        let reply = ReplyTo { command: header.command, sequence: header.sequence };
        match (self.phase, message) {
            (Phase::Binding { .. }, _) => self.answer(reply, status::ESME_RINVBNDSTS),
            (_, Ok(message)) => events.push(Event::Delivery { reply, message }),
            // What cannot be read today cannot be read tomorrow: the SMSC is not to send it again.
            (_, Err(_)) => self.answer(reply, status::ESME_RX_P_APPN),
        }
    }

    /// An answer to an unknown number is one that timed out before; it is dropped here and the receipt, which
    /// comes with an id nobody waits for, shows it upstream.
    fn complete(&mut self, sequence: u32, result: SubmitResult, events: &mut Vec<Event<T>>) {
        if let Some(pending) = self.window.take(sequence) {
            events.push(Event::Completed { token: pending.token, result });
        }
    }

    fn reply(&mut self, header: Header, status: u32) {
        self.encode(|out| put_header_only(out, header.command | command::RESPONSE, status, header.sequence));
    }
}

fn submit_result(header: Header, body: &[u8]) -> SubmitResult {
    match header.status {
        status::ESME_ROK => Ok(Submitted { message_id: read_message_id(body) }),
        refused => Err(SubmitError::of_status(refused)),
    }
}
