//! Files with a real clamd: its own socket, its own signature, made for this test.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use waypost_services::api::ServicesSettings;
use waypost_services::files::{Clamd, FileSettings, ScanError, ScannerAddress};
use waypost_simulators::clamd::eicar;

use crate::support::{World, refused, settings};

/// Where Debian puts it; `./test` installs it.
const PROGRAM: &str = "/usr/sbin/clamd";

/// A clamd that knows the test text and takes a megabyte at most.
async fn started(folder: &Path) -> Child {
    let virus = eicar();
    let hash: String = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &virus)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    std::fs::create_dir(folder.join("signatures")).unwrap();
    std::fs::write(folder.join("signatures/test.hsb"), format!("{hash}:{}:Waypost.Test\n", virus.len()))
        .unwrap();
    let config = format!(
        "DatabaseDirectory {0}/signatures\nLocalSocket {0}/clamd.ctl\nForeground yes\nStreamMaxLength 1M\n",
        folder.display()
    );
    std::fs::write(folder.join("clamd.conf"), config).unwrap();
    let mut clamd = Command::new(PROGRAM)
        .arg(format!("--config-file={}", folder.join("clamd.conf").display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("clamd starts; apt-get install clamav-daemon");
    // It says so when it listens.
    let mut lines = BufReader::new(clamd.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains("Self checking") {
            return clamd;
        }
    }
    panic!("clamd ended before it listened");
}

#[tokio::test]
async fn a_real_clamd_lets_a_clean_file_pass_and_finds_the_test_text() {
    let folder = tempfile::tempdir().unwrap();
    let _clamd = started(folder.path()).await;
    let address = ScannerAddress::Unix(folder.path().join("clamd.ctl"));
    let scanner = Clamd::new(address.clone(), std::time::Duration::from_secs(30));
    assert!(scanner.version().await.unwrap().engine.starts_with("ClamAV "));
    assert!(scanner.check_length(1 << 20).await.is_ok());
    assert!(matches!(scanner.check_length((1 << 20) + 1).await, Err(ScanError::TooLong)));

    let files = FileSettings { scanner: Some(address), ..FileSettings::default() };
    let world = World::with(ServicesSettings { files, ..settings() }).await;
    let id = world.requested().await;
    let send = async |name: &str, body: &[u8]| {
        let path = format!(
            "/api/v1/file-attachments?serviceRequestId={id}&filename={name}&contentType=text/plain&size={}",
            body.len()
        );
        world.send_raw("POST", &path, ("application/octet-stream", body)).await
    };
    assert_eq!(send("plain.txt", b"harmless").await.json()["Size"], 8);
    let found = send("virus.txt", &eicar()).await;
    assert_eq!(found.refusal(), refused(400, "621002,607001", "body"));
    assert!(found.json()["Detail"]["Rule"].as_str().unwrap().contains("Waypost.Test"));
    // Longer than it takes: no verdict, so nothing passes.
    let long = send("long.txt", &vec![b'a'; (1 << 20) + 1]).await;
    assert_eq!(long.refusal(), refused(503, "621001,607001", "body"));
    let listed = format!("/api/v1/servicerequests/{id}/file-attachments");
    assert_eq!(world.good("GET", &listed, Value::Null).await.as_array().unwrap().len(), 1);
}
