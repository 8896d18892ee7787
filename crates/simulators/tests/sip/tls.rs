//! A trunk over TLS: SIPp takes its calls behind a TLS end of another library's making, for it is built without TLS.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio_rustls::TlsAcceptor;
use waypost_channels::push::SystemRandomness;
use waypost_channels::voice::trunk::{Placing, Trunk};

use crate::{codes, order};

/// SIPp over TCP, for one call that is answered.
async fn sipp() -> (Child, SocketAddr) {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let file = format!("{}/../../tests/interop/sipp/answer.xml", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new("sipp");
    command.args(["-sf", &file, "-i", "127.0.0.1", "-p", &address.port().to_string(), "-m", "1", "-nostdin"]);
    command.args(["-t", "t1", "-key", "rtp_port", "6000", "-timeout", "35"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let child = command.spawn().unwrap();
    // Nobody tells when it listens.
    while TcpStream::connect(address).await.is_err() {
        tokio::task::yield_now().await;
    }
    (child, address)
}

/// A TLS end before `far` that bears the name `sip.example`; its address and its certificate as PEM.
async fn guard(far: SocketAddr) -> (SocketAddr, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["sip.example".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = signing_key.serialize_der().try_into().unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let (Ok(mut near), Ok(mut far)) =
                    (acceptor.accept(stream).await, TcpStream::connect(far).await)
                {
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                }
            });
        }
    });
    (address, cert.pem())
}

fn trunk(address: SocketAddr, ca_file: &std::path::Path, name: &str) -> Trunk {
    let config = serde_json::json!({
        "name": "tls", "host": "127.0.0.1", "port": address.port(), "transport": "tls", "caller": "1",
        "options_s": 0, "tls_ca_file": ca_file, "tls_server_name": name,
    });
    Trunk::spawn(serde_json::from_value(config).unwrap(), Arc::new(SystemRandomness)).unwrap()
}

#[tokio::test]
async fn calls_go_over_tls_to_whom_the_certificate_names_and_to_nobody_else() {
    let (far, address) = sipp().await;
    let (guarded, certificate) = guard(address).await;
    let ca_file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca_file.path(), certificate).unwrap();
    let wrong = trunk(guarded, ca_file.path(), "sip.other.example");
    let (order, _) = order("447700900001");
    let detail = "the trunk is not connected".to_owned();
    assert_eq!(wrong.place(order).await, Placing::Failed { code: 7404, detail });
    wrong.close(Duration::from_secs(5)).await;
    let trunk = trunk(guarded, ca_file.path(), "sip.example");
    trunk.opened().await;
    assert_eq!(codes(&trunk, "447700900001").await, [7408, 7519, 7409, 7405]);
    let output = far.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    trunk.close(Duration::from_secs(5)).await;
}
