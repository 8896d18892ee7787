//! The octets' way to and from the far side: a connected UDP socket, or one TCP connection.
//!
//! A connected socket hears nobody but the far side, so nobody else can end a call.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpSocket, UdpSocket, lookup_host};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::super::config::{Transport, TrunkConfig};
use super::super::sip::message::Message;
use super::super::sip::parse::{Frames, MESSAGE_BYTES_MAX, parse};

/// Messages that wait for a slow TCP connection.
const WAITING_MAX: usize = 1_024;

/// Where octets go.
#[derive(Clone, Debug)]
pub(super) enum Sink {
    Udp(Arc<UdpSocket>),
    Tcp(mpsc::Sender<Vec<u8>>),
}

impl Sink {
    /// Sends; what cannot be sent is lost like a datagram, and the transactions notice.
    pub(super) async fn send(&self, bytes: &[u8]) {
        match self {
            Self::Udp(socket) => {
                // The far side's port may be closed for a moment; the next error tells of it.
                let _ = socket.send(bytes).await;
            }
            Self::Tcp(queue) => {
                let _ = queue.send(bytes.to_vec()).await;
            }
        }
    }
}

/// Where messages come from.
pub(super) enum Source {
    Udp { socket: Arc<UdpSocket>, buffer: Vec<u8> },
    Tcp { half: OwnedReadHalf, frames: Frames, writer: JoinHandle<()> },
}

impl Source {
    /// The next message; what is none is skipped on UDP.
    ///
    /// # Errors
    /// When the connection is over.
    pub(super) async fn next(&mut self) -> io::Result<Message> {
        match self {
            Self::Udp { socket, buffer } => loop {
                match socket.recv(buffer).await {
                    Ok(length) => match parse(&buffer[..length]) {
                        Ok(message) => return Ok(message),
                        Err(error) => tracing::debug!(%error, "a datagram is no SIP message"),
                    },
                    // "Port unreachable" of an earlier datagram.
                    Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                    Err(error) => return Err(error),
                }
            },
            Self::Tcp { half, frames, .. } => loop {
                let broken = |error| io::Error::new(io::ErrorKind::InvalidData, error);
                if let Some(message) = frames.take().map_err(broken)? {
                    return Ok(message);
                }
                let mut chunk = [0; 4_096];
                match half.read(&mut chunk).await? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    length => frames.push(&chunk[..length]),
                }
            },
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if let Self::Tcp { writer, .. } = self {
            writer.abort();
        }
    }
}

/// A way that is open.
pub(super) struct Wire {
    pub(super) sink: Sink,
    pub(super) source: Source,
    pub(super) local: SocketAddr,
    pub(super) peer: SocketAddr,
}

/// Opens the way of a trunk.
///
/// # Errors
/// When the name leads nowhere or the far side does not answer.
pub(super) async fn open(config: &TrunkConfig) -> io::Result<Wire> {
    let host = config.host.trim_start_matches('[').trim_end_matches(']');
    let peer = lookup_host((host, config.port)).await?.find(|peer| fits(config.bind, *peer));
    let peer = peer.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the host has no address"))?;
    let any: IpAddr = if peer.is_ipv4() { [0; 4].into() } else { [0; 16].into() };
    let home = SocketAddr::new(config.bind.unwrap_or(any), 0);
    match config.transport {
        Transport::Udp => {
            let socket = Arc::new(UdpSocket::bind(home).await?);
            socket.connect(peer).await?;
            let local = socket.local_addr()?;
            let source = Source::Udp { socket: Arc::clone(&socket), buffer: vec![0; MESSAGE_BYTES_MAX] };
            Ok(Wire { sink: Sink::Udp(socket), source, local, peer })
        }
        Transport::Tcp => {
            let socket = if peer.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
            socket.bind(home)?;
            let stream = socket.connect(peer).await?;
            stream.set_nodelay(true)?;
            let local = stream.local_addr()?;
            let (half, mut out) = stream.into_split();
            let (queue, mut waiting) = mpsc::channel::<Vec<u8>>(WAITING_MAX);
            let writer = tokio::spawn(async move {
                while let Some(bytes) = waiting.recv().await {
                    if out.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
            });
            let source = Source::Tcp { half, frames: Frames::default(), writer };
            Ok(Wire { sink: Sink::Tcp(queue), source, local, peer })
        }
    }
}

fn fits(bind: Option<IpAddr>, peer: SocketAddr) -> bool {
    bind.is_none_or(|bind| bind.is_ipv4() == peer.is_ipv4())
}
