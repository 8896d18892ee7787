//! What goes out and what comes back.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tokio::net::TcpListener;
use waypost_core::time::Micros;
use waypost_egress::{Egress, EgressError, EgressPolicy, Response, Stage};

use crate::far_side::{FarSide, NOW, Names, egress, local};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const BODY_MAX: usize = 1_000;

async fn post(client: &Egress, far: &FarSide) -> Result<Response, EgressError> {
    client.post(&far.url("/cb?a=b"), HeaderMap::new(), Bytes::from_static(b"{}"), 2_000, BODY_MAX).await
}

#[tokio::test]
async fn a_post_is_sent_as_written_and_its_answer_comes_back_whole() {
    let far = FarSide::new("HTTP/1.1 202 Accepted\r\nx-a: b\r\ncontent-length: 2\r\n\r\nok").await;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::HOST, HeaderValue::from_static("evil.test"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("7"));
    headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    let body = Bytes::from_static(b"{\"a\":1}!");
    let response =
        local().post(&far.url("/p/%20q?x=1&y=%26#part"), headers, body, 2_000, BODY_MAX).await.unwrap();
    let expected_headers = [("x-a", "b"), ("content-length", "2")];
    let expected_headers =
        expected_headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    let expected = Response {
        status: StatusCode::ACCEPTED,
        headers: HeaderMap::from_iter(expected_headers),
        body: Bytes::from_static(b"ok"),
        retry_after: None,
    };
    assert_eq!(response, expected);
    let sent = far.requests.lock().unwrap().remove(0);
    let (head, body) = sent.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().collect();
    lines[1..].sort_unstable();
    let host = format!("host: service.test:{}", far.port);
    let agent = concat!("user-agent: waypost/", env!("CARGO_PKG_VERSION"));
    let expected = [
        "POST /p/%20q?x=1&y=%26 HTTP/1.1",
        "content-length: 8",
        "content-type: application/json",
        &host,
        agent,
    ];
    assert_eq!((lines, body), (expected.to_vec(), "{\"a\":1}!"));
}

#[tokio::test]
async fn a_connection_is_kept_and_used_again() {
    let far = FarSide::new(OK).await;
    let client = local();
    for _ in 0..20 {
        assert_eq!(post(&client, &far).await.unwrap().body, "ok");
    }
    assert_eq!((far.accepted(), client.sweep()), (1, 1));
}

#[tokio::test]
async fn idle_connections_are_bounded() {
    let far = FarSide::new(OK).await;
    let policy = EgressPolicy { idle_per_host_max: 2, ..EgressPolicy::sandbox() };
    let client = egress(policy, Names::of("service.test", &[&["127.0.0.1"]]));
    let (a, b, c, d) =
        tokio::join!(post(&client, &far), post(&client, &far), post(&client, &far), post(&client, &far));
    assert!([a, b, c, d].iter().all(Result::is_ok));
    assert_eq!((far.accepted(), client.sweep()), (4, 2));
}

#[tokio::test]
async fn a_connection_older_than_its_bound_is_not_used_again() {
    let far = FarSide::new(OK).await;
    let policy = EgressPolicy { idle_ms: 0, ..EgressPolicy::sandbox() };
    let client = egress(policy, Names::of("service.test", &[&["127.0.0.1"]]));
    for n in 1..=3 {
        assert_eq!(post(&client, &far).await.unwrap().status, 200);
        assert_eq!(far.accepted(), n);
    }
    assert_eq!(client.sweep(), 0);
}

