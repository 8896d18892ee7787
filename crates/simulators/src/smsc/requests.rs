//! The PDUs a client sends, but for submits.

use std::time::SystemTime;

use tokio::time::{Duration, Instant};
use waypost_channels::smpp::wire::{
    Bind, BindResp, Header, MessageRef, QuerySm, QuerySmResp, command, next_frame, put_frame,
    put_header_only, put_message, put_message_id_resp, status,
};

use super::{
    counters::bump,
    receipt::{Outgoing, date},
    session::{Role, Session},
};

const DELIVER_SM_RESP: u32 = command::DELIVER_SM | command::RESPONSE;
const ENQUIRE_LINK_RESP: u32 = command::ENQUIRE_LINK | command::RESPONSE;
const UNBIND_RESP: u32 = command::UNBIND | command::RESPONSE;

impl Session {
    /// Acts on all whole PDUs at the front of `stream` and returns the bytes consumed.
    pub(super) fn on_bytes(&mut self, stream: &[u8]) -> usize {
        let now = Instant::now();
        let date = date(SystemTime::now());
        let mut consumed = 0;
        while !self.ending && !self.dropped {
            match next_frame(&stream[consumed..]) {
                Ok(Some((header, body))) => {
                    consumed += header.pdu_bytes;
                    self.on_frame(header, body, now, &date);
                }
                Ok(None) => break,
                Err(_) => {
                    bump(&self.shared.tally.protocol_errors);
                    put_header_only(&mut self.out, command::GENERIC_NACK, status::ESME_RINVCMDLEN, 0);
                    self.ending = true;
                }
            }
        }
        consumed
    }

    fn on_frame(&mut self, header: Header, body: &[u8], now: Instant, date: &str) {
        match header.command {
            command::SUBMIT_SM | command::DATA_SM => self.on_submit(header, body, now, date),
            DELIVER_SM_RESP => self.on_acknowledged(header, now),
            command::BIND_TRANSCEIVER => self.on_bind(header, body, true, true, now),
            command::BIND_TRANSMITTER => self.on_bind(header, body, true, false, now),
            command::BIND_RECEIVER => self.on_bind(header, body, false, true, now),
            command::ENQUIRE_LINK => {
                bump(&self.shared.tally.enquire_links);
                self.reply(header, status::ESME_ROK);
            }
            ENQUIRE_LINK_RESP => bump(&self.shared.tally.probes_answered),
            command::UNBIND => {
                bump(&self.shared.tally.unbinds);
                self.reply(header, status::ESME_ROK);
                self.ending = true;
            }
            UNBIND_RESP => self.ending = true,
            command::QUERY_SM => self.on_query(header, body),
            other if other & command::RESPONSE == 0 => {
                let (out, sequence) = (&mut self.out, header.sequence);
                put_header_only(out, command::GENERIC_NACK, status::ESME_RINVCMDID, sequence);
            }
            _ => {}
        }
    }

    fn on_bind(&mut self, header: Header, body: &[u8], sends: bool, receives: bool, now: Instant) {
        let status = self.bind_status(body);
        let answer = BindResp {
            system_id: self.shared.config.smsc_id.clone(),
            interface_version: (status == status::ESME_ROK).then_some(0x34),
        };
        let response = header.command | command::RESPONSE;
        put_frame(&mut self.out, response, status, header.sequence, |out| answer.put(out));
        if status == status::ESME_ROK {
            bump(&self.shared.tally.binds);
            self.role = Some(Role { sends, receives });
            self.schedule_probe(now);
        } else {
            bump(&self.shared.tally.binds_refused);
            // A second bind leaves the first one as it is; a refused first one leaves nothing to talk about.
            self.ending = self.role.is_none();
        }
    }

    fn bind_status(&self, body: &[u8]) -> u32 {
        let config = &self.shared.config;
        match Bind::read(body) {
            _ if self.role.is_some() => status::ESME_RALYBND,
            Err(_) => status::ESME_RINVCMDLEN,
            Ok(bind) if bind.system_id != config.system_id => status::ESME_RINVSYSID,
            Ok(bind) if bind.password != config.password => status::ESME_RINVPASWD,
            Ok(_) => status::ESME_ROK,
        }
    }

    fn on_query(&mut self, header: Header, body: &[u8]) {
        let message_id = QuerySm::read(body).map(|query| query.message_id).unwrap_or_default();
        let answer = QuerySmResp { message_id, final_date: String::new(), message_state: 7, error_code: 0 };
        let response = header.command | command::RESPONSE;
        put_frame(&mut self.out, response, status::ESME_RQUERYFAIL, header.sequence, |out| answer.put(out));
    }

    fn on_acknowledged(&mut self, header: Header, now: Instant) {
        let Some(outgoing) = self.awaiting.remove(&header.sequence) else { return };
        let tally = &self.shared.tally;
        match header.status {
            status::ESME_ROK => {
                bump(if outgoing.is_receipt { &tally.receipts_acked } else { &tally.mo_acked });
            }
            _ => {
                bump(&tally.deliveries_refused);
                let pause = Duration::from_millis(u64::from(self.shared.config.retry_ms));
                self.fresh.push((outgoing, Some(now + pause)));
            }
        }
    }

    /// Sends a receipt or message and remembers it until it is acknowledged.
    pub(super) fn deliver(&mut self, outgoing: Outgoing) {
        let tally = &self.shared.tally;
        bump(if outgoing.is_receipt { &tally.receipts_sent } else { &tally.mo_sent });
        let sequence = self.sequence.advance();
        let address = |address: &'_ waypost_channels::smpp::Address| (address.ton, address.npi);
        let (source_ton, source_npi) = address(&outgoing.source);
        let (dest_ton, dest_npi) = address(&outgoing.dest);
        let message = MessageRef {
            source: (source_ton, source_npi, &outgoing.source.digits),
            dest: (dest_ton, dest_npi, &outgoing.dest.digits),
            esm_class: outgoing.esm_class,
            data_coding: outgoing.data_coding,
            text: [&outgoing.text, &[]],
            tlvs: &outgoing.tlvs,
            ..MessageRef::default()
        };
        put_frame(&mut self.out, command::DELIVER_SM, 0, sequence, |out| put_message(out, &message));
        self.awaiting.insert(sequence, outgoing);
    }

    pub(super) fn answer_submit(&mut self, response: u32, sequence: u32, status: u32, id: &str) {
        put_frame(&mut self.out, response, status, sequence, |out| {
            // The body is absent from a refusal (section 4.4.2).
            if status == status::ESME_ROK {
                put_message_id_resp(out, id);
            }
        });
    }

    fn reply(&mut self, header: Header, status: u32) {
        put_header_only(&mut self.out, header.command | command::RESPONSE, status, header.sequence);
    }
}
