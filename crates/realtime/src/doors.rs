//! The listeners: MQTT and MQTT over WebSocket, each with or without TLS.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::link::{Raw, Web};
use crate::{Broker, connection, upgrade};

/// What a door speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// MQTT on the stream.
    Mqtt,
    /// MQTT in WebSocket, at any path.
    WebSocket,
}

/// One listener.
pub struct Door {
    /// Where it listens.
    pub listener: TcpListener,
    /// What it speaks.
    pub transport: Transport,
    /// With TLS.
    pub tls: Option<TlsAcceptor>,
}

/// Why TLS cannot be had.
#[derive(Debug, Error)]
pub enum DoorFault {
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Read(String, io::Error),
    /// There is no certificate, or no key, or they do not fit.
    #[error("{0}")]
    Tls(String),
}

/// TLS with a certificate chain and its private key, both PEM.
///
/// # Errors
/// [`DoorFault`].
pub fn tls(certificate: &Path, key: &Path) -> Result<TlsAcceptor, DoorFault> {
    let read =
        |path: &Path| std::fs::read(path).map_err(|error| DoorFault::Read(path.display().to_string(), error));
    let chain: Result<Vec<_>, _> = rustls_pemfile::certs(&mut &read(certificate)?[..]).collect();
    let chain = chain.map_err(|error| DoorFault::Read(certificate.display().to_string(), error))?;
    let private = rustls_pemfile::private_key(&mut &read(key)?[..]);
    let private = private.map_err(|error| DoorFault::Read(key.display().to_string(), error))?;
    let private = private.ok_or_else(|| DoorFault::Tls(format!("{} has no private key", key.display())))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| DoorFault::Tls(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| DoorFault::Tls(error.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

impl Broker {
    /// Takes connections at a door until the broker stops.
    pub async fn serve(self, door: Door) {
        let Door { listener, transport, tls } = door;
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.parts().stop.cancelled() => return,
            };
            match accepted {
                Ok((stream, _)) => self.open(stream, transport, tls.clone()),
                Err(error) => {
                    tracing::warn!(%error, "an MQTT connection could not be taken");
                    // Out of descriptors, most likely: it would fail again at once.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// Where a door listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(door: &Door) -> io::Result<SocketAddr> {
        door.listener.local_addr()
    }

    fn open(&self, stream: TcpStream, transport: Transport, tls: Option<TlsAcceptor>) {
        let Ok(room) = Arc::clone(&self.parts().room).try_acquire_owned() else {
            metrics::counter!("waypost_mqtt_turned_away_total").increment(1);
            return;
        };
        // Packets are small and each is waited for.
        let _ = stream.set_nodelay(true);
        let broker = self.clone();
        tokio::spawn(async move {
            match tls {
                None => broker.talk(stream, transport).await,
                Some(tls) => {
                    let within = broker.parts().limits.connect_within;
                    if let Ok(Ok(stream)) = timeout(within, tls.accept(stream)).await {
                        broker.talk(stream, transport).await;
                    }
                }
            }
            drop(room);
        });
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin + Send>(&self, stream: S, transport: Transport) {
        let parts = Arc::clone(self.parts());
        match transport {
            Transport::Mqtt => connection::serve(parts, Raw(stream)).await,
            Transport::WebSocket => {
                let upgraded = timeout(parts.limits.connect_within, upgrade::accept(stream)).await;
                if let Ok(Ok(web)) = upgraded {
                    connection::serve(parts, Web(web)).await;
                }
            }
        }
    }
}
