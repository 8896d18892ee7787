//! Files of service requests and the virus scan, with the simulated scanner.

use std::path::Path;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use waypost_services::api::ServicesSettings;
use waypost_services::files::{FileSettings, ScannerAddress};
use waypost_services::rules::file_name::NameRule;
use waypost_simulators::clamd::{ClamdFault, eicar};

use crate::support::{Answer, World, refused, request, settings};

const RAW: &str = "application/octet-stream";

fn path(id: i64, name: &str, content_type: &str, size: usize) -> String {
    format!(
        "/api/v1/file-attachments?serviceRequestId={id}&filename={name}&contentType={content_type}&size={size}"
    )
}

async fn sent(world: &World, id: i64, name: &str, body: &[u8]) -> Answer {
    world.send_raw("POST", &path(id, name, "text/plain", body.len()), (RAW, body)).await
}

/// Files below a part of the blob folder.
fn lying(folder: &Path, part: &str) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder.join(part)).unwrap() {
        let entry = entry.unwrap();
        count += if entry.path().is_dir() { std::fs::read_dir(entry.path()).unwrap().count() } else { 1 };
    }
    count
}

#[tokio::test]
async fn a_clean_file_is_kept_listed_and_given_back() {
    for world in World::both().await {
        let id = world.requested().await;
        let content: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
        let made = world
            .send_raw("POST", &path(id, "plan.pdf", "application/x-plan", content.len()), (RAW, &content))
            .await;
        let file = made.json()["Id"].as_i64().unwrap();
        let mut expected = json!({"Id": file, "ServiceRequestId": id, "Name": "plan.pdf", "Size": 200_000,
            "ContentType": "application/x-plan", "Data": null});
        assert_eq!((made.http.as_u16(), made.codes().as_str(), made.json()), (200, "-1", expected.clone()));
        let listed = format!("/api/v1/servicerequests/{id}/file-attachments");
        assert_eq!(world.good("GET", &listed, Value::Null).await, json!([expected]));
        expected["Data"] = json!(STANDARD.encode(&content));
        let one = format!("/api/v1/file-attachments/{file}");
        assert_eq!(world.good("GET", &one, Value::Null).await, expected);
        let mut request = request(&world.key, "GET", &one, Value::Null);
        request.headers_mut().insert("accept", RAW.parse().unwrap());
        let (parts, body) = world.bytes(request).await;
        assert_eq!(body, content);
        let headers = ["content-type", "content-disposition", "x-content-type-options", "mtapistatus"];
        assert_eq!(
            headers.map(|name| parts.headers[name].to_str().unwrap()),
            ["application/x-plan", "attachment", "nosniff", "-1"]
        );
        assert_eq!(world.good("DELETE", &one, Value::Null).await, Value::Null);
        assert_eq!(world.get(&one).await.refusal(), refused(404, "4041002,607004", "id"));
        assert_eq!(world.good("GET", &listed, Value::Null).await, json!([]));
        assert_eq!((lying(world.files.path(), "files"), lying(world.files.path(), "quarantine")), (0, 0));
    }
}

#[tokio::test]
async fn an_infected_file_is_refused_and_nothing_of_it_stays() {
    let world = World::new().await;
    let id = world.requested().await;
    let answer = sent(&world, id, "virus.txt", &eicar()).await;
    assert_eq!(answer.refusal(), refused(400, "621002,607001", "body"));
    assert_eq!(answer.json()["Detail"]["Rule"], "a file without viruses; this one has Eicar-Signature");
    assert_eq!((lying(world.files.path(), "files"), lying(world.files.path(), "quarantine")), (0, 0));
    let listed = format!("/api/v1/servicerequests/{id}/file-attachments");
    assert_eq!(world.good("GET", &listed, Value::Null).await, json!([]));
    let kept = world
        .operate(|tx, _| {
            let rows = tx.query("SELECT id FROM sd_file WHERE state = 2 LIMIT 10", &[])?;
            rows.first().unwrap().int(0)
        })
        .await;
    let direct = world.get(&format!("/api/v1/file-attachments/{kept}")).await;
    assert_eq!(direct.refusal(), refused(400, "621002,607004", "id"));
}

