//! How an SMSC is set up.

use std::{net::SocketAddr, sync::Arc};

use super::{
    ids::IdFormat,
    plan::{Behaviour, Incoming, Plan},
};

/// Decides by the last four digits of a destination whether an outcome is forced.
pub type Forced = Arc<dyn Fn(u16) -> Option<Plan> + Send + Sync>;

/// Set-up of an SMSC; see [`SmscConfig::default`].
#[derive(Clone)]
pub struct SmscConfig {
    /// Where to listen. Default 127.0.0.1 on a free port.
    pub address: SocketAddr,
    /// The one account. Default `waypost`.
    pub system_id: String,
    /// Its password. Default `secret`.
    pub password: String,
    /// The SMSC's own name. Default `SIMULATOR`.
    pub smsc_id: String,
    /// Unanswered submits allowed on a connection. Default 1000.
    pub window_max: usize,
    /// Unacknowledged receipts and messages on a connection. Default 500.
    pub deliver_window_max: usize,
    /// Spelling of ids in answers to submits.
    pub response_ids: IdFormat,
    /// Spelling of the same ids in receipts.
    pub receipt_ids: IdFormat,
    /// Added to the delay of every receipt, in milliseconds. Default 0.
    pub receipt_delay_ms: u32,
    /// Pause before a receipt that was put off is sent again, in milliseconds. Default 200.
    pub retry_ms: u32,
    /// Milliseconds between probes of the client; 0 for none. Default 0.
    pub probe_ms: u32,
    /// Receipts and messages waiting at most. Default 1,000,000.
    pub outbox_max: usize,
    /// Whole messages kept for [`received`](super::SmscHandle::received); 0 keeps none. Default 1000.
    pub keep_max: usize,
    /// The first message id. Default 1,000,000.
    pub first_id: u64,
    /// What becomes of parts. Default: taken and delivered.
    pub behaviour: Arc<dyn Behaviour>,
    /// Outcomes forced by the destination, ahead of the behaviour. Default none.
    pub forced: Option<Forced>,
    /// TLS, if spoken.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

impl Default for SmscConfig {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            system_id: "waypost".to_owned(),
            password: "secret".to_owned(),
            smsc_id: "SIMULATOR".to_owned(),
            window_max: 1_000,
            deliver_window_max: 500,
            response_ids: IdFormat::default(),
            receipt_ids: IdFormat::default(),
            receipt_delay_ms: 0,
            retry_ms: 200,
            probe_ms: 0,
            outbox_max: 1_000_000,
            keep_max: 1_000,
            first_id: 1_000_000,
            behaviour: Arc::new(|_: &Incoming<'_>| Plan::delivered()),
            forced: None,
            tls: None,
        }
    }
}

impl SmscConfig {
    /// Takes this behaviour.
    #[must_use]
    pub fn behaving(mut self, behaviour: impl Behaviour + 'static) -> Self {
        self.behaviour = Arc::new(behaviour);
        self
    }

    /// Lets the last four digits of a destination force the outcome of that code.
    #[must_use]
    pub fn with_forced_codes(mut self) -> Self {
        self.forced = Some(Arc::new(super::plan_for_code));
        self
    }
}
