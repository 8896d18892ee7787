use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use serde_json::json;

use crate::support::{KEY, Server, request, sms};

#[tokio::test]
async fn an_answer_carries_the_callers_request_id_or_one_of_ours() {
    let server = Server::new();
    let id = async |given: Option<&str>| {
        let draft = request(sms(json!({}))).header("key", KEY);
        let draft = match given {
            Some(given) => draft.header("x-request-id", given),
            None => draft,
        };
        server.call(draft.done()).await.headers["x-request-id"].to_str().unwrap().to_owned()
    };
    assert_eq!(id(Some("abc-1_2.3")).await, "abc-1_2.3");
    let ours = |id: &str| id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    for odd in [None, Some(""), Some("a b"), Some("<script>"), Some("é")] {
        let id = id(odd).await;
        assert!(ours(&id), "{odd:?} {id}");
    }
    assert!(ours(&id(Some(&"a".repeat(65))).await));
}

/// Keeps what is counted, by name and labels.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<BTreeMap<String, Arc<AtomicU64>>>>);

struct Page(Arc<AtomicU64>);

impl HistogramFn for Page {
    fn record(&self, _: f64) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Book {
    fn page(&self, key: &Key) -> Arc<AtomicU64> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{} {}", key.name(), labels.join(" "));
        self.0.lock().unwrap().entry(name).or_default().clone()
    }
}

impl Recorder for Book {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.page(key))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Page(self.page(key))))
    }
}

#[test]
fn every_request_is_counted_by_route_status_and_code() {
    let book = Book::default();
    metrics::with_local_recorder(&book, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let server = Server::new();
            server.post(sms(json!({}))).await;
            server
                .call(request(sms(json!({}))).header("key", KEY).path("/resources/v1/messaging/").done())
                .await;
            server.post(sms(json!({"destination": [{}, {"msisdn": "1"}]}))).await;
            server.post(sms(json!({"destination": [{}]}))).await;
            server.post("{").await;
            server.call(request("{}").done()).await;
            server.get("/resources/v1/messaging").await;
            server.get("/resources/v1/messaging/status/x").await;
            server.get("/etc/passwd").await;
        });
    });
    let pages = book.0.lock().unwrap();
    let lines: Vec<_> =
        pages.iter().map(|(name, count)| format!("{name} = {}", count.load(Ordering::Relaxed))).collect();
    insta::assert_snapshot!("metrics", lines.join("\n"));
}
