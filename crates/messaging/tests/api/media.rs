//! What an upload is answered, and what would have gone to the provider.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use waypost_channels::connector::AppAccount;
use waypost_channels::social::{MediaFault, MediaKind};
use waypost_core::channel::Channel;
use waypost_messaging::api::{AcceptError, Asset};

use crate::support::{Answer, KEY, Server};

/// What a field `type` says.
type Told = Option<&'static [u8]>;

const JPG: &[u8] = b"\xff\xd8\xff\xe0picture";

fn server() -> Server {
    let server = Server::new();
    let assets = [
        ("wc", Channel::Wechat, 7),
        ("tw", Channel::Twitter, 7),
        ("fb", Channel::Fb, 7),
        ("xx", Channel::Wechat, 8),
    ];
    for (app_id, channel, tenant) in assets {
        let account = AppAccount {
            id: 1,
            app_id: app_id.to_owned(),
            revision: 1,
            config: json!({}),
            secrets: json!({}),
            sandbox: false,
        };
        let asset = Asset { tenant, channel, is_active: true, account: Arc::new(account) };
        server.world.assets.lock().unwrap().push(asset);
    }
    server
}

fn form(fields: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file_name, bytes) in fields {
        let file_name = file_name.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
        body.extend(
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n").bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    body
}

fn upload(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path)
        .header("key", KEY)
        .header("content-type", "multipart/form-data; boundary=b")
        .body(body.into())
        .unwrap()
}

async fn post(server: &Server, path: &str, body: impl Into<Body>) -> Answer {
    server.call(upload(path, body)).await
}

fn refused(http: u16, code: &str, text: &str) -> (u16, String, String) {
    (http, code.to_owned(), text.to_owned())
}

