//! What a session reports, turned into answers, states and counts.

use std::sync::Arc;

use futures_util::{FutureExt, StreamExt};
use tokio::time::Instant;
use tracing::info;

use super::{
    core::LinkState,
    driver::{Driver, FLUSH_TIMEOUT},
    meters::DeliveryMeter,
    serve::Live,
};
use crate::smpp::{
    session::{Event, ReplyTo},
    types::{DeliverAnswer, DeliverSm, SubmitError, SubmitResult},
    wire::{ShortMessage, status},
};

impl Driver {
    /// Acts on what the session reported; true when somebody who waited for an answer was woken.
    pub(super) fn handle_events(&mut self, live: &mut Live, now: Instant) -> bool {
        let mut events = std::mem::take(&mut live.events);
        let mut woken = false;
        for event in events.drain(..) {
            match event {
                Event::Bound { smsc_id } => {
                    info!(connection = %self.config.name, %smsc_id, "SMPP link bound");
                    self.core.meters.bind(true);
                    live.bound_at = Some(now);
                }
                Event::Completed { token, result } => {
                    self.pace(&result, now);
                    self.complete(token, result);
                    woken = true;
                }
                Event::Delivery { reply, message } => self.on_delivery(live, reply, message),
                Event::Ended(ending) => {
                    live.orderly = true;
                    live.ending = Some(ending.to_string());
                }
            }
        }
        live.events = events;
        self.core.set_in_flight(live.session.in_flight());
        woken
    }

    fn pace(&mut self, result: &SubmitResult, now: Instant) {
        match result {
            Ok(_) => self.pacer.accepted(now.into_std()),
            Err(SubmitError::Throttled(_)) => self.pacer.throttled(now.into_std()),
            Err(_) => {}
        }
    }

    fn on_delivery(&mut self, live: &mut Live, reply: ReplyTo, message: ShortMessage) {
        if self.deliveries.len() >= usize::from(self.config.deliveries_max) {
            // The socket is read on, because answers to submits and link probes come by it too.
            self.core.meters.delivery(DeliveryMeter::Overflowed);
            live.session.answer(reply, status::ESME_RX_T_APPN);
            return;
        }
        let answer = self.inbound.deliver(DeliverSm::new(Arc::clone(&self.config.name), message));
        let session_number = self.session_number;
        self.deliveries.push(Box::pin(async move { (session_number, reply, answer.await) }));
    }

    pub(super) fn on_answered(&mut self, live: &mut Live, first: (u64, ReplyTo, DeliverAnswer)) {
        let mut next = Some(first);
        while let Some((session_number, reply, answer)) = next {
            if session_number == self.session_number {
                live.session.answer(reply, answer.command_status());
                self.core.count_delivery();
                self.core.meters.delivery(match answer {
                    DeliverAnswer::Ok => DeliveryMeter::Ok,
                    DeliverAnswer::TemporaryError => DeliveryMeter::PutOff,
                    DeliverAnswer::Reject(_) => DeliveryMeter::Rejected,
                });
            }
            next = self.deliveries.next().now_or_never().flatten();
        }
    }

    pub(super) fn begin_close(&mut self, live: &mut Live) {
        let asked = *self.closing.borrow();
        live.closing_at = Some(asked.unwrap_or_else(Instant::now));
        self.refuse_queued();
        self.core.set_state(LinkState::Closing);
    }

    /// Unbinds once nothing is in flight or patience has run out, and gives up on an SMSC that does not answer that.
    pub(super) fn close_when_idle(&mut self, live: &mut Live, now: Instant) {
        let Some(patience_ends) = live.closing_at else { return };
        let idle = live.session.in_flight() == 0 && self.deliveries.is_empty();
        if live.session.is_bound() && (idle || now >= patience_ends) {
            live.session.unbind(now.into_std());
        } else if live.bound_at.is_none() || now >= patience_ends + FLUSH_TIMEOUT {
            live.ending.get_or_insert_with(|| "closed".to_owned());
        }
    }

    /// Shows a pause after throttling and its end.
    pub(super) fn show_state(&self, live: &Live, now: Instant) {
        let (Some(bound_at), None, None) = (live.bound_at, live.closing_at, &live.ending) else { return };
        let since = bound_at.into_std();
        self.core.set_state(match self.pacer.paused_until(now.into_std()) {
            Some(until) => LinkState::Throttled { since, until },
            None => LinkState::Bound { since },
        });
    }
}
