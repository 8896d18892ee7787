//! `waypost demo`: a whole world on loopback, a number of messages through it, and what became of each.

mod client;
mod tally;

pub use client::Client;
pub use tally::{Counts, Spread, Summary, Tally};
