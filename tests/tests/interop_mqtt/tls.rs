//! The broker inside the server, with TLS: a certificate made here, and clients that verify it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::json;
use tempfile::TempDir;
use waypost_suite::{Engine, Phone, RT_APP, Rt, free_address, rt_done};

use crate::peer::{Peer, mosquitto_sub, node, python};
use crate::{Session, away_and_back};

/// A certificate for `localhost`, its key, and the authority that signed it.
pub struct Papers {
    folder: TempDir,
}

impl Papers {
    pub fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "An authority of one test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        leaf.distinguished_name.push(DnType::CommonName, "localhost");
        leaf.use_authority_key_identifier_extension = true;
        let leaf = leaf.signed_by(&key, &ca).unwrap();
        for (name, text) in
            [("ca.pem", ca.pem()), ("certificate.pem", leaf.pem()), ("key.pem", key.serialize_pem())]
        {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

struct Secured {
    rt: Rt,
    mqtts: SocketAddr,
    wss: SocketAddr,
}

/// A server whose doors have TLS.
async fn secured(papers: &Papers) -> Secured {
    let address = || SocketAddr::from((Ipv4Addr::LOCALHOST, free_address().port()));
    let (mqtts, wss) = (address(), address());
    let (certificate, key) = (papers.path("certificate.pem"), papers.path("key.pem"));
    let change = |config: &mut waypost::config::Config| {
        config.realtime.mqtts_listen = mqtts.to_string();
        config.realtime.wss_listen = wss.to_string();
        config.realtime.certificate = certificate.display().to_string();
        config.realtime.private_key = key.display().to_string();
    };
    Secured { rt: Box::pin(Rt::start_with(Engine::Sqlite, change)).await, mqtts, wss }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_verify_the_certificate_receive_over_mqtts_and_wss() {
    let papers = Papers::make();
    let Secured { rt, mqtts, wss } = secured(&papers).await;
    let ca = papers.path("ca.pem");
    let (mqtts_url, wss_url) =
        (format!("mqtts://localhost:{}", mqtts.port()), format!("wss://localhost:{}/mqtt", wss.port()));
    let trusted = Some(ca.as_path());
    away_and_back(&rt, Session::New, "wss", 1, |phone, count| node(&wss_url, trusted, phone, 1, count)).await;
    away_and_back(&rt, Session::New, "mqtts", 2, |phone, count| node(&mqtts_url, trusted, phone, 2, count))
        .await;
    let place = ("localhost", mqtts.port());
    away_and_back(&rt, Session::New, "paho", 2, |phone, count| python(place, trusted, phone, 2, count)).await;
    let phone = rt.register("sub", "d1").await;
    let mut sub = mosquitto_sub(place, trusted, &phone, 2, 1);
    rt.send(&["sub"], &json!({"text": "sealed"})).await;
    let line = sub.line().await;
    assert!(line.starts_with(&format!("2 {RT_APP}/sub ")) && line.contains("sealed"), "{line}");
    sub.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_know_the_authority_does_not_connect() {
    let papers = Papers::make();
    let stranger = Papers::make();
    let Secured { rt, mqtts, wss } = secured(&papers).await;
    let phone: Phone = rt.register("ann", "d1").await;
    let ca = stranger.path("ca.pem");
    let place = ("localhost", mqtts.port());
    for url in [format!("mqtts://localhost:{}", mqtts.port()), format!("wss://localhost:{}/mqtt", wss.port())]
    {
        let mut peer: Peer = node(&url, Some(&ca), &phone, 1, 1);
        let told = peer.json().await;
        let error = told["error"].as_str().unwrap();
        assert!(["CERT", "VERIFY"].iter().any(|word| error.contains(word)), "{told}");
    }
    let told = python(place, Some(&ca), &phone, 1, 1).json().await;
    assert!(told["error"].as_str().unwrap().contains("certificate verify failed"), "{told}");
    // What speaks no TLS is let go without an answer; nobody is harmed.
    let told = node(&format!("mqtt://localhost:{}", mqtts.port()), None, &phone, 1, 1).json().await;
    assert!(told.get("error").is_some(), "{told}");
    let answer = rt_done(
        &rt.stage
            .http
            .get(&format!("/rtmsAPI/api/v3/{RT_APP}/verifyPolicy?secretKey={}", waypost_suite::CLIENT_KEY))
            .await,
    );
    let told = (&answer["broker"]["ssl"], &answer["broker"]["wss"]);
    assert_eq!(told, (&json!(mqtts.port().to_string()), &json!(wss.port().to_string())));
}
