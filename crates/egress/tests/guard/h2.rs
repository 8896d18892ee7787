//! HTTP/2 through the same door.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use url::Url;
use waypost_egress::{Egress, EgressError, EgressPolicy, Stage, UrlProblem, Why};

use crate::far_h2::{Deed, FarFrames, FarH2};
use crate::far_side::{FarSide, NOW, Names, egress, local};

const BODY_MAX: usize = 1_000;
const CA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guard/fixtures/ca.pem");

async fn send(client: &Egress, url: &Url) -> Result<u16, EgressError> {
    let sent = client.request_h2(Method::POST, url, HeaderMap::new(), Bytes::new(), 2_000, BODY_MAX).await;
    sent.map(|response| response.status.as_u16())
}

fn ok(body: &'static [u8]) -> Response<Bytes> {
    Response::new(Bytes::from_static(body))
}

fn client(policy: EgressPolicy) -> Egress {
    egress(policy, Names::of("service.test", &[&["127.0.0.1"]]))
}

#[tokio::test]
async fn a_request_goes_out_as_written_and_its_answer_comes_back_whole() {
    let mut answer = ok(b"ok");
    *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("120"));
    let far = FarH2::new(answer).await;
    let mut headers = HeaderMap::new();
    for (name, value) in [("apns-topic", "a.b"), ("host", "evil.test"), ("connection", "close"), ("te", "x")]
    {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let url = far.url("/p/%20q?x=1#part");
    let body = Bytes::from_static(b"{\"a\":1}");
    let response = local().request_h2(Method::POST, &url, headers, body, 2_000, BODY_MAX).await.unwrap();
    let facts = (response.status.as_u16(), response.body, response.retry_after);
    assert_eq!(facts, (429, Bytes::from_static(b"ok"), Some(NOW.add_ms(120_000))));

    let seen = far.seen.lock().unwrap().remove(0);
    let uri = format!("http://service.test:{}/p/%20q?x=1", far.port);
    assert_eq!((seen.method, seen.uri.to_string(), seen.body), (Method::POST, uri, "{\"a\":1}".into()));
    let mut names: Vec<&str> = seen.headers.keys().map(header::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["apns-topic", "content-length", "user-agent"]);
}

#[tokio::test]
async fn exchanges_at_the_same_time_share_one_connection() {
    let far = FarH2::with(ok(b""), 0, |tcp| async move { Some(tcp) }).await;
    let client = local();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (client, url) = (client.clone(), far.url("/"));
            tokio::spawn(async move { send(&client, &url).await })
        })
        .collect();
    while far.open.load(Ordering::SeqCst) < 20 {
        tokio::task::yield_now().await;
    }
    far.gate.add_permits(20);
    for task in tasks {
        assert_eq!(task.await.unwrap(), Ok(200));
    }
    assert_eq!((far.connections(), client.sweep()), (1, 1));
}

#[tokio::test]
async fn connections_and_exchanges_are_bounded_and_the_rest_waits() {
    let far = FarH2::new(ok(b"")).await;
    let client = client(EgressPolicy { h2_per_host_max: 2, h2_streams_max: 2, ..EgressPolicy::sandbox() });
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let (client, url) = (client.clone(), far.url("/"));
            tokio::spawn(async move { send(&client, &url).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Ok(200));
    }
    assert_eq!((far.connections(), far.open_most.load(Ordering::SeqCst) <= 4), (2, true));
}

#[tokio::test]
async fn when_all_connections_are_taken_another_origin_is_refused() {
    let (one, other) = (FarH2::new(ok(b"")).await, FarH2::new(ok(b"")).await);
    let client = client(EgressPolicy { h2_max: 1, ..EgressPolicy::sandbox() });
    assert_eq!(send(&client, &one.url("/")).await, Ok(200));
    let error = EgressError::Connect("all 1 HTTP/2 connections are in use".to_owned());
    assert_eq!(send(&client, &other.url("/")).await, Err(error));
    assert_eq!(send(&client, &one.url("/")).await, Ok(200));
}

#[tokio::test]
async fn a_connection_idle_for_too_long_is_not_used_again() {
    let far = FarH2::new(ok(b"")).await;
    let client = client(EgressPolicy { h2_idle_ms: 0, ..EgressPolicy::sandbox() });
    for n in 1..=3 {
        assert_eq!(send(&client, &far.url("/")).await, Ok(200));
        assert_eq!(far.connections(), n);
    }
    assert_eq!(client.sweep(), 0);
}

#[tokio::test]
async fn a_connection_that_goes_away_is_replaced_and_what_it_has_not_handled_is_sent_again() {
    let far = FarFrames::new(&[Deed::Answer, Deed::GoAwayBefore(0), Deed::Answer]).await;
    let client = local();
    assert_eq!(send(&client, &far.url()).await, Ok(200));
    assert_eq!(send(&client, &far.url()).await, Ok(200));
    assert_eq!(far.counts(), (2, 3));
}

#[tokio::test]
async fn a_connection_that_says_goodbye_after_an_answer_takes_no_new_request() {
    let far = FarFrames::new(&[Deed::AnswerThenGoAway]).await;
    let client = local();
    for n in 1..=3 {
        assert_eq!(send(&client, &far.url()).await, Ok(200));
        assert_eq!(far.counts(), (n, n));
    }
}

