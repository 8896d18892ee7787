//! The seams: how a connection is made, and where jitter comes from.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    io,
    sync::Arc,
};

use futures_util::future::BoxFuture;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use crate::{
    smpp::config::{ConnectionConfig, TlsConfig},
    tls,
};

/// A byte stream in both directions.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Makes connections.
pub trait Dial: Send + Sync {
    /// A stream to the SMSC, TLS included. The caller bounds the time.
    fn dial<'a>(&'a self, config: &'a ConnectionConfig) -> BoxFuture<'a, io::Result<Box<dyn Duplex>>>;
}

/// What a connection takes from outside besides the clock, which is tokio's.
#[derive(Clone)]
pub struct Seams {
    /// Makes connections.
    pub dial: Arc<dyn Dial>,
    /// A number from 0 to 1 that spreads reconnects.
    pub jitter: Arc<dyn Fn() -> f64 + Send + Sync>,
}

impl Default for Seams {
    fn default() -> Self {
        Self { dial: Arc::new(TcpDial), jitter: Arc::new(random_unit) }
    }
}

/// TCP, with TLS where configured.
struct TcpDial;

impl Dial for TcpDial {
    fn dial<'a>(&'a self, config: &'a ConnectionConfig) -> BoxFuture<'a, io::Result<Box<dyn Duplex>>> {
        Box::pin(async move {
            let stream = TcpStream::connect((config.host.as_str(), config.port)).await?;
            // Writes are already as large as they get.
            stream.set_nodelay(true)?;
            if !config.tls.enabled {
                return Ok(Box::new(stream) as Box<dyn Duplex>);
            }
            let TlsConfig { ca_file, server_name, .. } = &config.tls;
            let name = server_name.as_deref().unwrap_or(&config.host);
            Ok(Box::new(tls::connect(stream, name, ca_file.as_deref()).await?) as Box<dyn Duplex>)
        })
    }
}

/// Jitter needs no good randomness: a freshly keyed hash of nothing will do.
#[expect(clippy::cast_precision_loss, reason = "a fraction needs no more than 53 bits")]
fn random_unit() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1_u64 << 53) as f64
}
