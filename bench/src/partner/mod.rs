//! The far side of the content workloads: a partner that takes Metadata Push, answers Metadata Audit and watches the order.
//!
//! It shares no code with the server, costs little, and keeps per property how far it has come, so that a gap, a reordering
//! or a repetition under another id is seen where it counts.

mod ledger;
mod message;
mod serve;

use std::sync::Arc;
use std::time::Duration;

pub use ledger::{Counts, Ledger};

use crate::places::Place;

/// How it answers. Shares are in ten-thousandths of the pushes; which ones is drawn from a counter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// Pause before each answer.
    pub pause: Duration,
    /// Answered 500, not applied.
    pub error_500: u64,
    /// Connection closed without an answer; every other one of them was applied.
    pub reset: u64,
    /// Applied and never answered.
    pub silent: u64,
}

impl Manner {
    /// The faults of W2: 1 % refused with 500, 0.5 % reset, 0.5 % never answered.
    pub const FAULTY: Self = Self { pause: Duration::ZERO, error_500: 100, reset: 50, silent: 50 };

    /// Never answers anything.
    pub const SILENT: Self = Self { pause: Duration::ZERO, error_500: 0, reset: 0, silent: 10_000 };
}

/// A partner that stands until it is dropped.
#[derive(Debug)]
pub struct Partner {
    place: Place,
    /// What came in.
    pub ledger: Arc<Ledger>,
}

impl Partner {
    /// Listens on a loopback port, on a thread of its own.
    ///
    /// # Errors
    /// When no port or thread is to be had.
    pub fn open(ledger: Ledger, manner: Manner) -> anyhow::Result<Self> {
        let ledger = Arc::new(ledger);
        let own = ledger.clone();
        let place = Place::open("partner", move |listener| serve::take_all(listener, own, manner))?;
        Ok(Self { place, ledger })
    }

    /// What stands before `/hotel`; one listener can stand for many partners by their number.
    #[must_use]
    pub fn url(&self, number: usize) -> String {
        format!("http://{}/p{number}", self.place.addr())
    }
}
