//! A content partner: the receiver of Metadata Push and Audit, in memory, with faults that can be set while it runs.
//!
//! What it takes and refuses is decided by the same pure rules as the server's own receiver; what it does to its state and
//! its answers after that is up to [`Faults`].

mod control;
mod faults;
mod handle;
mod journal;
mod serve;
mod state;

use std::net::SocketAddr;

pub use faults::Faults;
pub use handle::{PartnerHandle, SimulatedPartner};
pub use journal::{Counts, Seen};

/// Set-up of a partner; see [`PartnerConfig::default`].
#[derive(Clone, Debug)]
pub struct PartnerConfig {
    /// Where to listen. Default 127.0.0.1 on a free port.
    pub address: SocketAddr,
    /// The user name it expects. Default `partner`.
    pub user: String,
    /// The password it expects. Default `simulated`.
    pub password: String,
    /// How it misbehaves. Default not at all.
    pub faults: Faults,
    /// Messages kept in the journal at most; the oldest go first. Default 10,000.
    pub journal_max: usize,
    /// Longest body read, in bytes. Default 10 MiB.
    pub body_bytes_max: usize,
}

impl Default for PartnerConfig {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            user: "partner".to_owned(),
            password: "simulated".to_owned(),
            faults: Faults::default(),
            journal_max: 10_000,
            body_bytes_max: 10 << 20,
        }
    }
}
