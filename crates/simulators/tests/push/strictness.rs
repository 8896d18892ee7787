//! What the clouds refuse, asked by hand: a simulator that takes everything proves nothing.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use waypost_egress::{Egress, EgressPolicy, Response, SystemResolver};

use crate::support::{Bench, DEVICE};

struct Hand {
    egress: Egress,
}

impl Hand {
    fn new(bench: &Bench) -> Self {
        let resolver = Arc::new(SystemResolver::default());
        Self { egress: Egress::new(EgressPolicy::sandbox(), resolver, bench.clock.clone()).unwrap() }
    }

    async fn post(&self, url: &str, headers: &[(&'static str, &str)], body: &str) -> (u16, Value) {
        let pairs = headers.iter();
        let headers: HeaderMap = pairs
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect();
        let body = Bytes::from(body.to_owned());
        let url = url.parse().unwrap();
        let sent = self.egress.request_h2(Method::POST, &url, headers, body, 2_000, 10_000);
        let Response { status, body, .. } = sent.await.unwrap();
        let body = serde_json::from_slice(&body)
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&body).into_owned()));
        (status.as_u16(), body)
    }
}

#[tokio::test]
async fn the_token_server_takes_no_assertion_that_is_not_the_accounts() {
    let bench = Bench::new().await;
    let hand = Hand::new(&bench);
    let url = bench.account.config["fcm_oauth_url"].as_str().unwrap().to_owned();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let grant = "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer";
    let cases = [
        ("", "unsupported_grant_type"),
        ("grant_type=password", "unsupported_grant_type"),
        (grant, "invalid_request"),
        (&format!("{grant}&assertion=a.b.c"), "invalid_request"),
        // {"alg":"none"} . {} . no signature
        (&format!("{grant}&assertion=eyJhbGciOiJub25lIn0.e30."), "invalid_grant"),
    ];
    for (body, error) in cases {
        let (status, answer) = hand.post(&url, &form, body).await;
        assert_eq!((status, &answer["error"]), (400, &json!(error)), "{body}");
    }
    assert_eq!(hand.post(&url, &[], grant).await.0, 400);
    assert_eq!(bench.sims.fcm.tokens_given(), 0);
}

#[tokio::test]
async fn fcm_takes_nothing_without_a_token_of_its_server() {
    let bench = Bench::new().await;
    let hand = Hand::new(&bench);
    let url = format!("{}/v1/projects/waypost-sandbox/messages:send", bench.sims.fcm.base_url());
    for headers in [&[][..], &[("authorization", "Bearer x")], &[("authorization", "Basic x")]] {
        let (status, answer) = hand.post(&url, headers, r#"{"message":{"token":"t"}}"#).await;
        assert_eq!((status, &answer["error"]["status"]), (401, &json!("UNAUTHENTICATED")));
    }
    assert_eq!(hand.post(&format!("{url}x"), &[], "{}").await.0, 404);
}

#[tokio::test]
async fn apns_takes_nothing_without_a_provider_token_and_no_other_path() {
    let bench = Bench::new().await;
    let hand = Hand::new(&bench);
    let base = bench.sims.apns.base_url();
    let url = format!("{base}/3/device/{DEVICE}");
    let cases = [
        (&url, &[][..], 403, "MissingProviderToken"),
        (&url, &[("authorization", "Basic x")], 403, "MissingProviderToken"),
        (&url, &[("authorization", "bearer x.y.z")], 403, "InvalidProviderToken"),
        // {"alg":"none","kid":"SANDBOX001"} . {"iss":"WAYPOST001","iat":1700000000} . no signature
        (
            &url,
            &[(
                "authorization",
                "bearer eyJhbGciOiJub25lIiwia2lkIjoiU0FOREJPWDAwMSJ9.eyJpc3MiOiJXQVlQT1NUMDAxIiwiaWF0IjoxNzAwMDAwMDAwfQ.",
            )],
            403,
            "InvalidProviderToken",
        ),
        (&format!("{base}/2/device/{DEVICE}"), &[], 404, "BadPath"),
    ];
    for (url, headers, status, reason) in cases {
        let expected = (status, json!({"reason": reason}));
        assert_eq!(hand.post(url, headers, "{}").await, expected, "{url} {headers:?}");
    }
}

#[tokio::test]
async fn apns_speaks_no_http_1() {
    let bench = Bench::new().await;
    let hand = Hand::new(&bench);
    let url = bench.sims.apns.base_url().parse().unwrap();
    let sent = hand.egress.post(&url, HeaderMap::new(), Bytes::new(), 2_000, 10_000).await;
    assert_eq!(sent.unwrap_err().label(), "protocol");
}

#[tokio::test]
async fn the_push_service_takes_nothing_that_is_not_signed_for_it() {
    let bench = Bench::new().await;
    let hand = Hand::new(&bench);
    let url = format!("{}/push/sub-a", bench.sims.web.base_url());
    let cases = [
        (&[][..], 401, "no vapid authorization"),
        (&[("authorization", "Bearer x")], 401, "no vapid authorization"),
        (&[("authorization", "vapid t=x")], 401, "the vapid authorization has no t and k"),
        (&[("authorization", "vapid t=x, k=AAAA")], 403, "the key is not the one of the subscription"),
    ];
    for (headers, status, text) in cases {
        assert_eq!(hand.post(&url, headers, "").await, (status, json!(text)), "{headers:?}");
    }
    let away = format!("{}/other/sub-a", bench.sims.web.base_url());
    assert_eq!(hand.post(&away, &[], "").await.0, 404);
}
