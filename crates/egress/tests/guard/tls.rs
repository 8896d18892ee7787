//! Connections with TLS.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use waypost_core::time::ManualClock;
use waypost_egress::{Egress, EgressError, EgressPolicy, SetupError, Stage};

use crate::far_side::{FarSide, NOW, Names, egress};

const CA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guard/fixtures/ca.pem");

async fn secure() -> FarSide {
    let cert = CertificateDer::from_pem_slice(include_bytes!("fixtures/leaf.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("fixtures/leaf.key")).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(vec![cert], key).unwrap()));
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec();
    FarSide::with(answer, move |tcp| acceptor.accept(tcp)).await
}

fn trusting(ca: Option<&str>, name: &str) -> Egress {
    let extra_ca_file = ca.map(Into::into);
    egress(EgressPolicy { extra_ca_file, ..EgressPolicy::sandbox() }, Names::of(name, &[&["127.0.0.1"]]))
}

async fn get(client: &Egress, far: &FarSide, name: &str) -> Result<Bytes, EgressError> {
    let url = format!("https://{name}:{}/", far.port).parse().unwrap();
    client.post(&url, HeaderMap::new(), Bytes::new(), 2_000, 1_000).await.map(|response| response.body)
}

#[tokio::test]
async fn a_certificate_of_the_operators_authority_is_trusted_and_the_connection_kept() {
    let (far, client) = (secure().await, trusting(Some(CA), "service.test"));
    assert_eq!(get(&client, &far, "service.test").await.unwrap(), "ok");
    assert_eq!(get(&client, &far, "service.test").await.unwrap(), "ok");
    assert_eq!(far.accepted(), 1);
}

#[tokio::test]
async fn an_unknown_authority_and_another_name_are_refused_before_anything_is_sent() {
    let far = secure().await;
    let unknown = get(&trusting(None, "service.test"), &far, "service.test").await.unwrap_err();
    let other = get(&trusting(Some(CA), "other.test"), &far, "other.test").await.unwrap_err();
    let address = get(&trusting(Some(CA), "service.test"), &far, "127.0.0.1").await.unwrap_err();
    assert_eq!([unknown, other, address].map(|error| error.label()), ["tls"; 3]);
    assert_eq!(far.requests.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn the_deadline_strikes_a_handshake_that_is_not_answered() {
    let far = FarSide::new("").await;
    let url = format!("https://service.test:{}/", far.port).parse().unwrap();
    let client = trusting(None, "service.test");
    let result = client.post(&url, HeaderMap::new(), Bytes::new(), 100, 1_000).await;
    assert_eq!(result, Err(EgressError::Timeout { stage: Stage::Tls }));
}

#[tokio::test]
async fn a_ca_file_that_is_missing_or_empty_is_refused_at_the_start() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    for path in [empty.path(), Path::new("no-such-file.pem")] {
        let policy = EgressPolicy { extra_ca_file: Some(path.to_owned()), ..EgressPolicy::default() };
        let made = Egress::new(policy, Names::of("x", &[&[]]), Arc::new(ManualClock::new(NOW)));
        assert!(matches!(made.err(), Some(SetupError::CaFile { path: named, .. }) if named == path));
    }
}
