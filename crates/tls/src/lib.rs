//! Whom we believe when we speak TLS by host and port: to an SMSC, a SIP trunk, an MQTT broker, a PostgreSQL.
#![forbid(unsafe_code)]

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// TLS for one connection: the far side must be of an authority of `ca_file` (PEM), else of a public one. The file is read anew for
/// every connection, so that a renewed one needs no restart.
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

fn roots(ca_file: Option<&Path>) -> io::Result<RootCertStore> {
    let Some(path) = ca_file else {
        return Ok(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect());
    };
    let told = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let pem = std::fs::read(path).map_err(told)?;
    let mut roots = RootCertStore::empty();
    for certificate in rustls_pemfile::certs(&mut pem.as_slice()) {
        roots.add(certificate.map_err(told)?).map_err(io::Error::other)?;
    }
    if roots.is_empty() {
        return Err(io::Error::other(format!("{} holds no certificate", path.display())));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authorities_are_the_public_ones_or_those_of_a_file_that_has_some() {
        assert!(client_config(None).is_ok());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let absent = client_config(Some(&file)).unwrap_err().to_string();
        assert!(absent.starts_with(&file.display().to_string()), "{absent}");
        std::fs::write(&file, "no certificate").unwrap();
        let empty = client_config(Some(&file)).unwrap_err().to_string();
        assert_eq!(empty, format!("{} holds no certificate", file.display()));
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(&file, made.cert.pem()).unwrap();
        assert!(client_config(Some(&file)).is_ok());
        assert_eq!(roots(Some(&file)).unwrap().len(), 1);
    }
}
