//! TLS towards providers that we call by host and port: SMSCs, SIP trunks and an MQTT broker.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub use waypost_tls::client_config;

/// Speaks TLS over a connection. The far side's certificate must bear `name`, and be of an authority of `ca_file` (PEM), else
/// of a public one.
///
/// # Errors
/// When the file cannot be read, or the far side is not who it should be.
pub async fn connect(
    stream: TcpStream,
    name: &str,
    ca_file: Option<&Path>,
) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
    TlsConnector::from(Arc::new(client_config(ca_file)?)).connect(name, stream).await
}
