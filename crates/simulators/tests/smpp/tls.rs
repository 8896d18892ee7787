//! TLS, with a certificate made for the occasion.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use waypost_channels::smpp::{LinkState, TlsConfig};
use waypost_simulators::smsc::{Smsc, SmscConfig, SmscHandle};

use crate::support::{config, connect, hello, soon, state};

async fn smsc_with_tls() -> (SmscHandle, tempfile::NamedTempFile) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["smsc.example".to_owned()]).unwrap();
    let ca = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca.path(), cert.pem()).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let config = SmscConfig { tls: Some(Arc::new(tls)), ..SmscConfig::default() };
    (Smsc::start(config).await.unwrap(), ca)
}

#[tokio::test]
async fn a_certificate_of_the_configured_authority_is_trusted() {
    let (smsc, ca) = smsc_with_tls().await;
    let mut config = config(&smsc);
    config.tls = TlsConfig {
        enabled: true,
        ca_file: Some(ca.path().to_owned()),
        server_name: Some("smsc.example".to_owned()),
    };
    let (connection, mut deliveries) = connect(config, Vec::new());
    soon(connection.bound()).await.unwrap();
    let submits = (0..100).map(|_| connection.submit(hello()));
    let results = soon(futures_util::future::join_all(submits)).await;
    assert!(results.iter().all(Result::is_ok));
    for _ in 0..100 {
        soon(deliveries.recv()).await.unwrap();
    }
}

#[tokio::test]
async fn other_authorities_and_other_names_are_refused() {
    let (smsc, ca) = smsc_with_tls().await;
    let wrong_name = (Some(ca.path().to_owned()), Some("other.example".to_owned()));
    let wrong_authority = (None, Some("smsc.example".to_owned()));
    for (ca_file, server_name) in [wrong_name, wrong_authority] {
        let mut config = config(&smsc);
        config.tls = TlsConfig { enabled: true, ca_file, server_name };
        let (connection, _deliveries) = connect(config, Vec::new());
        let shown = state(&connection, |state| matches!(state, LinkState::BackingOff { .. })).await;
        let LinkState::BackingOff { why, .. } = shown else { unreachable!() };
        assert!(why.contains("certificate"), "{why}");
    }
    assert_eq!(smsc.counters().binds, 0);
}
