//! One device's session from CONNECT to its end.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::{bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::packets::{self, Packet};
use super::{CLIENT_KEY, Device, Shared};
use crate::board::number_of;
use crate::wire::between;

/// Bytes read at once: a message with what surrounds it.
const READ_BYTES: usize = 1_024;

/// A session and what was read ahead.
struct Session {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What the packets of a moment brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// No change.
    Same,
    /// It was let in.
    Welcomed,
    /// It has its topic.
    Subscribed,
}

/// Connects, subscribes, then takes messages and keeps the connection alive until the task is dropped.
pub(super) async fn run(shared: &Shared, device: &Device) -> anyhow::Result<()> {
    let opening = shared.opening.acquire().await?;
    let stream = TcpStream::connect(shared.broker).await?;
    stream.set_nodelay(true)?;
    let mut session = Session { stream, buffer: Vec::new() };
    let hello = packets::connect(&device.client_id, &device.name, CLIENT_KEY, shared.keep_alive_s);
    session.stream.write_all(&hello).await?;
    // As the libraries do: after the welcome.
    while session.take_in(shared).await? != Step::Welcomed {
        session.read().await?;
    }
    session.stream.write_all(&packets::subscribe(&device.name, shared.qos)).await?;
    while session.take_in(shared).await? != Step::Subscribed {
        session.read().await?;
    }
    shared.counts.open.fetch_add(1, Relaxed);
    drop(opening);
    let pause = Duration::from_secs(u64::from(shared.keep_alive_s));
    let mut next_ping = Instant::now() + pause;
    loop {
        match timeout_at(next_ping, session.read()).await {
            Ok(read) => read?,
            Err(_) => {
                session.stream.write_all(&packets::PING).await?;
                next_ping += pause;
            }
        }
        session.take_in(shared).await?;
    }
}

impl Session {
    async fn read(&mut self) -> anyhow::Result<()> {
        self.buffer.reserve(READ_BYTES);
        ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server closed it");
        Ok(())
    }

    /// Handles the packets that have come; how far the session is by them.
    async fn take_in(&mut self, shared: &Shared) -> anyhow::Result<Step> {
        let (mut used, mut step, mut out) = (0, Step::Same, Vec::new());
        while let Some((packet, length)) = packets::first(&self.buffer[used..]) {
            used += length;
            match packet {
                Packet::Pong => {}
                Packet::Welcome(0) => step = Step::Welcomed,
                Packet::Subscribed(qos) if qos == shared.qos => step = Step::Subscribed,
                Packet::Publish(qos, packet, payload) => {
                    match between(payload, b"\"message\":\"", b'"').and_then(number_of) {
                        Some(number) => shared.board.submitted(number),
                        None => shared.board.foreign(),
                    }
                    match qos {
                        0 => {}
                        1 => out.extend(packets::answer(0x40, packet)),
                        _ => out.extend(packets::answer(0x50, packet)),
                    }
                }
                Packet::Release(packet) => out.extend(packets::answer(0x70, packet)),
                other => bail!("unexpected: {other:?}"),
            }
        }
        self.buffer.drain(..used);
        if self.buffer.is_empty() {
            // An idle session holds none: there are thousands.
            self.buffer = Vec::new();
        }
        if !out.is_empty() {
            self.stream.write_all(&out).await?;
        }
        Ok(step)
    }
}
