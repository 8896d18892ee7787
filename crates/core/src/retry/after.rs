//! The `Retry-After` header (RFC 9110, 10.2.3).

use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::Offset;

use crate::time::Micros;

/// Milliseconds to wait by a `Retry-After` value: seconds, or an HTTP date (a past date is 0). `None` when it is
/// neither.
#[must_use]
pub fn parse_retry_after_ms(value: &str, now: Micros) -> Option<u64> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a u64 holds still mean "very long"; the caller's maximum bounds it.
        return Some(value.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(1_000));
    }
    let parsed = strtime::parse("%a, %d %b %Y %H:%M:%S GMT", value).ok()?;
    let civil: DateTime = parsed.to_datetime().ok()?;
    let at = Offset::UTC.to_timestamp(civil).ok()?;
    Some(u64::try_from(Micros(at.as_microsecond()).since_ms(now)).unwrap_or(0))
}

/// The delay of the schedule, stretched to what the receiver asked for, but never past `max_ms`. A receiver cannot
/// shorten the schedule.
#[must_use]
pub fn delay_with_retry_after_ms(delay_ms: u64, retry_after_ms: Option<u64>, max_ms: u64) -> u64 {
    retry_after_ms.map_or(delay_ms, |asked_ms| delay_ms.max(asked_ms.min(max_ms)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_secs(784_111_777);

    #[test]
    fn seconds_and_http_dates_are_read() {
        let check =
            |value: &str, ms: Option<u64>| assert_eq!(parse_retry_after_ms(value, NOW), ms, "{value}");
        check("120", Some(120_000));
        check(" 0 ", Some(0));
        check("99999999999999999999999", Some(u64::MAX));
        check("Sun, 06 Nov 1994 08:51:37 GMT", Some(120_000));
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some(0));
        check("Sun, 06 Nov 1994 08:49:36 GMT", Some(0));
        check("", None);
        check("-5", None);
        check("1.5", None);
        check("soon", None);
        check("Sun, 31 Feb 1994 08:49:37 GMT", None);
    }

    #[test]
    fn a_receiver_can_lengthen_the_delay_to_a_maximum_but_not_shorten_it() {
        let check = |asked, expected| assert_eq!(delay_with_retry_after_ms(60_000, asked, 300_000), expected);
        check(None, 60_000);
        check(Some(1_000), 60_000);
        check(Some(120_000), 120_000);
        check(Some(u64::MAX), 300_000);
    }
}
