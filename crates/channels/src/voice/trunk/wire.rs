//! The octets' way to and from the far side: a connected UDP socket, or one TCP connection, with TLS or without.
//!
//! A connected socket hears nobody but the far side, so nobody else can end a call.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, split};
use tokio::net::{TcpSocket, TcpStream, UdpSocket, lookup_host};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::super::config::{Transport, TrunkConfig};
use super::super::sip::message::Message;
use super::super::sip::parse::{Frames, MESSAGE_BYTES_MAX, parse};
use crate::tls;

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
    Tcp { half: ReadHalf<Box<dyn Duplex>>, frames: Frames, writer: JoinHandle<()> },
}

/// A connection, with TLS or without.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

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
        Transport::Tcp | Transport::Tls => {
            let socket = if peer.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
            socket.bind(home)?;
            let stream = socket.connect(peer).await?;
            stream.set_nodelay(true)?;
            let local = stream.local_addr()?;
            let (sink, source) = connected(secured(config, host, stream).await?);
            Ok(Wire { sink, source, local, peer })
        }
    }
}

async fn secured(config: &TrunkConfig, host: &str, stream: TcpStream) -> io::Result<Box<dyn Duplex>> {
    if config.transport != Transport::Tls {
        return Ok(Box::new(stream));
    }
    let name = config.tls_server_name.as_deref().unwrap_or(host);
    Ok(Box::new(tls::connect(stream, name, config.tls_ca_file.as_deref()).await?))
}

fn connected(stream: Box<dyn Duplex>) -> (Sink, Source) {
    let (half, mut out) = split(stream);
    let (queue, mut waiting) = mpsc::channel::<Vec<u8>>(WAITING_MAX);
    let writer = tokio::spawn(async move {
        while let Some(bytes) = waiting.recv().await {
            // What TLS holds back is sent, too.
            if out.write_all(&bytes).await.is_err() || out.flush().await.is_err() {
                return;
            }
        }
    });
    (Sink::Tcp(queue), Source::Tcp { half, frames: Frames::default(), writer })
}

fn fits(bind: Option<IpAddr>, peer: SocketAddr) -> bool {
    bind.is_none_or(|bind| bind.is_ipv4() == peer.is_ipv4())
}
