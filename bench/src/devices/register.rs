//! Registering devices on the RT API.

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
use tokio::net::TcpStream;

use super::{APP, CLIENT_KEY, user};
use crate::places::runtime;
use crate::wire::{Wire, between};

/// Connections that register at once.
const CONNECTIONS: u32 = 16;

/// A registered device, as its client knows it.
#[derive(Debug, Clone)]
pub struct Device {
    /// `{appId}/{userId}`: user name and topic.
    pub name: String,
    /// `{appId}/{userId}/{deviceId}/at_{accessToken}`.
    pub client_id: String,
}

/// Registers one device for each of `count` users.
///
/// # Errors
/// When the server refuses one.
pub fn register(server: SocketAddr, count: u32) -> anyhow::Result<Vec<Device>> {
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime()?, async move {
        let running: Vec<_> =
            (0..CONNECTIONS).map(|first| tokio::task::spawn_local(some(server, first, count))).collect();
        let mut devices = Vec::new();
        for task in running {
            devices.extend(task.await.context("a registering task")??);
        }
        Ok(devices)
    })
}

async fn some(server: SocketAddr, first: u32, count: u32) -> anyhow::Result<Vec<Device>> {
    let mut wire = Wire::new(TcpStream::connect(server).await?)?;
    let mut devices = Vec::new();
    for number in (first..count).step_by(CONNECTIONS as usize) {
        devices.push(one(&mut wire, server, &user(number)).await?);
    }
    Ok(devices)
}

async fn one(wire: &mut Wire, server: SocketAddr, user: &str) -> anyhow::Result<Device> {
    let body = format!(
        r#"{{"tenant":"1","userId":"{user}","channel":"rt","channelType":"web","deviceId":"d1","data":{{"update":{{"os":"web"}}}}}}"#
    );
    let head = format!(
        "POST /rtmsAPI/api/v3/{APP}/register HTTP/1.1\r\nHost: {server}\r\nsecretKey: {CLIENT_KEY}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    wire.send(format!("{head}{body}").as_bytes()).await?;
    let frame = wire.read().await?.context("no answer to a registration")?;
    let answer = wire.body(&frame);
    let token =
        between(answer, b"\"accessToken\":\"", b'"').and_then(|token| std::str::from_utf8(token).ok());
    ensure!(token.is_some(), "a registration was refused: {}", String::from_utf8_lossy(answer));
    let name = format!("{APP}/{user}");
    let client_id = format!("{name}/d1/at_{}", token.unwrap_or_default());
    Ok(Device { name, client_id })
}
