//! The seams: how a connection is made, and where jitter comes from.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    io,
    sync::Arc,
};

use futures_util::future::BoxFuture;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::smpp::config::{ConnectionConfig, TlsConfig};

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
            let name = config.tls.server_name.clone().unwrap_or_else(|| config.host.clone());
            let name = ServerName::try_from(name).map_err(io::Error::other)?;
            let connector = TlsConnector::from(Arc::new(client_config(&config.tls)?));
            Ok(Box::new(connector.connect(name, stream).await?) as Box<dyn Duplex>)
        })
    }
}

/// The provider is named, not the process default: two providers in one build would panic at first use.
fn client_config(tls: &TlsConfig) -> io::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots(tls)?)
        .with_no_client_auth();
    Ok(config)
}

/// Read anew for every connection, so that a renewed CA file needs no restart.
fn roots(tls: &TlsConfig) -> io::Result<RootCertStore> {
    let Some(path) = &tls.ca_file else {
        return Ok(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect());
    };
    let pem = std::fs::read(path)?;
    let mut roots = RootCertStore::empty();
    for certificate in rustls_pemfile::certs(&mut pem.as_slice()) {
        roots.add(certificate?).map_err(io::Error::other)?;
    }
    if roots.is_empty() {
        return Err(io::Error::other(format!("{} holds no certificate", path.display())));
    }
    Ok(roots)
}

/// Jitter needs no good randomness: a freshly keyed hash of nothing will do.
#[expect(clippy::cast_precision_loss, reason = "a fraction needs no more than 53 bits")]
fn random_unit() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1_u64 << 53) as f64
}
