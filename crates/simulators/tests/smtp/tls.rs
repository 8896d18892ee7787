//! TLS and credentials, with a certificate made for the occasion.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use waypost_channels::email::{Carried, Carrier, RelaySettings, RelayTls, SmtpRelay};
use waypost_simulators::smtp::{SmtpConfig, SmtpTls};

use crate::support::{letter, relay, settings};

fn certificate() -> (Arc<ServerConfig>, Vec<u8>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    (Arc::new(tls), cert.pem().into_bytes())
}

fn login() -> Option<(String, String)> {
    Some(("waypost".to_owned(), "s3cret é".to_owned()))
}

#[tokio::test]
async fn a_letter_goes_encrypted_and_authenticated_by_starttls_and_by_implicit_tls() {
    let (tls, pem) = certificate();
    for (offered, asked) in [
        (SmtpTls::Starttls(tls.clone()), RelayTls::Starttls),
        (SmtpTls::Implicit(tls.clone()), RelayTls::Implicit),
    ] {
        let relay = relay(SmtpConfig { tls: offered, login: login(), ..SmtpConfig::default() }).await;
        let settings = RelaySettings {
            host: "localhost".to_owned(),
            tls: asked,
            authority_pem: Some(pem.clone()),
            login: login(),
            ..settings(&relay)
        };
        let carrier = SmtpRelay::new(settings).unwrap();
        let carried = carrier.carry(&letter()).await;
        assert!(matches!(carried, Carried::Taken(_)), "{carried:?}");
        let taken = relay.letters().remove(0);
        assert_eq!((taken.is_encrypted, taken.user.as_deref()), (true, Some("waypost")));
    }
}

/// What the words of a fault say, for a way to a relay with STARTTLS and a login.
async fn fault(change: impl FnOnce(&mut RelaySettings)) -> (Option<u16>, String) {
    let (tls, pem) = certificate();
    let relay =
        relay(SmtpConfig { tls: SmtpTls::Starttls(tls), login: login(), ..SmtpConfig::default() }).await;
    let mut settings = RelaySettings {
        host: "localhost".to_owned(),
        tls: RelayTls::Starttls,
        authority_pem: Some(pem),
        login: login(),
        ..settings(&relay)
    };
    change(&mut settings);
    let carried = SmtpRelay::new(settings).unwrap().carry(&letter()).await;
    assert!(relay.letters().is_empty());
    let Carried::Later { why, whole: true } = carried else { panic!("{carried:?}") };
    (why.code, why.words)
}

#[tokio::test]
async fn other_authorities_and_other_names_are_not_believed() {
    let (_, words) = fault(|settings| settings.authority_pem = None).await;
    assert!(words.contains("certificate"), "{words}");
    let (_, words) = fault(|settings| settings.host = "127.0.0.1".to_owned()).await;
    assert!(words.contains("certificate"), "{words}");
}

#[tokio::test]
async fn without_encryption_or_with_other_credentials_no_letter_is_lost_for_good() {
    assert_eq!(fault(|settings| settings.tls = RelayTls::Off).await.0, None);
    let (code, words) = fault(|settings| settings.login = None).await;
    assert_eq!(code, Some(530), "{words}");
    let (code, words) =
        fault(|settings| settings.login = Some(("waypost".to_owned(), "other".to_owned()))).await;
    assert_eq!(code, Some(535), "{words}");
}

#[tokio::test]
async fn a_relay_without_starttls_gets_no_password() {
    let relay = relay(SmtpConfig { login: login(), ..SmtpConfig::default() }).await;
    let settings = RelaySettings {
        host: "localhost".to_owned(),
        tls: RelayTls::Starttls,
        login: login(),
        ..settings(&relay)
    };
    let carried = SmtpRelay::new(settings).unwrap().carry(&letter()).await;
    let Carried::Later { why, whole: true } = carried else { panic!("{carried:?}") };
    assert_eq!(why.words, "the relay offers no STARTTLS");
}

#[test]
fn an_authority_that_is_no_certificate_is_told_at_the_start() {
    let settings = RelaySettings {
        host: "localhost".to_owned(),
        port: 25,
        tls: RelayTls::Starttls,
        authority_pem: Some(b"not PEM".to_vec()),
        login: None,
        hello_name: "me".to_owned(),
        timeout_ms: 1_000,
        idle_ms: 0,
        idle_max: 0,
    };
    // An empty PEM holds no certificate: the library takes it, and believes nobody new.
    assert!(SmtpRelay::new(settings).is_ok());
}
