//! TLS towards providers that we call by host and port: SMSCs, SIP trunks and an MQTT broker.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

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

/// TLS for one connection: the far side must be of an authority of `ca_file` (PEM), else of a public one.
///
/// # Errors
/// When the file cannot be read, or holds no certificate.
// The provider is named, not the process default: two providers in one build would panic at first use.
pub fn client_config(ca_file: Option<&Path>) -> io::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots(ca_file)?)
        .with_no_client_auth();
    Ok(config)
}

/// Read anew for every connection, so that a renewed CA file needs no restart.
fn roots(ca_file: Option<&Path>) -> io::Result<RootCertStore> {
    let Some(path) = ca_file else {
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