#[tokio::test]
async fn a_connection_the_other_side_closed_is_not_used_again() {
    let far = FarSide::new("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").await;
    let client = local();
    for n in 1..=3 {
        assert_eq!(post(&client, &far).await.unwrap().status, 200);
        assert_eq!(far.accepted(), n);
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_an_order() {
    for code in [301, 302, 303, 307, 308] {
        let location = "location: http://127.0.0.1:1/other";
        let far =
            FarSide::new(format!("HTTP/1.1 {code} Moved\r\n{location}\r\ncontent-length: 0\r\n\r\n")).await;
        assert_eq!(post(&local(), &far).await.unwrap().status, code);
        assert_eq!(far.requests.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn proxy_variables_are_not_looked_at() {
    // The far side sees an origin-form request line, and the connection went to the address of the name.
    let far = FarSide::new(OK).await;
    let url = far.url("/x");
    let response = local().request(Method::GET, &url, HeaderMap::new(), Bytes::new(), 2_000, BODY_MAX).await;
    assert_eq!(response.unwrap().status, 200);
    assert!(far.requests.lock().unwrap()[0].starts_with("GET /x HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_body_longer_than_its_bound_is_refused_however_it_is_sent() {
    let long = "x".repeat(BODY_MAX + 1);
    let answers = [
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{long}", long.len()),
        format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{long}\r\n0\r\n\r\n",
            long.len()
        ),
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nx".to_owned(),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", "1\r\nx\r\n".repeat(BODY_MAX + 1)),
    ];
    for answer in answers {
        let (far, client) = (FarSide::new(answer).await, local());
        let expected = EgressError::BodyTooLarge { status: StatusCode::OK, body_bytes_max: BODY_MAX };
        assert_eq!(post(&client, &far).await, Err(expected));
        assert_eq!(client.sweep(), 0);
    }
    let exact = "y".repeat(BODY_MAX);
    let far = FarSide::new(format!("HTTP/1.1 200 OK\r\ncontent-length: {BODY_MAX}\r\n\r\n{exact}")).await;
    assert_eq!(post(&local(), &far).await.unwrap().body, exact);
    let chunks = "3\r\nabc\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n";
    let far = FarSide::new(format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}")).await;
    assert_eq!(post(&local(), &far).await.unwrap().body, "abcdef");
}

#[tokio::test]
async fn what_is_not_http_or_breaks_off_is_a_protocol_error() {
    let head = "x".repeat(200_000);
    let answers = [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcde".to_owned(),
        format!("HTTP/1.1 200 OK\r\nx: {head}\r\n\r\n"),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_owned(),
    ];
    for answer in answers {
        let far = FarSide::new(answer.clone()).await;
        let error = post(&local(), &far).await.unwrap_err();
        assert_eq!(error.label(), "protocol", "{error} for {}", &answer[..30]);
    }
}

#[tokio::test]
async fn retry_after_is_read_as_seconds_and_as_a_date() {
    let table = [
        ("120", Some(NOW.add_ms(120_000))),
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(Micros::from_secs(784_111_777))),
    ];
    for (value, expected) in table.into_iter().chain([("later", None)]) {
        let answer = format!("HTTP/1.1 503 Busy\r\nretry-after: {value}\r\ncontent-length: 0\r\n\r\n");
        let far = FarSide::new(answer).await;
        let response = post(&local(), &far).await.unwrap();
        assert_eq!((response.status, response.retry_after), (StatusCode::SERVICE_UNAVAILABLE, expected));
    }
}

async fn timed_out(answer: &'static str) -> EgressError {
    let (far, client) = (FarSide::new(answer).await, local());
    let began = std::time::Instant::now();
    let result = client.post(&far.url("/"), HeaderMap::new(), Bytes::new(), 150, BODY_MAX).await;
    assert!(began.elapsed().as_millis() < 1_500);
    assert_eq!(client.sweep(), 0);
    result.unwrap_err()
}

#[tokio::test]
async fn the_deadline_strikes_a_server_that_stops_in_its_head_or_its_body() {
    let head = EgressError::Timeout { stage: Stage::Head };
    assert_eq!(timed_out("").await, head);
    assert_eq!(timed_out("HTTP/1.1 200 OK\r\ncontent-le").await, head);
    let body = EgressError::Timeout { stage: Stage::Body };
    assert_eq!(timed_out("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await, body);
    assert_eq!(timed_out("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n").await, body);
}

#[tokio::test]
async fn the_deadline_strikes_a_server_that_drips() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(10));
        for byte in b"HTTP/1.1 200 OK\r\nx: ".iter().chain(std::iter::repeat(&b'y')) {
            tick.tick().await;
            if tokio::io::AsyncWriteExt::write_all(&mut tcp, &[*byte]).await.is_err() {
                return;
            }
        }
    });
    let url = format!("http://service.test:{port}/").parse().unwrap();
    let result = local().post(&url, HeaderMap::new(), Bytes::new(), 200, BODY_MAX).await;
    assert_eq!(result, Err(EgressError::Timeout { stage: Stage::Head }));
}

struct Stuck;

impl waypost_egress::Resolver for Stuck {
    fn lookup(&self, _: &str) -> waypost_egress::Lookup {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_strikes_a_look_up_that_never_ends() {
    let clock = std::sync::Arc::new(waypost_core::time::SystemClock);
    let client = Egress::new(EgressPolicy::default(), std::sync::Arc::new(Stuck), clock).unwrap();
    let before = tokio::time::Instant::now();
    let url = "http://slow.test/".parse().unwrap();
    let result = client.post(&url, HeaderMap::new(), Bytes::new(), 15_000, BODY_MAX).await;
    assert_eq!(result, Err(EgressError::Timeout { stage: Stage::Resolve }));
    assert_eq!(before.elapsed().as_millis(), 15_000);
}
