//! How long the Graph API wants to be left alone.

use http::HeaderMap;
use serde_json::Value;
use waypost_core::time::Micros;

/// Use of a page's quota, with the minutes until it may go on.
const PAGE_USE: &str = "x-business-use-case-usage";
const MINUTE_MS: i64 = 60_000;

/// The end of the longest pause that the headers of a throttled answer name.
pub(super) fn resume_at(headers: &HeaderMap, now: Micros) -> Option<Micros> {
    let usage: Value = serde_json::from_slice(headers.get(PAGE_USE)?.as_bytes()).ok()?;
    let uses = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    let minutes = uses.filter_map(|one| one.get("estimated_time_to_regain_access")?.as_i64()).max()?;
    (minutes > 0).then(|| now.add_ms(minutes.saturating_mul(MINUTE_MS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pause_counts() {
        let now = Micros::from_secs(1_000);
        let seen = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(PAGE_USE, value.parse().unwrap());
            resume_at(&headers, now)
        };
        let minutes = r#"{"1":[{"type":"messenger","call_count":100,"estimated_time_to_regain_access":3},{"estimated_time_to_regain_access":7}]}"#;
        assert_eq!(seen(minutes), Some(now.add_ms(7 * MINUTE_MS)));
        for none in [r#"{"1":[{"estimated_time_to_regain_access":0}]}"#, "{}", "[]", "x"] {
            assert_eq!(seen(none), None, "{none}");
        }
        assert_eq!(resume_at(&HeaderMap::new(), now), None);
    }
}
