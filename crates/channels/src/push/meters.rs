//! What is counted.

use metrics::counter;

use super::outcomes::Provider;
use crate::connector::Handed;

/// An attempt came to its end.
pub(super) fn attempt(provider: &'static str, handed: &Handed) {
    let result = match handed {
        Handed::Taken { .. } | Handed::Calling { .. } => "taken",
        Handed::Refused { .. } => "refused",
        Handed::Later { .. } | Handed::Full { .. } => "later",
    };
    counter!("waypost_push_attempts_total", "provider" => provider, "result" => result).increment(1);
}

/// A token of ours was made or asked for.
pub(super) fn token(provider: Provider, is_fresh: bool) {
    let result = if is_fresh { "fresh" } else { "failed" };
    counter!("waypost_push_tokens_total", "provider" => provider.word(), "result" => result).increment(1);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};

    use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

    use super::*;

    #[derive(Clone, Default)]
    struct Book(Arc<Mutex<BTreeMap<String, Arc<AtomicU64>>>>);

    impl Recorder for Book {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            let labels: Vec<_> =
                key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            let name = format!("{} {}", key.name(), labels.join(" "));
            Counter::from_arc(self.0.lock().unwrap().entry(name).or_default().clone())
        }

        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }

        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    #[test]
    fn attempts_and_tokens_are_counted_by_provider_and_result() {
        let book = Book::default();
        let detail = String::new;
        let refused = Handed::Refused { code: 7512, detail: detail(), address_is_dead: false };
        let later = Handed::Later { code: 7508, detail: detail(), retry_after: None, failing: true };
        metrics::with_local_recorder(&book, || {
            attempt("fcm", &Handed::Taken { provider_ref: detail(), receipt_follows: true });
            attempt("fcm", &refused);
            attempt("fcm", &refused);
            attempt("apns", &later);
            token(Provider::OAuth, true);
            token(Provider::WebPush, false);
        });
        let book = book.0.lock().unwrap();
        let counts: Vec<(&str, u64)> =
            book.iter().map(|(name, count)| (name.as_str(), count.load(Ordering::Relaxed))).collect();
        let expected = [
            ("waypost_push_attempts_total provider=apns result=later", 1),
            ("waypost_push_attempts_total provider=fcm result=refused", 2),
            ("waypost_push_attempts_total provider=fcm result=taken", 1),
            ("waypost_push_tokens_total provider=oauth result=fresh", 1),
            ("waypost_push_tokens_total provider=web_push result=failed", 1),
        ];
        assert_eq!(counts, expected);
    }
}
