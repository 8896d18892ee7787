use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Limits, Pages, Readiness, Stopped, bind, operations, serve};

const LIMITS: Limits = Limits {
    request_timeout: Duration::from_secs(30),
    header_timeout: Duration::from_secs(30),
    connections_max: 2,
    drain: Duration::from_secs(30),
};

struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<Stopped>,
}

fn start(router: Router, limits: Limits) -> Running {
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let task = tokio::spawn(serve(listener, router, limits, stop.clone()));
    Running { address, stop, task }
}

async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn get_page(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
}

fn pages(ready: bool, allow: &str) -> Pages {
    let because = if ready { Vec::new() } else { vec!["the store is not writable".to_owned()] };
    let readiness = Readiness { ready, because };
    Pages {
        ready: Arc::new(move || {
            let readiness = readiness.clone();
            Box::pin(async move { readiness })
        }),
        metrics: Some(metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder().handle()),
        metrics_allow: vec![allow.parse().unwrap()],
        trusted_proxies: Vec::new(),
        openapi: Arc::from("{}"),
    }
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_server_stops() {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (enter, hold) = (Arc::clone(&entered), Arc::clone(&release));
    let slow = move || async move {
        enter.notify_one();
        hold.notified().await;
        "done"
    };
    let server = start(Router::new().route("/", get(slow)), LIMITS);
    let request =
        tokio::spawn(async move { exchange(server.address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await });
    entered.notified().await;
    server.stop.cancel();
    release.notify_one();
    let answer = request.await.unwrap();
    assert!(answer.ends_with("\r\n\r\ndone"), "{answer}");
    assert_eq!(server.task.await.unwrap(), Stopped::Drained);
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_request_that_outlasts_the_drain_is_cut() {
    let entered = Arc::new(Notify::new());
    let enter = Arc::clone(&entered);
    let stuck = move || async move {
        enter.notify_one();
        std::future::pending::<&str>().await
    };
    let limits = Limits { drain: Duration::from_millis(1), ..LIMITS };
    let server = start(Router::new().route("/", get(stuck)), limits);
    let request =
        tokio::spawn(async move { exchange(server.address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await });
    entered.notified().await;
    server.stop.cancel();
    assert_eq!(server.task.await.unwrap(), Stopped::Cut(1));
    assert_eq!(request.await.unwrap(), "");
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_answered_503() {
    let limits = Limits { request_timeout: Duration::from_millis(1), ..LIMITS };
    let server = start(Router::new().route("/", get(std::future::pending::<&str>)), limits);
    let answer = exchange(server.address, &get_page("/")).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
}

#[tokio::test]
async fn a_connection_over_the_bound_waits_for_a_free_slot() {
    let server = start(Router::new().route("/", get(|| async { "hello" })), LIMITS);
    let first = TcpStream::connect(server.address).await.unwrap();
    let second = TcpStream::connect(server.address).await.unwrap();
    let third = tokio::spawn(async move { exchange(server.address, &get_page("/")).await });
    drop((first, second));
    assert!(third.await.unwrap().ends_with("hello"));
}

#[tokio::test]
async fn readiness_tells_what_is_in_the_way() {
    let ready = start(operations(pages(true, "127.0.0.1/32")), LIMITS);
    let answer = exchange(ready.address, &get_page("/readyz")).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(r#"{"ready":true,"because":[]}"#),
        "{answer}"
    );
    let unready = start(operations(pages(false, "127.0.0.1/32")), LIMITS);
    let answer = exchange(unready.address, &get_page("/readyz")).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.ends_with(r#"{"ready":false,"because":["the store is not writable"]}"#), "{answer}");
}

#[tokio::test]
async fn metrics_are_shown_to_allowed_networks_only() {
    let open = start(operations(pages(true, "127.0.0.0/8")), LIMITS);
    assert!(exchange(open.address, &get_page("/metrics")).await.starts_with("HTTP/1.1 200 "));
    let closed = start(operations(pages(true, "10.0.0.0/8")), LIMITS);
    assert!(exchange(closed.address, &get_page("/metrics")).await.starts_with("HTTP/1.1 404 "));
}

#[test]
fn the_document_has_every_page_and_every_endpoint_of_the_families() {
    let document = serde_json::to_value(super::document()).unwrap();
    let described = document["paths"].as_object().unwrap();
    let told = format!("{:?}", operations(pages(true, "127.0.0.1/32")));
    // The others are what it answers 404 by.
    let is_page = |text: &&str| text.len() > 1 && text.starts_with('/') && !text.contains("__private__");
    let pages: Vec<&str> = told.split('"').filter(is_page).collect();
    assert_eq!(pages.len(), 4, "{told}");
    for page in pages {
        assert!(described.contains_key(page), "{page}");
    }
    let mut families = waypost_messaging::openapi();
    families.merge(waypost_messaging::rt::api::openapi());
    waypost_content::api::model::openapi::describe(&mut families);
    let families = serde_json::to_value(families).unwrap();
    let families = families["paths"].as_object().unwrap();
    assert_eq!(described.len(), families.len() + 4);
    assert!(families.keys().all(|path| described.contains_key(path)));
}
