//! What the SMSC counts.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident,)*) => {
        /// Counts since the start.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct Counters {
            $($(#[doc = $doc])+ pub $name: u64,)*
        }

        #[derive(Debug, Default)]
        pub(super) struct Tally {
            $(pub(super) $name: AtomicU64,)*
        }

        impl Tally {
            pub(super) fn snapshot(&self) -> Counters {
                Counters { $($name: self.$name.load(Relaxed),)* }
            }
        }
    };
}

counters! {
    /// Connections accepted.
    connections,
    /// Binds accepted.
    binds,
    /// Binds refused.
    binds_refused,
    /// `submit_sm` and `data_sm` read.
    submits,
    /// Those that were taken.
    accepted,
    /// Those that were refused for what they contain or by plan.
    refused,
    /// Those that were refused as too fast, on request or for exceeding the window.
    throttled,
    /// Submits above the allowed window: a fault of the client.
    window_exceeded,
    /// Most submits that were unanswered at once.
    in_flight_peak,
    /// Receipts sent, repetitions included.
    receipts_sent,
    /// Receipts acknowledged.
    receipts_acked,
    /// Receipts and messages the client put off or refused; they are sent again.
    deliveries_refused,
    /// Messages sent to the client, repetitions included.
    mo_sent,
    /// Messages acknowledged by the client.
    mo_acked,
    /// Receipts and messages lost because the outbox was full.
    outbox_overflows,
    /// `enquire_link` received.
    enquire_links,
    /// `enquire_link` of ours that was answered.
    probes_answered,
    /// `unbind` received.
    unbinds,
    /// Connections ended because of malformed bytes.
    protocol_errors,
}

pub(super) fn bump(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

pub(super) fn raise(counter: &AtomicU64, to: u64) {
    counter.fetch_max(to, Relaxed);
}