#[tokio::test]
async fn nothing_passes_without_a_verdict() {
    let silent =
        ServicesSettings { files: FileSettings { scan_ms_max: 1, ..FileSettings::default() }, ..settings() };
    for (fault, settings) in
        [(ClamdFault::Away, settings()), (ClamdFault::Broken, settings()), (ClamdFault::Silent, silent)]
    {
        let world = World::with(settings).await;
        let id = world.requested().await;
        world.clamd.misbehave(fault);
        let answer = sent(&world, id, "plain.txt", b"harmless").await;
        assert_eq!(answer.refusal(), refused(503, "621001,607001", "body"), "{fault:?}");
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!((lying(world.files.path(), "files"), lying(world.files.path(), "quarantine")), (0, 0));
        let scan = world.send_raw("POST", "/api/v1/virus-scan", (RAW, b"harmless")).await;
        assert_eq!(scan.refusal(), refused(503, "621001", "body"));
        let kept = world
            .operate(|tx, _| {
                let rows = tx.query("SELECT id FROM sd_file WHERE state = 3 LIMIT 10", &[])?;
                rows.first().unwrap().int(0)
            })
            .await;
        let direct = world.get(&format!("/api/v1/file-attachments/{kept}")).await;
        assert_eq!(direct.refusal(), refused(400, "621001,607004", "id"));
    }
}

#[tokio::test]
async fn without_a_scanner_that_listens_no_file_is_taken() {
    let nowhere = ScannerAddress::Unix("/nonexistent/clamd.ctl".into());
    let files = FileSettings { scanner: Some(nowhere), ..FileSettings::default() };
    let world = World::with(ServicesSettings { files, ..settings() }).await;
    let id = world.requested().await;
    assert_eq!(sent(&world, id, "plain.txt", b"x").await.refusal(), refused(503, "621001,607001", "body"));
}

#[tokio::test]
async fn the_same_content_is_not_scanned_again_until_the_signatures_are_newer() {
    let world = World::new().await;
    let id = world.requested().await;
    for _ in 0..3 {
        assert_eq!(sent(&world, id, "plain.txt", b"harmless").await.http, 200);
    }
    assert_eq!(world.clamd.scans(), 1);
    world.clamd.update_signatures();
    assert_eq!(sent(&world, id, "plain.txt", b"harmless").await.http, 200);
    assert_eq!(world.clamd.scans(), 2);
    for _ in 0..2 {
        assert_eq!(sent(&world, id, "virus.txt", &eicar()).await.codes(), "621002,607001");
    }
    assert_eq!(world.clamd.scans(), 3);
}

#[tokio::test]
async fn a_file_has_a_name_by_the_rule_a_type_and_the_length_it_says() {
    let world = World::new().await;
    let id = world.requested().await;
    let post = async |path: String| world.send_raw("POST", &path, (RAW, b"12345")).await;
    let named = post(path(id, "a-b.pdf", "text/plain", 5)).await;
    assert_eq!(named.refusal(), refused(400, "607002,607001", "filename"));
    assert_eq!(named.json()["Detail"]["Rule"], NameRule::Documented.words());
    assert_eq!(
        post(path(id, "a.pdf", "plain", 5)).await.refusal(),
        refused(400, "901002,607001", "contentType")
    );
    assert_eq!(
        post(path(id, "a.pdf", "text/plain", 4)).await.refusal(),
        refused(400, "901002,607001", "size")
    );
    assert_eq!(
        post(path(id, "a.pdf", "text/plain", 0)).await.refusal(),
        refused(400, "901002,607001", "size")
    );
    let empty = world.send_raw("POST", &path(id, "a.pdf", "text/plain", 5), (RAW, b"")).await;
    assert_eq!(empty.refusal(), refused(400, "901002,607001", "body"));
    let nowhere = post(path(4711, "a.pdf", "text/plain", 5)).await;
    assert_eq!(nowhere.refusal(), refused(400, "4041001,607001", "serviceRequestId"));
    let picture = world.send_raw("POST", &path(id, "a.pdf", "application/pdf", 6), (RAW, b"GIF89a")).await;
    assert_eq!(picture.json()["ContentType"], "image/gif");
    let files = FileSettings { names: NameRule::Sensible, ..FileSettings::default() };
    let sensible = World::with(ServicesSettings { files, ..settings() }).await;
    let id = sensible.requested().await;
    assert_eq!(sent(&sensible, id, "a-b.md", b"x").await.http, 200);
    assert_eq!(sent(&sensible, id, "noextension", b"x").await.codes(), "607002,607001");
}

