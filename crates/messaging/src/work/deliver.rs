//! The receiving side of a connection: decodes what comes in, has it recorded, and answers only then.

use std::sync::{Arc, Weak};

use futures_util::future::BoxFuture;
use waypost_channels::smpp::wire::status::ESME_RX_P_APPN;
use waypost_channels::smpp::{DeliverAnswer, DeliverSm, Inbound, Outcomes};
use waypost_core::sms::inbound::{InboundBody, decode_message};
use waypost_core::sms::receipt::{ReceiptTlvs, parse_receipt};
use waypost_store::StoreError;

use super::emit;
use super::inbound::{self, Arrival};
use super::receipts::{self, Report};
use super::runtime::Shared;

/// Takes what one connection brings.
#[derive(Clone, Debug)]
pub struct Desk {
    shared: Weak<Shared>,
    connection: i64,
    outcomes: Arc<Outcomes>,
}

impl Desk {
    /// The desk of connection `connection`.
    #[must_use]
    pub const fn new(shared: Weak<Shared>, connection: i64, outcomes: Arc<Outcomes>) -> Self {
        Self { shared, connection, outcomes }
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
        let receipt = parse_receipt(&pdu.payload, tlvs)
            .inspect_err(
                |error| tracing::warn!(connection = self.connection, %error, "a receipt cannot be read"),
            )
            .ok()?;
        let code = self.outcomes.receipt(receipt.state.word(), receipt.err.as_deref().unwrap_or_default());
        let source = pdu.source.digits.clone();
        Some(Report { connection: self.connection, receipt, code, source, at: shared.clock.now() })
    }

    fn arrival(&self, shared: &Shared, pdu: &DeliverSm) -> Arrival {
        let decoded = decode_message(pdu.esm_class, pdu.data_coding, &pdu.payload);
        let by_header = decoded.concat.map(|header| (header.reference, header.total, header.seq));
        let by_tlv = pdu.sar.map(|sar| (sar.reference, sar.total, sar.sequence));
        Arrival {
            connection: self.connection,
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

async fn take_report(shared: Arc<Shared>, report: Report) -> DeliverAnswer {
    let job_shared = Arc::clone(&shared);
    match shared.store.write(move |tx| receipts::record(&job_shared, tx, &report)).await {
        Ok(settled) => {
            settled.release(&shared);
            DeliverAnswer::Ok
        }
        Err(error) => later(&error),
    }
}

async fn take_arrival(shared: Arc<Shared>, arrival: Arrival) -> DeliverAnswer {
    let job_shared = Arc::clone(&shared);
    match shared.store.write(move |tx| inbound::record(&job_shared, tx, &arrival)).await {
        Ok(emitted) => {
            emit::release(&shared, emitted);
            DeliverAnswer::Ok
        }
        Err(error) => later(&error),
    }
}

fn later(error: &StoreError) -> DeliverAnswer {
    tracing::warn!(%error, "what the provider sent could not be stored; it is asked to send it again");
    DeliverAnswer::TemporaryError
}
