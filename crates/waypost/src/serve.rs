//! A running server: the house behind its door.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::http::{self, Limits, Stopped};
use crate::metering;
use crate::wiring::House;

/// A server that answers until it is stopped.
pub struct Running {
    address: SocketAddr,
    house: House,
    door: JoinHandle<Stopped>,
    stop: CancellationToken,
    drain_ms: u64,
}

/// Builds the house and opens the door.
///
/// # Errors
/// When the address is taken or a room cannot be had.
pub async fn start(config: &Config) -> anyhow::Result<Running> {
    // First the address: a port in use is told before a store is opened.
    let listen = config.server.listen;
    let listener = http::bind(listen).with_context(|| format!("listening on {listen} (server.listen)"))?;
    let address = listener.local_addr()?;
    let house = House::build(config).await?;
    let stop = CancellationToken::new();
    if config.metrics.enabled {
        tokio::spawn(metering::upkeep(metering::recorder()?, stop.clone()));
    }
    let drain_ms = config.delivery.drain_ms;
    let limits = Limits::new(&config.server, drain_ms);
    let door = tokio::spawn(http::serve(listener, house.router(), limits, stop.clone()));
    tracing::info!(%address, "serving");
    Ok(Running { address, house, door, stop, drain_ms })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What runs behind the door.
    #[must_use]
    pub const fn house(&self) -> &House {
        &self.house
    }

    /// Closes the door, lets requests and attempts under way end, closes the store.
    ///
    /// # Errors
    /// When the door's task panicked; the store is closed all the same.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        let door = self.door.await;
        if let Ok(Stopped::Cut(open)) = &door {
            tracing::warn!(open, "requests were cut at the end of the drain time");
        }
        self.house.close(self.drain_ms).await;
        tracing::info!("stopped");
        door.map(|_| ()).context("the HTTP door failed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::Client;

    #[tokio::test]
    async fn an_empty_folder_becomes_a_ready_server_that_stops_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.store.data_dir = folder.path().join("data");
        config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let running = start(&config).await.unwrap();
        let mut client = Client::connect(running.address()).await.unwrap();
        assert_eq!(client.get("/healthz").await.unwrap(), "ok\n");
        assert_eq!(client.get("/readyz").await.unwrap(), r#"{"ready":true,"because":[]}"#);
        drop(client);
        running.stop().await.unwrap();
        // The store is free again: a second server may own it.
        start(&config).await.unwrap().stop().await.unwrap();
    }

    #[tokio::test]
    async fn a_taken_port_is_told_with_its_setting() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.store.data_dir = folder.path().join("data");
        config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = std::net::TcpListener::bind(config.server.listen).unwrap();
        config.server.listen = listener.local_addr().unwrap();
        let error = start(&config).await.err().unwrap();
        assert!(error.to_string().contains("server.listen"), "{error}");
        assert!(!config.store.data_dir.exists());
    }
}
