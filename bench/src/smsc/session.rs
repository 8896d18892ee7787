//! One session of the SMSC.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Shared;
use super::pdu::{self, Pdu, Submit, command};
use super::receipt::{Receipt, date};
use crate::board::{now_us, number_of};

/// Receipts that may be unanswered at once.
const WINDOW: usize = 200;
/// Pause before a refused receipt is offered again.
const REFUSED_PAUSE: Duration = Duration::from_secs(1);
const READ_BYTES: usize = 64 << 10;
/// `ESME_RINVCMDID`.
const INVALID_COMMAND: u32 = 3;
/// Optional parameter `sc_interface_version`: 3.4.
const INTERFACE_VERSION: [u8; 5] = [0x02, 0x10, 0x00, 0x01, 0x34];

struct Session {
    shared: Arc<Shared>,
    receives: bool,
    ends: bool,
    sequence: u32,
    in_flight: HashMap<u32, Receipt>,
    out: Vec<u8>,
}

/// Serves a connection until it breaks or unbinds; receipts it did not answer are owed again.
pub(super) async fn serve(mut stream: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(READ_BYTES);
    let in_flight = HashMap::with_capacity(WINDOW);
    let mut session = Session {
        shared: shared.clone(),
        receives: false,
        ends: false,
        sequence: 0,
        in_flight,
        out: Vec::new(),
    };
    while !session.ends {
        session.offer();
        stream.write_all(&session.out).await?;
        session.out.clear();
        tokio::select! {
            read = stream.read_buf(&mut buffer) => if read? == 0 { break },
            () = shared.wake.notified(), if session.has_room() => continue,
        }
        let used = session.take(&buffer)?;
        buffer.drain(..used);
    }
    stream.write_all(&session.out).await
}

impl Session {
    fn has_room(&self) -> bool {
        self.receives && self.in_flight.len() < WINDOW
    }

    /// Sends owed receipts as far as the window allows.
    fn offer(&mut self) {
        let shared = self.shared.clone();
        let mut owed = shared.owed();
        if owed.is_empty() {
            return;
        }
        let today = date(now_us() / 1_000_000);
        while self.has_room() {
            let Some(receipt) = owed.pop_front() else { return };
            self.send(receipt, &today);
        }
        shared.wake.notify_one();
    }

    fn send(&mut self, receipt: Receipt, date: &str) {
        self.sequence = self.sequence % 0x7fff_ffff + 1;
        receipt.write(&mut self.out, self.sequence, date);
        self.in_flight.insert(self.sequence, receipt);
    }

    /// Acts on every whole PDU; tells how many bytes they were.
    fn take(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let mut used = 0;
        while let Some((pdu, length)) = pdu::read(&buffer[used..])? {
            self.act(&pdu);
            used += length;
        }
        Ok(used)
    }

    fn act(&mut self, pdu: &Pdu<'_>) {
        match pdu.command {
            command::SUBMIT_SM => self.submit(pdu),
            command::DELIVER_SM_RESP => self.answered(pdu),
            command::BIND_RECEIVER | command::BIND_TRANSMITTER | command::BIND_TRANSCEIVER => self.bind(pdu),
            command::ENQUIRE_LINK => self.respond(pdu, |_| {}),
            command::UNBIND => {
                self.ends = true;
                self.respond(pdu, |_| {});
            }
            answer if answer & command::RESPONSE != 0 => {}
            _ => pdu::write(&mut self.out, command::GENERIC_NACK, INVALID_COMMAND, pdu.sequence, |_| {}),
        }
    }

    fn respond(&mut self, pdu: &Pdu<'_>, body: impl FnOnce(&mut Vec<u8>)) {
        pdu::write(&mut self.out, pdu.command | command::RESPONSE, 0, pdu.sequence, body);
    }

    fn bind(&mut self, pdu: &Pdu<'_>) {
        if pdu.command != command::BIND_TRANSMITTER && !self.receives {
            self.receives = true;
            self.shared.receivers.fetch_add(1, Relaxed);
        }
        self.respond(pdu, |out| {
            pdu::write_text(out, b"bench");
            out.extend_from_slice(&INTERFACE_VERSION);
        });
    }

    fn submit(&mut self, pdu: &Pdu<'_>) {
        let Some(submit) = Submit::read(pdu.body) else {
            pdu::write(&mut self.out, command::GENERIC_NACK, INVALID_COMMAND, pdu.sequence, |_| {});
            return;
        };
        let number = number_of(submit.destination);
        match number {
            Some(number) => self.shared.board.submitted(number),
            None => self.shared.board.foreign(),
        }
        let serial = self.shared.serial.fetch_add(1, Relaxed);
        let play = self.shared.script.play(serial, number.unwrap_or(0), &submit);
        if play.early && self.receives {
            let today = date(now_us() / 1_000_000);
            play.receipts.into_iter().for_each(|receipt| self.send(receipt, &today));
        } else {
            self.shared.owed().extend(play.receipts);
        }
        if play.answers {
            self.respond(pdu, |out| pdu::write_text(out, play.id.as_bytes()));
        }
    }

    fn answered(&mut self, pdu: &Pdu<'_>) {
        let Some(receipt) = self.in_flight.remove(&pdu.sequence) else { return };
        if pdu.status == 0 {
            return;
        }
        self.shared.refused.fetch_add(1, Relaxed);
        let shared = self.shared.clone();
        tokio::spawn(async move {
            tokio::time::sleep(REFUSED_PAUSE).await;
            shared.owed().push_back(receipt);
            shared.wake.notify_one();
        });
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.receives {
            self.shared.receivers.fetch_sub(1, Relaxed);
        }
        self.shared.owed().extend(self.in_flight.drain().map(|(_, receipt)| receipt));
        self.shared.wake.notify_one();
    }
}
