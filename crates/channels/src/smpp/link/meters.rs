//! Metrics of one connection: `waypost_smpp_<what>[_total]{connection, result}`. The handles are looked up once, so a
//! recorder has to be installed before connections are spawned.

use metrics::{Counter, Gauge, counter, gauge};

use crate::smpp::types::{SubmitError, SubmitResult};

pub(super) struct Meters {
    accepted: Counter,
    refused: Counter,
    throttled: Counter,
    not_sent: Counter,
    unknown: Counter,
    nacked: Counter,
    in_flight: Gauge,
    bound: Counter,
    bind_failed: Counter,
    delivered: Counter,
    put_off: Counter,
    rejected: Counter,
    /// Refused without being looked at, because too many are being worked on.
    overflowed: Counter,
}

/// How a delivery was answered.
#[derive(Debug, Clone, Copy)]
pub(super) enum DeliveryMeter {
    Ok,
    PutOff,
    Rejected,
    Overflowed,
}

impl Meters {
    pub(super) fn new(connection: &str) -> Self {
        let submits = |result: &'static str| counter!("waypost_smpp_submits_total", "connection" => connection.to_owned(), "result" => result);
        let binds = |result: &'static str| counter!("waypost_smpp_binds_total", "connection" => connection.to_owned(), "result" => result);
        let deliveries = |result: &'static str| counter!("waypost_smpp_deliveries_total", "connection" => connection.to_owned(), "result" => result);
        Self {
            accepted: submits("accepted"),
            refused: submits("refused"),
            throttled: submits("throttled"),
            not_sent: submits("not_sent"),
            unknown: submits("unknown"),
            nacked: submits("nacked"),
            in_flight: gauge!("waypost_smpp_in_flight", "connection" => connection.to_owned()),
            bound: binds("bound"),
            bind_failed: binds("failed"),
            delivered: deliveries("ok"),
            put_off: deliveries("put_off"),
            rejected: deliveries("rejected"),
            overflowed: deliveries("overflowed"),
        }
    }

    pub(super) fn submit(&self, result: &SubmitResult) {
        match result {
            Ok(_) => &self.accepted,
            Err(SubmitError::Status(_)) => &self.refused,
            Err(SubmitError::Throttled(_)) => &self.throttled,
            Err(SubmitError::NotSent(_)) => &self.not_sent,
            Err(SubmitError::Unknown(_)) => &self.unknown,
            Err(SubmitError::Nack(_)) => &self.nacked,
        }
        .increment(1);
    }

    #[expect(clippy::cast_precision_loss, reason = "a window has at most 65535 places")]
    pub(super) fn set_in_flight(&self, count: usize) {
        self.in_flight.set(count as f64);
    }

    pub(super) fn bind(&self, bound: bool) {
        if bound { &self.bound } else { &self.bind_failed }.increment(1);
    }

    pub(super) fn delivery(&self, answered: DeliveryMeter) {
        match answered {
            DeliveryMeter::Ok => &self.delivered,
            DeliveryMeter::PutOff => &self.put_off,
            DeliveryMeter::Rejected => &self.rejected,
            DeliveryMeter::Overflowed => &self.overflowed,
        }
        .increment(1);
    }
}