#[tokio::test]
async fn the_answer_is_the_id_the_provider_gave() {
    let server = server();
    let body = form(&[("media", Some("cat.jpg"), JPG)]);
    for path in ["/resources/v1/media/wc", "/resources/v1/media/wc/", "/resources/v1/media/tw"] {
        let answer = post(&server, path, body.clone()).await;
        assert_eq!(
            (answer.http.as_u16(), answer.body.as_str()),
            (200, r#"{"mediaid":"image.M1"}"#),
            "{path}"
        );
    }
    let uploads = server.world.uploads.lock().unwrap();
    let first = &uploads[0];
    assert_eq!((first.kind, first.file_name.as_str(), &first.bytes[..]), (MediaKind::Image, "cat.jpg", JPG));
    assert_eq!(uploads.len(), 3);
}

#[tokio::test]
async fn the_kind_is_what_the_client_says_and_else_what_the_file_is() {
    let server = server();
    let table: [(&str, Told, &[u8], MediaKind); 6] = [
        ("", None, JPG, MediaKind::Image),
        ("", None, b"#!AMR\n\x3c", MediaKind::Voice),
        ("", None, b"\0\0\0\x18ftypmp42", MediaKind::Video),
        ("", None, b"unknown", MediaKind::Image),
        ("?type=thumb", None, JPG, MediaKind::Thumb),
        ("?type=video", Some(b"thumb"), JPG, MediaKind::Thumb),
    ];
    for (query, told, bytes, kind) in table {
        let mut fields = vec![("media", Some("f"), bytes)];
        fields.extend(told.map(|told| ("type", None, told)));
        post(&server, &format!("/resources/v1/media/wc{query}"), form(&fields)).await;
        assert_eq!(server.world.uploads.lock().unwrap().pop().unwrap().kind, kind, "{query} {bytes:?}");
    }
}

#[tokio::test]
async fn the_gate_is_that_of_the_messaging_api() {
    let server = server();
    let path = "/resources/v1/media/wc";
    let body = || form(&[("media", Some("cat.jpg"), JPG)]);
    let keyless = Request::post(path).header("content-type", "multipart/form-data; boundary=b");
    let answer = server.call(keyless.body(Body::from(body())).unwrap()).await;
    assert_eq!(answer.refusal(), refused(200, "7002", "Service Key Missing"));
    let mut wrong = upload(path, body());
    wrong.headers_mut().insert("key", "nobody".parse().unwrap());
    assert_eq!(server.call(wrong).await.refusal(), refused(200, "7001", "Authentication failed"));
    server.set_caller(|caller| caller.is_active = false);
    assert_eq!(post(&server, path, body()).await.refusal(), refused(200, "7007", "Service Inactive"));
    server.set_caller(|caller| caller.allowlist = vec!["192.0.2.0/24".parse().unwrap()]);
    assert_eq!(
        post(&server, path, body()).await.refusal(),
        refused(200, "7010", "Source IP is not whitelisted")
    );
    server.limit(1, false);
    post(&server, path, body()).await;
    let rate = refused(200, "7020", "You have reached maximum transaction limit");
    assert_eq!(post(&server, path, body()).await.refusal(), rate);
    assert_eq!(server.world.uploads.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_asset_that_takes_no_media_from_this_caller_is_7104() {
    let server = server();
    for app_id in ["nobody", "fb", "xx"] {
        let body = form(&[("media", Some("cat.jpg"), JPG)]);
        let answer = post(&server, &format!("/resources/v1/media/{app_id}"), body).await;
        assert_eq!(answer.refusal(), refused(200, "7104", "Invalid app id"), "{app_id}");
    }
    assert!(server.world.uploads.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_form_that_is_none_is_refused_with_its_code() {
    let server = server();
    let path = "/resources/v1/media/wc";
    let mut json = upload(path, "{}");
    json.headers_mut().insert("content-type", "application/json".parse().unwrap());
    let answer = server.call(json).await;
    assert_eq!(answer.refusal(), refused(415, "7004", "invalid value for param content-type"));
    let media = refused(200, "7004", "invalid value for param media");
    assert_eq!(post(&server, path, "--b\r\nno end").await.refusal(), media);
    let many: Vec<(&str, Option<&str>, &[u8])> = vec![("a", None, b"1"); 9];
    assert_eq!(post(&server, path, form(&many)).await.refusal(), media);
    let empty = post(&server, path, form(&[("note", None, b"x")])).await;
    assert_eq!(empty.refusal(), refused(200, "7003", "param 'media' missing"));
    let kind = post(&server, path, form(&[("type", None, b"film"), ("media", Some("f"), JPG)])).await;
    assert_eq!(kind.refusal(), refused(200, "7603", "Invalid media file type"));
    let large = vec![0; (5 << 20) + 2];
    let large = post(&server, path, form(&[("media", Some("f"), &large)])).await;
    assert_eq!(large.refusal(), refused(413, "7605", "Invalid file size"));
    assert!(server.world.uploads.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_the_channel_or_the_provider_says_of_a_file_is_the_answer() {
    let server = server();
    let codes = [7604, 7606, 7608, 7609, 7610, 7611, 7613, 7626, 7632, 7638, 7643, 7302, 7304, 7307, 7114];
    for code in codes {
        let fault = MediaFault { code, detail: "why".into(), may_pass: code == 7307 };
        *server.world.uploaded.lock().unwrap() = Err(fault);
        let answer = post(&server, "/resources/v1/media/wc", form(&[("media", Some("f"), JPG)])).await;
        assert_eq!((answer.http.as_u16(), answer.refusal().1), (200, code.to_string()));
        assert_eq!(answer.json()["response"]["detail"]["rule"], json!("why"));
    }
}

fn once(path: &str, key: &str, boundary: &str, file: &[u8]) -> Request<Body> {
    let body = String::from_utf8_lossy(&form(&[("media", Some("cat.jpg"), file)]))
        .replace("--b\r\n", &format!("--{boundary}\r\n"))
        .replace("--b--", &format!("--{boundary}--"));
    Request::post(path)
        .header("key", KEY)
        .header("Idempotency-Key", key)
        .header("content-type", format!("multipart/form-data; boundary={boundary}"))
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn the_same_file_under_the_same_key_is_uploaded_once() {
    let server = server();
    let path = "/resources/v1/media/wc";
    let first = server.call(once(path, "k-1", "one", b"picture")).await;
    assert_eq!((first.http.as_u16(), first.body.as_str()), (200, r#"{"mediaid":"image.M1"}"#));
    assert!(!first.headers.contains_key("idempotency-replayed"));
    *server.world.uploaded.lock().unwrap() = Ok("image.M2".to_owned());
    // A client that tries again writes the form anew: another boundary, the same fields.
    let again = server.call(once(path, "k-1", "two", b"picture")).await;
    assert_eq!((again.http, &again.body), (first.http, &first.body));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(server.world.uploads.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn another_file_or_asset_under_the_same_key_is_7040_and_not_uploaded() {
    let server = server();
    let path = "/resources/v1/media/wc";
    server.call(once(path, "k-1", "b", b"picture")).await;
    let reused = refused(200, "7040", "Idempotency key was used with another request");
    assert_eq!(server.call(once(path, "k-1", "b", b"another")).await.refusal(), reused);
    assert_eq!(server.call(once("/resources/v1/media/tw", "k-1", "b", b"picture")).await.refusal(), reused);
    let bad = refused(200, "7004", "invalid value for param Idempotency-Key");
    assert_eq!(server.call(once(path, "a b", "b", b"picture")).await.refusal(), bad);
    assert_eq!(server.world.uploads.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refused_upload_takes_no_key_and_one_that_cannot_be_kept_is_told() {
    let server = server();
    let path = "/resources/v1/media/wc";
    let fault = MediaFault { code: 7604, detail: "why".into(), may_pass: false };
    *server.world.uploaded.lock().unwrap() = Err(fault);
    assert_eq!(server.call(once(path, "k-1", "b", b"picture")).await.refusal().1, "7604");
    *server.world.uploaded.lock().unwrap() = Ok("image.M1".to_owned());
    *server.world.accept.lock().unwrap() = Err(AcceptError::Busy);
    let unkept = refused(503, "7006", "Internal server error");
    assert_eq!(server.call(once(path, "k-1", "b", b"picture")).await.refusal(), unkept);
    *server.world.accept.lock().unwrap() = Ok(());
    let kept = server.call(once(path, "k-1", "b", b"picture")).await;
    assert_eq!(kept.body, r#"{"mediaid":"image.M1"}"#);
}
