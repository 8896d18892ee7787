//! The receiving side of a connection: decodes what comes in, has it recorded, and answers only then.

use std::sync::{Arc, Weak};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use waypost_channels::smpp::wire::status::ESME_RX_P_APPN;
use waypost_channels::smpp::{DeliverAnswer, DeliverSm, Inbound, Outcomes};
use waypost_core::sms::inbound::{InboundBody, decode_message};
use waypost_core::sms::receipt::{ReceiptTlvs, parse_receipt};
use waypost_store::StoreError;

use super::emit;
use super::inbound::{self, Arrival};
use super::receipts::{self, Report};
use super::runtime::Shared;

/// The connection a desk belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Its row.
    pub connection: i64,
    /// Whose it is; `None` when it is shared.
    pub tenant: Option<i64>,
    /// Whether it belongs to the sandbox.
    pub sandbox: bool,
}

/// Takes what one connection brings.
#[derive(Clone, Debug)]
pub struct Desk {
    shared: Weak<Shared>,
    line: Line,
    outcomes: Arc<Outcomes>,
}

/// An operator's error code is at most this long; what is longer is cut, not kept.
const ERR_CHARS_MAX: usize = 32;

impl Desk {
    /// The desk of a connection.
    #[must_use]
    pub const fn new(shared: Weak<Shared>, line: Line, outcomes: Arc<Outcomes>) -> Self {
        Self { shared, line, outcomes }
    }

    fn report(&self, shared: &Shared, pdu: &DeliverSm) -> Option<Report> {
        let network_error_code = pdu.network_error_code.map(|(network, code)| {
            let [high, low] = code.to_be_bytes();
            [network, high, low]
        });
        let tlvs = ReceiptTlvs {
            receipted_message_id: pdu.receipted_message_id.as_deref(),
            message_state: pdu.message_state,
            network_error_code,
        };
        // Some providers end the text with a NUL, which no text of the ledger can hold.
        let text: Vec<u8> = pdu.payload.iter().copied().filter(|octet| *octet != 0).collect();
        let mut receipt = parse_receipt(&text, tlvs)
            .inspect_err(
                |error| tracing::warn!(connection = self.line.connection, %error, "a receipt cannot be read"),
            )
            .ok()?;
        receipt.err =
            receipt.err.map(|err| err.chars().filter(|ch| *ch != '\0').take(ERR_CHARS_MAX).collect());
        receipt.provider_id.retain(|ch| ch != '\0');
        let code = self.outcomes.receipt(receipt.state.word(), receipt.err.as_deref().unwrap_or_default());
        let source = pdu.source.digits.clone();
        Some(Report { connection: self.line.connection, receipt, code, source, at: shared.clock.now() })
    }

    fn arrival(&self, shared: &Shared, pdu: &DeliverSm) -> Arrival {
        let decoded = decode_message(pdu.esm_class, pdu.data_coding, &pdu.payload);
        let by_header = decoded.concat.map(|header| (header.reference, header.total, header.seq));
        let by_tlv = pdu.sar.map(|sar| (sar.reference, sar.total, sar.sequence));
        Arrival {
            connection: self.line.connection,
            tenant: self.line.tenant,
            sandbox: self.line.sandbox,
            source: pdu.source.digits.clone(),
            destination: pdu.dest.digits.clone(),
            text: match decoded.body {
                // A NUL cannot be stored in a text and means nothing in a message.
                InboundBody::Text(text) => text.replace('\0', ""),
                InboundBody::Hex(hex) => hex,
            },
            data_coding: pdu.data_coding,
            concat: by_header.or(by_tlv).filter(|(_, total, _)| *total > 1),
            at: shared.clock.now(),
        }
    }
}

impl Inbound for Desk {
    fn deliver(&self, pdu: DeliverSm) -> BoxFuture<'static, DeliverAnswer> {
        let Some(shared) = self.shared.upgrade() else {
            return Box::pin(std::future::ready(DeliverAnswer::TemporaryError));
        };
        if !pdu.is_receipt() {
            let arrival = self.arrival(&shared, &pdu);
            return Box::pin(take_arrival(shared, arrival));
        }
        match self.report(&shared, &pdu) {
            Some(report) => Box::pin(take_report(shared, report)),
            // Sending it again would not make it readable.
            None => Box::pin(std::future::ready(DeliverAnswer::Reject(ESME_RX_P_APPN))),
        }
    }
}

/// Records a report; its call-backs leave right after the commit, whether or not the connection still waits.
async fn take_report(shared: Arc<Shared>, report: Report) -> DeliverAnswer {
    let (answer, answered) = oneshot::channel();
    let (job_shared, after_shared) = (Arc::clone(&shared), Arc::clone(&shared));
    shared.store.write_outcome(
        move |tx| receipts::record(&job_shared, tx, &report),
        move |written| {
            // The connection may have gone; what is committed is told all the same.
            let _ = answer.send(written.map(|settled| settled.release(&after_shared)));
        },
    );
    answer_of(answered.await.unwrap_or(Err(StoreError::Closed)))
}

/// As [`take_report`], for a message from a customer.
async fn take_arrival(shared: Arc<Shared>, arrival: Arrival) -> DeliverAnswer {
    let (answer, answered) = oneshot::channel();
    let (job_shared, after_shared) = (Arc::clone(&shared), Arc::clone(&shared));
    shared.store.write_outcome(
        move |tx| inbound::record(&job_shared, tx, &arrival),
        move |written| {
            let _ = answer.send(written.map(|emitted| emit::release(&after_shared, emitted)));
        },
    );
    answer_of(answered.await.unwrap_or(Err(StoreError::Closed)))
}

fn answer_of(written: Result<(), StoreError>) -> DeliverAnswer {
    written.map_or_else(|error| later(&error), |()| DeliverAnswer::Ok)
}

fn later(error: &StoreError) -> DeliverAnswer {
    tracing::warn!(%error, "what the provider sent could not be stored; it is asked to send it again");
    DeliverAnswer::TemporaryError
}
