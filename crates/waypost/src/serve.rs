//! A running server: the house behind its door.

use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
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
    content_door: Option<(SocketAddr, JoinHandle<Stopped>)>,
    stop: CancellationToken,
    drain_ms: u64,
}

/// Builds the house and opens the door.
///
/// # Errors
/// When the address is taken or a room cannot be had.
pub async fn start(config: &Config) -> anyhow::Result<Running> {
    start_with(config, Router::new()).await
}

/// The same with pages beside those of the house.
///
/// # Errors
/// As [`start`].
pub async fn start_with(config: &Config, pages: Router) -> anyhow::Result<Running> {
    // First the address: a port in use is told before a store is opened.
    let listen = config.server.listen;
    let listener = http::bind(listen).with_context(|| format!("listening on {listen} (server.listen)"))?;
    let address = listener.local_addr()?;
    let content = content_listener(config)?;
    // A random port of tests and sandboxes is known from here on.
    let mut config = config.clone();
    config.server.listen = address;
    let config = &config;
    let house = House::build(config).await?;
    let stop = CancellationToken::new();
    if config.metrics.enabled {
        tokio::spawn(metering::upkeep(metering::recorder()?, stop.clone()));
    }
    let drain_ms = config.delivery.drain_ms;
    let limits = Limits::new(&config.server, drain_ms);
    let door = tokio::spawn(http::serve(listener, house.router().merge(pages), limits, stop.clone()));
    let content_door = content.map(|(address, listener)| {
        tracing::info!(%address, "serving the content receiver");
        (address, tokio::spawn(http::serve(listener, house.content_router(), limits, stop.clone())))
    });
    tracing::info!(%address, "serving");
    Ok(Running { address, house, door, content_door, stop, drain_ms })
}

/// The receiver's own listener, where one is set.
fn content_listener(config: &Config) -> anyhow::Result<Option<(SocketAddr, tokio::net::TcpListener)>> {
    let listen = &config.content.listen;
    if listen.is_empty() {
        return Ok(None);
    }
    let told = || format!("listening on {listen} (content.listen)");
    let listener = http::bind(listen.parse().with_context(told)?).with_context(told)?;
    Ok(Some((listener.local_addr()?, listener)))
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the content receiver's own listener is, if it has one.
    #[must_use]
    pub fn content_address(&self) -> Option<SocketAddr> {
        self.content_door.as_ref().map(|(address, _)| *address)
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
        if let Some((_, content)) = self.content_door
            && content.await.is_err()
        {
            tracing::error!("the content receiver's door failed");
        }
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
    async fn the_content_receiver_may_have_a_listener_of_its_own_with_its_endpoints_at_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.store.data_dir = folder.path().join("data");
        config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.content.listen = "127.0.0.1:0".to_owned();
        let running = start(&config).await.unwrap();
        let refused = |path| async move {
            let mut client = Client::connect(path).await.unwrap();
            let answer = client.post("/hotel-audit", "", br#"{"messageId":"a"}"#.to_vec()).await;
            answer.map(|body| String::from_utf8(body.to_vec()).unwrap())
        };
        let told = format!("{:?}", refused(running.content_address().unwrap()).await);
        assert!(told.contains("4001") || told.contains("401"), "{told}");
        let told = format!("{:?}", refused(running.address()).await);
        assert!(told.contains("404"), "{told}");
        running.stop().await.unwrap();
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
