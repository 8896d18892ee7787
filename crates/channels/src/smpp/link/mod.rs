//! Sessions on sockets: one tokio task per bind, many messages per write.

mod core;
mod dial;
mod driver;
mod events;
mod handle;
mod meters;
mod prepared;
mod serve;
mod ticket;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};

use self::{core::Core, driver::Driver, prepared::Prepared};
pub use self::{
    core::{LinkState, Status},
    dial::{Dial, Duplex, Seams},
    handle::{Closed, ConnectionHandle, Permit, ReserveError},
    ticket::{SubmitFuture, SubmitSink},
};
use super::{
    config::{BindMode, ConfigError, ConnectionConfig},
    types::{DeliverAnswer, DeliverSm},
    wire::command,
};

/// Takes what comes in by a connection.
pub trait Inbound: Send + Sync {
    /// Makes the message durable and says what the SMSC is to be told. The SMSC is answered when the future
    /// resolves and not before. Many run at once and may resolve in any order; one that never
    /// resolves keeps its place among [`ConnectionConfig::deliveries_max`] for ever, so it needs a deadline of its own.
    fn deliver(&self, message: DeliverSm) -> BoxFuture<'static, DeliverAnswer>;
}

/// A connection to one provider account.
#[derive(Debug)]
pub struct Connection;

impl Connection {
    /// Starts connecting, for as long as the handle lives or until it is closed.
    ///
    /// # Errors
    /// [`ConfigError`] when the configuration cannot work.
    pub fn spawn(
        config: ConnectionConfig,
        inbound: Arc<dyn Inbound>,
        seams: Seams,
    ) -> Result<ConnectionHandle, ConfigError> {
        config.check()?;
        let config = Arc::new(Prepared::new(config));
        let (close, closing) = watch::channel(None);
        let links = bind_commands(config.bind_mode)
            .iter()
            .map(|&bind_command| {
                let core = Arc::new(Core::new(&config));
                let (commands, queue) = mpsc::channel(usize::from(config.window));
                let driver = Driver::new(
                    Arc::clone(&config),
                    bind_command,
                    Arc::clone(&core),
                    queue,
                    closing.clone(),
                    Arc::clone(&inbound),
                    seams.clone(),
                );
                tokio::spawn(driver.run());
                (core, commands)
            })
            .collect();
        Ok(ConnectionHandle::new(config, links, close))
    }
}

/// The binds of a mode; the first one sends, if any does.
fn bind_commands(mode: BindMode) -> &'static [u32] {
    match mode {
        BindMode::Transceiver => &[command::BIND_TRANSCEIVER],
        BindMode::Transmitter => &[command::BIND_TRANSMITTER],
        BindMode::Receiver => &[command::BIND_RECEIVER],
        BindMode::Pair => &[command::BIND_TRANSMITTER, command::BIND_RECEIVER],
    }
}
