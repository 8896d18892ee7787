//! Where it does not go.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::HeaderMap;
use url::Url;
use waypost_egress::{EgressError, EgressPolicy, UrlProblem, Why};

use crate::far_side::{FarSide, Names, egress, local};

async fn post(client: &waypost_egress::Egress, url: &str) -> Result<u16, EgressError> {
    let url: Url = url.parse().unwrap();
    client
        .post(&url, HeaderMap::new(), Bytes::new(), 2_000, 1_000)
        .await
        .map(|response| response.status.as_u16())
}

/// Every way to write an address of ours that a URL parser may understand.
#[tokio::test]
async fn hostile_urls_are_refused_without_a_connection() {
    let client = egress(EgressPolicy::default(), Names::of("nobody.test", &[&[]]));
    let refused = [
        ("http://127.0.0.1/", Why::Loopback),
        ("http://127.1/", Why::Loopback),
        ("http://127.0.1/", Why::Loopback),
        ("http://2130706433/", Why::Loopback),
        ("http://017700000001/", Why::Loopback),
        ("http://0177.0.0.1/", Why::Loopback),
        ("http://0x7f000001/", Why::Loopback),
        ("http://0x7f.0.0.1/", Why::Loopback),
        ("http://0X7F.1/", Why::Loopback),
        ("http://127.0.0.1./", Why::Loopback),
        ("http://%31%32%37.0.0.1/", Why::Loopback),
        ("http://\u{ff11}\u{ff12}\u{ff17}.0.0.1/", Why::Loopback),
        ("http://127\u{3002}0\u{3002}0\u{3002}1/", Why::Loopback),
        ("https://127.0.0.1:8443/x", Why::Loopback),
        ("http:127.0.0.1/", Why::Loopback),
        ("http:\\\\127.0.0.1\\x", Why::Loopback),
        ("http://0/", Why::Unspecified),
        ("http://0.0.0.0:80/", Why::Unspecified),
        ("http://10.0.0.1/", Why::Private),
        ("http://167772161/", Why::Private),
        ("http://012.0.0.1/", Why::Private),
        ("http://172.16.0.1/", Why::Private),
        ("http://192.168.1.1/", Why::Private),
        ("http://3232235777/", Why::Private),
        ("http://169.254.169.254/latest/meta-data/", Why::Metadata),
        ("http://2852039166/", Why::Metadata),
        ("http://0xa9fea9fe/", Why::Metadata),
        ("http://168.63.129.16/", Why::Metadata),
        ("http://100.100.100.200/", Why::Metadata),
        ("http://100.64.0.1/", Why::SharedNat),
        ("http://224.0.0.1/", Why::Multicast),
        ("http://255.255.255.255/", Why::Multicast),
        ("http://240.0.0.1/", Why::Reserved),
        ("http://192.0.2.1/", Why::Documentation),
        ("http://[::1]/", Why::Loopback),
        ("http://[0:0:0:0:0:0:0:1]/", Why::Loopback),
        ("http://[::]/", Why::Unspecified),
        ("http://[::ffff:127.0.0.1]/", Why::Embedded),
        ("http://[::ffff:7f00:1]/", Why::Embedded),
        ("http://[::127.0.0.1]/", Why::Embedded),
        ("http://[64:ff9b::7f00:1]/", Why::Embedded),
        ("http://[2002:7f00:1::]/", Why::Embedded),
        ("http://[2001:0:7f00:1::]/", Why::Embedded),
        ("http://[fe80::1]/", Why::LinkLocal),
        ("http://[fd00:ec2::254]/", Why::Metadata),
        ("http://[fc00::1]/", Why::Private),
        ("http://[ff02::1]/", Why::Multicast),
    ];
    for (url, expected) in refused {
        match post(&client, url).await {
            Err(EgressError::Refused { why, .. }) => assert_eq!(why, expected, "{url}"),
            other => panic!("{url}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn urls_that_are_not_plain_http_are_refused_before_any_look_up() {
    let names = Names::of("service.test", &[&["127.0.0.1"]]);
    let client =
        egress(EgressPolicy { ports: Some(vec![443, 8_080]), ..EgressPolicy::sandbox() }, names.clone());
    let long = format!("http://service.test:8080/{}", "x".repeat(9_000));
    let table = [
        ("ftp://service.test/", UrlProblem::Scheme),
        ("file:///etc/passwd", UrlProblem::Scheme),
        ("gopher://service.test:70/", UrlProblem::Scheme),
        ("data:text/plain,x", UrlProblem::Scheme),
        ("ws://service.test/", UrlProblem::Scheme),
        ("http://user@service.test:8080/", UrlProblem::Credentials),
        ("http://user:secret@service.test:8080/", UrlProblem::Credentials),
        ("http://:secret@service.test:8080/", UrlProblem::Credentials),
        ("http://service.test/", UrlProblem::Port(80)),
        ("https://service.test:22/", UrlProblem::Port(22)),
        (long.as_str(), UrlProblem::Unsendable),
    ];
    for (url, problem) in table {
        assert_eq!(post(&client, url).await, Err(EgressError::InvalidUrl(problem)), "{url}");
    }
    assert_eq!(names.lookups.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_with_one_public_and_one_private_address_is_refused() {
    for addrs in [["93.184.215.14", "10.0.0.7"], ["10.0.0.7", "2606:4700::1"]] {
        let client = egress(EgressPolicy::default(), Names::of("mixed.test", &[&addrs]));
        let expected = EgressError::Refused { addr: "10.0.0.7".parse().unwrap(), why: Why::Private };
        assert_eq!(post(&client, "http://mixed.test/").await, Err(expected));
    }
}

#[tokio::test]
async fn a_name_is_resolved_once_and_a_second_answer_is_vetted_again() {
    let far = FarSide::new("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").await;
    let names = Names::of("service.test", &[&["127.0.0.1"], &["10.0.0.1"]]);
    let client = egress(EgressPolicy::sandbox(), names.clone());
    let url = far.url("/").to_string();
    assert_eq!(post(&client, &url).await, Ok(200));
    assert_eq!((names.lookups.load(Ordering::SeqCst), far.accepted()), (1, 1));
    let expected = EgressError::Refused { addr: "10.0.0.1".parse().unwrap(), why: Why::Private };
    assert_eq!(post(&client, &url).await, Err(expected));
    assert_eq!((names.lookups.load(Ordering::SeqCst), far.accepted()), (2, 1));
}

#[tokio::test]
async fn a_name_nobody_knows_or_without_an_address_says_so() {
    let client = egress(EgressPolicy::default(), Names::of("empty.test", &[&[]]));
    let label = |result: Result<u16, EgressError>| result.map_err(|error| error.label());
    assert_eq!(label(post(&client, "http://empty.test/").await), Err("resolve"));
    assert_eq!(label(post(&client, "http://other.test/").await), Err("resolve"));
}

#[tokio::test]
async fn the_first_address_that_takes_the_connection_is_used() {
    let far = FarSide::new("HTTP/1.1 204 No Content\r\n\r\n").await;
    let client = egress(EgressPolicy::sandbox(), Names::of("service.test", &[&["::1", "127.0.0.1"]]));
    assert_eq!(post(&client, far.url("/").as_str()).await, Ok(204));
}

#[tokio::test]
async fn a_port_nobody_listens_on_is_a_connect_error() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = post(&local(), &format!("http://service.test:{free}/")).await.unwrap_err();
    assert_eq!(error.label(), "connect", "{error}");
}
