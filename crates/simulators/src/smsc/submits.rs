//! `submit_sm` and `data_sm`: checked, planned, answered, receipted.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use waypost_channels::smpp::wire::{DataSm, DecodeError, Header, ShortMessage, command, status};

use super::{
    checks::{Checked, check_submit},
    counters::{bump, raise},
    log::Received,
    plan::{Incoming, Plan, ReceiptPlan, SubmitPlan},
    receipt::{Subject, is_wanted, receipt},
    session::Session,
};

/// Added to an id to make one that nobody was given.
const UNKNOWN_ID_OFFSET: u64 = 1 << 40;
/// How long the answer waits for a receipt that is to come first but goes by another connection.
const RECEIPT_FIRST_MS: u32 = 20;

impl Session {
    pub(super) fn on_submit(&mut self, header: Header, body: &[u8], now: Instant, date: &str) {
        let tally = &self.shared.tally;
        bump(&tally.submits);
        let unanswered = self.delayed.len() + self.never_answered + 1;
        raise(&tally.in_flight_peak, unanswered as u64);
        let response = header.command | command::RESPONSE;
        let refusal = if !self.role.is_some_and(|role| role.sends) {
            Some(status::ESME_RINVBNDSTS)
        } else if unanswered > self.shared.config.window_max {
            bump(&tally.window_exceeded);
            Some(status::ESME_RTHROTTLED)
        } else {
            self.shared.take_throttle().then_some(status::ESME_RTHROTTLED)
        };
        let outcome = match refusal {
            Some(status) => Err(status),
            None => self.accept(header, body, now, date),
        };
        if let Err(status) = outcome {
            let throttled = status == status::ESME_RTHROTTLED;
            let tally = &self.shared.tally;
            bump(if throttled { &tally.throttled } else { &tally.refused });
            self.answer_submit(response, header.sequence, status, "");
        }
    }

    fn accept(&mut self, header: Header, body: &[u8], now: Instant, date: &str) -> Result<(), u32> {
        let message = read(header, body).map_err(|_| status::ESME_RINVCMDLEN)?;
        let checked = check_submit(&message)?;
        let plan = self.plan(&message, checked);
        match plan.submit.status() {
            status::ESME_ROK => {}
            refused => return Err(refused),
        }
        bump(&self.shared.tally.accepted);
        let id = self.shared.next_id();
        let spelt = self.shared.config.response_ids.spell(id);
        let held = self.send_receipts(&plan, &message, checked, id, now, date);
        self.answer(plan.submit, held, header, &spelt, now);
        self.record(message, checked, spelt);
        Ok(())
    }

    fn plan(&self, message: &ShortMessage, checked: Checked) -> Plan {
        let config = &self.shared.config;
        let forced = config.forced.as_ref().and_then(|forced| forced(last_four(&message.dest.digits)?));
        forced.unwrap_or_else(|| {
            let text = message.text();
            config.behaviour.plan(&Incoming {
                source: &message.source,
                dest: &message.dest,
                data_coding: message.data_coding,
                payload: &text[checked.header_octets..],
                part: checked.part,
                registered_delivery: message.registered_delivery,
            })
        })
    }

    /// Sends or queues the receipts; true when the answer has to wait for one of them.
    fn send_receipts(
        &mut self,
        plan: &Plan,
        message: &ShortMessage,
        checked: Checked,
        id: u64,
        now: Instant,
        date: &str,
    ) -> bool {
        let mut held = false;
        if plan.receipts.is_empty() {
            return held;
        }
        let (source, dest) = (Arc::new(message.source.clone()), Arc::new(message.dest.clone()));
        let text = message.text();
        for wanted in plan.receipts.iter().filter(|r| is_wanted(message.registered_delivery, &r.stat)) {
            let id = self.receipt_id(wanted, id);
            let text = &text[checked.header_octets..];
            let subject = Subject { source: &source, dest: &dest, id: &id, text, date };
            let outgoing = receipt(wanted, &subject);
            if wanted.duplicate {
                self.fresh.push((outgoing.clone(), self.due(wanted, now)));
            }
            if wanted.before_response && self.receives() {
                self.deliver(outgoing);
            } else {
                held |= wanted.before_response;
                self.fresh.push((outgoing, self.due(wanted, now)));
            }
        }
        held
    }

    fn receipt_id(&self, wanted: &ReceiptPlan, id: u64) -> String {
        let id = if wanted.unknown_id { id + UNKNOWN_ID_OFFSET } else { id };
        self.shared.config.receipt_ids.spell(id)
    }

    fn due(&self, wanted: &ReceiptPlan, now: Instant) -> Option<Instant> {
        let delay_ms = u64::from(self.shared.config.receipt_delay_ms) + u64::from(wanted.after_ms);
        (delay_ms > 0).then(|| now + Duration::from_millis(delay_ms))
    }

    fn answer(&mut self, plan: SubmitPlan, held: bool, header: Header, id: &str, now: Instant) {
        let response = header.command | command::RESPONSE;
        let delay_ms = match plan {
            SubmitPlan::Delay(delay_ms) => delay_ms,
            SubmitPlan::NoAnswer => {
                self.never_answered += 1;
                return;
            }
            SubmitPlan::Drop => {
                self.dropped = true;
                return;
            }
            SubmitPlan::Accept | SubmitPlan::Status(_) if held => RECEIPT_FIRST_MS,
            SubmitPlan::Accept | SubmitPlan::Status(_) => 0,
        };
        if delay_ms == 0 {
            self.answer_submit(response, header.sequence, status::ESME_ROK, id);
        } else {
            let at = now + Duration::from_millis(u64::from(delay_ms));
            self.delayed.insert((at, header.sequence), (response, id.to_owned()));
        }
    }

    fn record(&self, message: ShortMessage, checked: Checked, id: String) {
        let keep_max = self.shared.config.keep_max;
        if keep_max == 0 {
            return;
        }
        let payload = message.text()[checked.header_octets..].to_vec();
        let received = Received {
            payload,
            source: message.source,
            dest: message.dest,
            data_coding: message.data_coding,
            message_ids: vec![id],
            registered_delivery: message.registered_delivery,
            validity: message.validity,
            service_type: message.service_type,
        };
        self.shared.log().add(checked.part, received, keep_max);
    }
}

fn read(header: Header, body: &[u8]) -> Result<ShortMessage, DecodeError> {
    match header.command {
        command::DATA_SM => DataSm::read(body).map(|data| data.0),
        _ => ShortMessage::read(body),
    }
}

fn last_four(digits: &str) -> Option<u16> {
    digits.get(digits.len().checked_sub(4)?..)?.parse().ok()
}
