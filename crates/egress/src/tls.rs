//! The TLS side: one provider, public authorities, and the operator's own.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::connect::{H2, Protocol};
use crate::policy::SetupError;

/// One configuration for each protocol: the handshake offers only what is going to be spoken.
pub(crate) struct TlsConfigs {
    http1: Arc<ClientConfig>,
    http2: Arc<ClientConfig>,
}

impl TlsConfigs {
    pub(crate) fn of(&self, protocol: Protocol) -> Arc<ClientConfig> {
        match protocol {
            Protocol::Http1 => Arc::clone(&self.http1),
            Protocol::Http2 => Arc::clone(&self.http2),
        }
    }
}

/// The configurations for every connection.
///
/// # Errors
/// A CA file that cannot be used.
pub(crate) fn configs(extra_ca_file: Option<&Path>) -> Result<TlsConfigs, SetupError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = extra_ca_file {
        add_file(&mut roots, path).map_err(|detail| SetupError::CaFile { path: path.to_owned(), detail })?;
    }
    // The provider is named, not taken from the process: two crates that install different ones would panic.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    let mut http2 = config.clone();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    http2.alpn_protocols = vec![H2.to_vec()];
    Ok(TlsConfigs { http1: Arc::new(config), http2: Arc::new(http2) })
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let mut added = 0;
    for cert in CertificateDer::pem_file_iter(path).map_err(|error| error.to_string())? {
        let cert = cert.map_err(|error| error.to_string())?;
        roots.add(cert).map_err(|error| error.to_string())?;
        added += 1;
    }
    if added == 0 { Err("no certificate in it".to_owned()) } else { Ok(()) }
}
