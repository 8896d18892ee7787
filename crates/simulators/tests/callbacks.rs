//! The call-back receiver over loopback.
#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::time::timeout;
use waypost_simulators::callbacks::{Answer, CallbackHandle, Callbacks, CallbacksConfig, Counts};

async fn post(receiver: &CallbackHandle, body: &'static str, signature: Option<&str>) -> u16 {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<axum::body::Bytes>>();
    let mut request = axum::http::Request::post(receiver.url("/dlr?x=1"));
    if let Some(signature) = signature {
        request = request.header("X-Hub-Signature", signature);
    }
    let request = request.body(Full::from(body)).unwrap();
    timeout(Duration::from_secs(20), client.request(request)).await.unwrap().unwrap().status().as_u16()
}

async fn start(config: CallbacksConfig) -> CallbackHandle {
    Callbacks::start(config).await.unwrap()
}

#[tokio::test]
async fn callbacks_are_answered_counted_and_the_last_ones_kept() {
    let receiver = start(CallbacksConfig { keep_max: 2, ..CallbacksConfig::default() }).await;
    for body in ["a", "b", "c"] {
        assert_eq!(post(&receiver, body, None).await, 200);
    }
    let counts = timeout(Duration::from_secs(20), receiver.wait_for(3)).await.unwrap();
    assert_eq!(counts, Counts { received: 3, accepted: 3, unsigned: 0 });
    let kept: Vec<_> = receiver.kept().into_iter().map(|kept| (kept.target, kept.body)).collect();
    assert_eq!(kept, [("/dlr?x=1".to_owned(), b"b".to_vec()), ("/dlr?x=1".to_owned(), b"c".to_vec())]);
}

#[tokio::test]
async fn a_script_decides_by_number_and_body() {
    let script = Arc::new(|number: u64, body: &[u8]| match (number, body) {
        (0, _) => Answer::status(503),
        (_, b"bad") => Answer { status: 400, delay: Duration::from_millis(1) },
        _ => Answer::OK,
    });
    let receiver = start(CallbacksConfig { script: Some(script), ..CallbacksConfig::default() }).await;
    for (body, expected) in [("x", 503), ("bad", 400), ("x", 200)] {
        assert_eq!(post(&receiver, body, None).await, expected);
    }
    assert_eq!(receiver.counts(), Counts { received: 3, accepted: 1, unsigned: 0 });
}

#[tokio::test]
async fn with_a_secret_only_signed_bodies_are_accepted() {
    let secret = Some("Jefe".to_owned());
    let receiver = start(CallbacksConfig { secret, ..CallbacksConfig::default() }).await;
    let good = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let body = "what do ya want for nothing?";
    assert_eq!(post(&receiver, body, Some(good)).await, 200);
    assert_eq!(post(&receiver, "forged", Some(good)).await, 401);
    assert_eq!(post(&receiver, body, None).await, 401);
    assert_eq!(receiver.counts(), Counts { received: 3, accepted: 1, unsigned: 2 });
}

#[tokio::test]
async fn bodies_may_be_seen_without_being_kept() {
    let seen = Arc::new(Mutex::new(HashSet::new()));
    let on_body = {
        let seen = Arc::clone(&seen);
        Arc::new(move |body: &[u8]| {
            seen.lock().unwrap().insert(body.to_vec());
        })
    };
    let receiver = start(CallbacksConfig { on_body: Some(on_body), ..CallbacksConfig::default() }).await;
    for body in ["a", "b", "a"] {
        post(&receiver, body, None).await;
    }
    assert_eq!(*seen.lock().unwrap(), HashSet::from([b"a".to_vec(), b"b".to_vec()]));
    assert!(receiver.kept().is_empty());
}
