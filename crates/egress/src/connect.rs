//! From a host to a connection: resolve once, vet every address, connect to one that was vetted, TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

use crate::address::vet;
use crate::error::{EgressError, Stage};
use crate::policy::EgressPolicy;
use crate::resolver::Resolver;
use crate::tls::TlsConfigs;

/// Addresses of one host that are tried.
const TRIED_MAX: usize = 4;
/// With more than one address none may use up the deadline alone.
const TRY_MS_MAX: u64 = 3_000;

/// Where an exchange is; read when its deadline strikes.
#[derive(Debug)]
pub(crate) struct Progress(AtomicU8);

const STAGES: [Stage; 5] = [Stage::Resolve, Stage::Connect, Stage::Tls, Stage::Head, Stage::Body];

impl Progress {
    pub(crate) const fn new() -> Self {
        Self(AtomicU8::new(0))
    }

    pub(crate) fn enter(&self, stage: Stage) {
        self.0.store(stage as u8, Ordering::Relaxed);
    }

    pub(crate) fn stage(&self) -> Stage {
        STAGES.get(usize::from(self.0.load(Ordering::Relaxed))).copied().unwrap_or(Stage::Head)
    }
}

/// What is spoken over a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2: agreed on in the TLS handshake, known beforehand without TLS.
    Http2,
}

/// The token of HTTP/2 in the TLS handshake (RFC 9113, section 3.1).
pub(crate) const H2: &[u8] = b"h2";

/// Where to connect to.
#[derive(Clone, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) host: Host<&'a str>,
    pub(crate) port: u16,
    pub(crate) tls: bool,
}

pub(crate) struct Connector {
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) tls: TlsConfigs,
}

impl Connector {
    pub(crate) async fn connect(
        &self,
        policy: &EgressPolicy,
        target: Target<'_>,
        protocol: Protocol,
        progress: &Progress,
    ) -> Result<Stream, EgressError> {
        progress.enter(Stage::Resolve);
        let addrs = self.resolve(&target.host).await?;
        for &addr in &addrs {
            vet(addr, &policy.allowed).map_err(|why| EgressError::Refused { addr, why })?;
        }
        progress.enter(Stage::Connect);
        let tcp = connect_any(&addrs, target.port).await?;
        if !target.tls {
            return Ok(Stream::Plain(tcp));
        }
        progress.enter(Stage::Tls);
        let name = server_name(&target.host)?;
        let tls = TlsConnector::from(self.tls.of(protocol)).connect(name, tcp).await;
        let tls = tls.map_err(|error| EgressError::Tls(error.to_string()))?;
        if protocol == Protocol::Http2 && tls.get_ref().1.alpn_protocol() != Some(H2) {
            return Err(EgressError::Tls("the other side does not agree on HTTP/2".to_owned()));
        }
        Ok(Stream::Tls(Box::new(tls)))
    }

    async fn resolve(&self, host: &Host<&str>) -> Result<Vec<IpAddr>, EgressError> {
        let addrs = match host {
            Host::Ipv4(addr) => vec![(*addr).into()],
            Host::Ipv6(addr) => vec![(*addr).into()],
            Host::Domain(name) => {
                self.resolver.lookup(name).await.map_err(|error| EgressError::Resolve(error.to_string()))?
            }
        };
        if addrs.is_empty() {
            return Err(EgressError::Resolve("the name has no address".to_owned()));
        }
        Ok(addrs)
    }
}

/// Tries the vetted addresses one after the other.
async fn connect_any(addrs: &[IpAddr], port: u16) -> Result<TcpStream, EgressError> {
    let mut last = None;
    for &addr in addrs.iter().take(TRIED_MAX) {
        let connect = TcpStream::connect(SocketAddr::new(addr, port));
        let tcp = if addrs.len() == 1 { connect.await } else { bounded(connect).await };
        match tcp {
            Ok(tcp) => {
                // Small requests wait for nothing. A socket that cannot be told so works all the same.
                let _ = tcp.set_nodelay(true);
                return Ok(tcp);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(EgressError::Connect(last.map_or_else(|| "no address".to_owned(), |error| error.to_string())))
}

async fn bounded(connect: impl Future<Output = io::Result<TcpStream>>) -> io::Result<TcpStream> {
    let bound = std::time::Duration::from_millis(TRY_MS_MAX);
    tokio::time::timeout(bound, connect).await.unwrap_or_else(|late| Err(io::Error::other(late)))
}

fn server_name(host: &Host<&str>) -> Result<ServerName<'static>, EgressError> {
    let name = match host {
        Host::Ipv4(addr) => ServerName::from(IpAddr::from(*addr)),
        Host::Ipv6(addr) => ServerName::from(IpAddr::from(*addr)),
        Host::Domain(name) => {
            // A certificate names the host without the dot that ends a full name.
            let name = name.strip_suffix('.').unwrap_or(name).to_owned();
            ServerName::try_from(name).map_err(|error| EgressError::Tls(error.to_string()))?
        }
    };
    Ok(name)
}

/// A connection, with or without TLS.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Self::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            Self::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(tcp) => tcp.is_write_vectored(),
            Self::Tls(tls) => tls.is_write_vectored(),
        }
    }
}
