//! The `retry-after` header (RFC 9110, section 10.2.3).

use std::time::UNIX_EPOCH;

use waypost_core::time::Micros;

/// The moment the header means, in either of its forms: seconds from `now`, or a date. `None` when it is neither.
pub(crate) fn parse(value: &str, now: Micros) -> Option<Micros> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit mean a time that never comes.
        let seconds = value.parse::<i64>().unwrap_or(i64::MAX);
        return Some(now.add_ms(seconds.saturating_mul(1_000)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let since = date.duration_since(UNIX_EPOCH).ok()?;
    Some(Micros::from_secs(i64::try_from(since.as_secs()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_count_from_now_and_dates_stand_for_themselves() {
        let now = Micros::from_secs(1_000);
        let date = Some(Micros::from_secs(784_111_777));
        let table = [
            ("0", Some(now)),
            (" 120 ", Some(Micros::from_secs(1_120))),
            ("Sun, 06 Nov 1994 08:49:37 GMT", date),
            ("Sunday, 06-Nov-94 08:49:37 GMT", date),
            ("Sun Nov  6 08:49:37 1994", date),
            ("99999999999999999999", Some(Micros::MAX)),
            ("", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
        ];
        for (value, expected) in table {
            assert_eq!(parse(value, now), expected, "{value:?}");
        }
    }
}