#[tokio::test]
async fn a_refused_stream_is_sent_again_and_other_resets_are_the_callers() {
    const REFUSED: u32 = 7;
    const INTERNAL: u32 = 2;
    let far = FarFrames::new(&[Deed::Reset(REFUSED), Deed::Answer]).await;
    assert_eq!(send(&local(), &far.url()).await, Ok(200));
    assert_eq!(far.counts().1, 2);
    let far = FarFrames::new(&[Deed::Reset(INTERNAL), Deed::Answer]).await;
    assert_eq!(send(&local(), &far.url()).await.unwrap_err().label(), "protocol");
    assert_eq!(far.counts().1, 1);
}

#[tokio::test]
async fn a_far_side_that_only_goes_away_is_given_up_after_a_few_connections() {
    let far = FarFrames::new(&[Deed::GoAwayBefore(0)]).await;
    assert_eq!(send(&local(), &far.url()).await.unwrap_err().label(), "protocol");
    assert_eq!(far.counts(), (4, 4));
    let calm = FarFrames::new(&[Deed::GoAwayBefore(11)]).await;
    assert_eq!(send(&local(), &calm.url()).await.unwrap_err().label(), "protocol");
    assert_eq!(calm.counts(), (1, 1));
}

#[tokio::test]
async fn what_may_have_been_handled_is_not_sent_again() {
    let far = FarFrames::new(&[Deed::Hangup, Deed::Answer]).await;
    let client = local();
    assert_eq!(send(&client, &far.url()).await.unwrap_err().label(), "protocol");
    assert_eq!(far.counts(), (1, 1));
    assert_eq!(send(&client, &far.url()).await, Ok(200));
    assert_eq!(far.counts(), (2, 2));
}

#[tokio::test]
async fn the_deadline_strikes_and_the_silent_connection_takes_no_new_request() {
    let far = FarFrames::new(&[Deed::Silence, Deed::Answer]).await;
    let client = local();
    let late =
        client.request_h2(Method::POST, &far.url(), HeaderMap::new(), Bytes::new(), 150, BODY_MAX).await;
    assert_eq!(late, Err(EgressError::Timeout { stage: Stage::Head }));
    assert_eq!(send(&client, &far.url()).await, Ok(200));
    assert_eq!(far.counts(), (2, 2));
}

#[tokio::test]
async fn a_body_longer_than_its_bound_is_refused_and_the_connection_stays() {
    let far = FarH2::new(Response::new(Bytes::from(vec![b'x'; BODY_MAX + 1]))).await;
    let client = local();
    let expected = EgressError::BodyTooLarge { status: StatusCode::OK, body_bytes_max: BODY_MAX };
    for _ in 0..3 {
        assert_eq!(send(&client, &far.url("/")).await, Err(expected.clone()));
    }
    assert_eq!(far.connections(), 1);
}

#[tokio::test]
async fn the_same_addresses_and_urls_are_refused_without_a_connection() {
    let client = egress(EgressPolicy::default(), Names::of("service.test", &[&["127.0.0.1"]]));
    for url in ["http://127.0.0.1/", "https://127.1/", "http://service.test/"] {
        match send(&client, &url.parse().unwrap()).await {
            Err(EgressError::Refused { why: Why::Loopback, .. }) => {}
            other => panic!("{url}: {other:?}"),
        }
    }
    let url = "ftp://service.test/".parse().unwrap();
    assert_eq!(send(&client, &url).await, Err(EgressError::InvalidUrl(UrlProblem::Scheme)));
}

#[tokio::test]
async fn a_far_side_that_speaks_only_http_1_is_an_error_and_not_a_wait() {
    let far = FarSide::new("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    let url = far.url("/");
    // The server waits for the end of a request line that never comes in its form; the deadline ends it.
    let sent = local().request_h2(Method::GET, &url, HeaderMap::new(), Bytes::new(), 300, BODY_MAX).await;
    let label = sent.unwrap_err().label();
    assert!(["protocol", "timeout"].contains(&label), "{label}");
}

fn acceptor(protocols: &[&[u8]]) -> TlsAcceptor {
    let cert = CertificateDer::from_pem_slice(include_bytes!("fixtures/leaf.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("fixtures/leaf.key")).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let mut config = builder.with_single_cert(vec![cert], key).unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

async fn over_tls(protocols: &[&[u8]]) -> (Result<u16, EgressError>, usize) {
    let acceptor = acceptor(protocols);
    let far = FarH2::with(ok(b""), 100, move |tcp| {
        let accepted = acceptor.accept(tcp);
        async move { accepted.await.ok() }
    })
    .await;
    let client = client(EgressPolicy { extra_ca_file: Some(CA.into()), ..EgressPolicy::sandbox() });
    let url = format!("https://service.test:{}/", far.port).parse().unwrap();
    let first = send(&client, &url).await;
    if first.is_ok() {
        assert_eq!(send(&client, &url).await, first);
    }
    (first, far.connections())
}

#[tokio::test]
async fn over_tls_the_protocol_is_agreed_on_and_the_connection_kept() {
    assert_eq!(over_tls(&[b"h2", b"http/1.1"]).await, (Ok(200), 1));
}

#[tokio::test]
async fn over_tls_a_far_side_that_does_not_agree_on_it_is_refused() {
    let error = EgressError::Tls("the other side does not agree on HTTP/2".to_owned());
    assert_eq!(over_tls(&[]).await, (Err(error), 1));
    let (refused, _) = over_tls(&[b"http/1.1"]).await;
    assert_eq!(refused.unwrap_err().label(), "tls");
}
