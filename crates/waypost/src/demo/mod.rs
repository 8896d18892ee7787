//! `waypost demo`: a whole world on loopback, a number of messages through it, and what became of each.

mod calls;
mod channels;
mod client;
mod collect;
mod content;
mod letter;
mod run;
mod send;
mod service_desk;
mod show;
mod tally;
mod traffic;

use std::time::{Duration, Instant};

pub use calls::CallStep;
pub use channels::{ChannelRow, Told, tour};
pub use client::Client;
pub use collect::{Counting, collect, count_rest};
pub use content::{ContentRow, content};
pub use letter::{Arrived, letter};
pub use run::run;
pub use send::{Target, send_all};
pub use service_desk::{StepRow, service_desk};
pub use show::{Progress, text};
pub use tally::{Counts, Spread, Summary, Tally};
pub use traffic::{Traffic, number_of};

/// Something that happened to a message of a run.
#[derive(Debug)]
pub enum Event {
    /// Its request goes out.
    Sent {
        /// The message.
        number: usize,
        /// When.
        at: Instant,
    },
    /// Its request was answered.
    Answered {
        /// The message.
        number: usize,
        /// The code of the answer.
        code: String,
        /// Since it was sent.
        took: Duration,
    },
    /// A call-back came for it.
    CalledBack {
        /// The message.
        number: usize,
        /// The code of the call-back.
        code: String,
        /// When it came.
        at: Instant,
    },
}