#[tokio::test]
async fn a_file_above_the_limit_is_refused_however_its_length_is_said() {
    let files = FileSettings { bytes_max: 1_000, ..FileSettings::default() };
    let world = World::with(ServicesSettings { files, ..settings() }).await;
    let id = world.requested().await;
    assert_eq!(sent(&world, id, "a.txt", &[b'a'; 1_000]).await.http, 200);
    let said = sent(&world, id, "a.txt", &[b'a'; 1_001]).await;
    assert_eq!(said.refusal(), refused(413, "607003,607001", "size"));
    let lied = world.send_raw("POST", &path(id, "a.txt", "text/plain", 5), (RAW, &[b'a'; 1_001])).await;
    assert_eq!(lied.refusal(), refused(413, "607003,607001", "body"));
    let mut announced = request(&world.key, "POST", &path(id, "a.txt", "text/plain", 5), Value::Null);
    announced.headers_mut().insert("content-length", "1001".parse().unwrap());
    assert_eq!(world.send(announced).await.refusal(), refused(413, "607003,607001", "body"));
    assert_eq!((lying(world.files.path(), "files"), lying(world.files.path(), "quarantine")), (1, 0));
}

#[tokio::test]
async fn a_connection_that_is_cut_or_stops_leaves_nothing_behind() {
    let files = FileSettings { idle_ms_max: 1, ..FileSettings::default() };
    let world = World::with(ServicesSettings { files, ..settings() }).await;
    let id = world.requested().await;
    let send = async |body: Body| {
        let mut request = request(&world.key, "POST", &path(id, "a.txt", "text/plain", 8), Value::Null);
        *request.body_mut() = body;
        world.send(request).await.refusal()
    };
    let half = || futures_util::stream::iter([Ok::<_, std::io::Error>("half".as_bytes())]);
    let cut = half().chain(futures_util::stream::iter([Err(std::io::Error::other("cut"))]));
    assert_eq!(send(Body::from_stream(cut)).await, refused(400, "901002,607001", "body"));
    let stopped = half().chain(futures_util::stream::pending());
    assert_eq!(send(Body::from_stream(stopped)).await, refused(408, "901002,607001", "body"));
    assert_eq!((lying(world.files.path(), "files"), lying(world.files.path(), "quarantine")), (0, 0));
}

#[tokio::test]
async fn a_body_is_scanned_and_nothing_of_it_kept() {
    let world = World::new().await;
    let scan = async |body: &[u8]| {
        world.send_raw("POST", "/api/v1/virus-scan?metadefenderHash=00", (RAW, body)).await
    };
    let clean = scan(b"abc").await.json();
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(clean, json!({"IsClean": true, "Hash": hash, "Threat": null}));
    let found = scan(&eicar()).await.json();
    assert_eq!((&found["IsClean"], &found["Threat"]), (&json!(false), &json!("Eicar-Signature")));
    assert_eq!(scan(b"").await.refusal(), refused(400, "621003,621001", "body"));
    assert_eq!((lying(world.files.path(), "files"), lying(world.files.path(), "quarantine")), (0, 0));
}

#[tokio::test]
async fn files_of_another_service_are_closed_to_an_application() {
    let world = World::new().await;
    let id = world.requested().await;
    let file = sent(&world, id, "a.txt", b"x").await.json()["Id"].clone();
    let (other, service) = (world.other_service, world.service);
    world
        .operate(move |tx, _| {
            tx.exec(
                "UPDATE sd_application_service SET service = ?1 WHERE service = ?2",
                &[other.into(), service.into()],
            )
        })
        .await;
    for (method, path) in [
        ("GET", format!("/api/v1/file-attachments/{file}")),
        ("DELETE", format!("/api/v1/file-attachments/{file}")),
        ("GET", format!("/api/v1/servicerequests/{id}/file-attachments")),
        ("POST", path(id, "a.txt", "text/plain", 1)),
    ] {
        let answer = world.call_as(&world.bound, method, &path, Value::Null).await;
        assert_eq!(answer.refusal(), refused(403, "901006", "ServiceId"), "{method} {path}");
    }
    let gone = world.call("DELETE", "/api/v1/file-attachments/4711", Value::Null).await;
    assert_eq!(gone.refusal(), refused(404, "4041002,607005", "id"));
    let none = world.get("/api/v1/servicerequests/4711/file-attachments").await;
    assert_eq!(none.refusal(), refused(404, "4041001,617014", "id"));
}
