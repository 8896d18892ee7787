//! The `expiry` of a request (spec 2.6): `2015-04-12T13:00:19.456Z`, or with an offset written
//! `+05:30`, `+5:30`, `+0530` or `+05`.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use thiserror::Error;

use super::Micros;

/// Longest text that is looked at: date, time, nine decimals and an offset.
const EXPIRY_BYTES_MAX: usize = 40;

/// Why an `expiry` was refused; each names the part of the text that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ExpiryError {
    /// Nothing but blanks, or nothing at all.
    #[error("the date is empty")]
    Empty,
    /// More than any valid form needs.
    #[error("the date is longer than 40 bytes")]
    TooLong,
    /// The part before `T` is not `YYYY-MM-DD`.
    #[error("the date part must be YYYY-MM-DD followed by T")]
    BadDate,
    /// The part after `T` is not `HH:MM:SS`.
    #[error("the time part must be HH:MM:SS")]
    BadTime,
    /// A point without one to nine digits behind it.
    #[error("the fraction of a second must be one to nine digits")]
    BadFraction,
    /// The text ends without `Z` or an offset.
    #[error("the offset is missing: end with Z or for example +05:30")]
    MissingOffset,
    /// The offset is not `Z`, `+H:MM`, `+HH:MM`, `+HHMM` or `+HH`, or is beyond 23:59.
    #[error("the offset must be Z or written as +05:30, +5:30 or +0530")]
    BadOffset,
    /// Well written, but no such day or time exists.
    #[error("no such date or time")]
    OutOfRange,
}

/// Reads a request's `expiry`. Blanks around it are ignored; digits beyond microseconds are cut.
///
/// # Errors
/// [`ExpiryError`] names the first part that is wrong.
pub fn parse_expiry(text: &str) -> Result<Micros, ExpiryError> {
    let bytes = text.trim().as_bytes();
    if bytes.is_empty() {
        return Err(ExpiryError::Empty);
    }
    if bytes.len() > EXPIRY_BYTES_MAX {
        return Err(ExpiryError::TooLong);
    }
    let (date, rest) = bytes.split_at_checked(11).ok_or(ExpiryError::BadDate)?;
    let (year, month, day) = parse_date(date).ok_or(ExpiryError::BadDate)?;
    let (time, rest) = rest.split_at_checked(8).ok_or(ExpiryError::BadTime)?;
    let (hour, minute, second) = parse_time(time).ok_or(ExpiryError::BadTime)?;
    let (nanos, rest) = parse_fraction(rest)?;
    let offset_secs = parse_offset(rest)?;

    let civil =
        DateTime::new(year, month, day, hour, minute, second, nanos).map_err(|_| ExpiryError::OutOfRange)?;
    let offset = Offset::from_seconds(offset_secs).map_err(|_| ExpiryError::BadOffset)?;
    let stamp = offset.to_timestamp(civil).map_err(|_| ExpiryError::OutOfRange)?;
    Ok(Micros(stamp.as_microsecond()))
}

fn parse_date(date: &[u8]) -> Option<(i16, i8, i8)> {
    match date {
        [year @ .., b'-', m1, m2, b'-', d1, d2, b'T' | b't'] => Some((
            i16::try_from(digits(year)?).ok()?,
            i8::try_from(digits(&[*m1, *m2])?).ok()?,
            i8::try_from(digits(&[*d1, *d2])?).ok()?,
        )),
        _ => None,
    }
}

fn parse_time(time: &[u8]) -> Option<(i8, i8, i8)> {
    match time {
        [h1, h2, b':', m1, m2, b':', s1, s2] => Some((
            i8::try_from(digits(&[*h1, *h2])?).ok()?,
            i8::try_from(digits(&[*m1, *m2])?).ok()?,
            i8::try_from(digits(&[*s1, *s2])?).ok()?,
        )),
        _ => None,
    }
}

fn parse_fraction(rest: &[u8]) -> Result<(i32, &[u8]), ExpiryError> {
    let Some(after) = rest.strip_prefix(b".") else { return Ok((0, rest)) };
    let count = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&count) {
        return Err(ExpiryError::BadFraction);
    }
    let (fraction, rest) = after.split_at(count);
    let mut nanos = digits(fraction).ok_or(ExpiryError::BadFraction)?;
    for _ in count..9 {
        nanos *= 10;
    }
    Ok((nanos, rest))
}

/// Seconds east of UTC.
fn parse_offset(rest: &[u8]) -> Result<i32, ExpiryError> {
    let (sign, rest) = match rest {
        [] => return Err(ExpiryError::MissingOffset),
        [b'Z' | b'z'] => return Ok(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return Err(ExpiryError::BadOffset),
    };
    let (hours, minutes): (&[u8], &[u8]) = match rest {
        [_, b':', _, _] => (&rest[..1], &rest[2..]),
        [_, _, b':', _, _] => (&rest[..2], &rest[3..]),
        [_, _, _, _] => (&rest[..2], &rest[2..]),
        [_, _] => (rest, b"0"),
        _ => return Err(ExpiryError::BadOffset),
    };
    match (digits(hours), digits(minutes)) {
        (Some(hours @ 0..=23), Some(minutes @ 0..=59)) => Ok(sign * (hours * 3_600 + minutes * 60)),
        _ => Err(ExpiryError::BadOffset),
    }
}

/// The number that up to nine decimal digits write.
fn digits(bytes: &[u8]) -> Option<i32> {
    bytes.iter().try_fold(0_i32, |sum, byte| {
        byte.is_ascii_digit().then(|| sum.checked_mul(10)?.checked_add(i32::from(byte - b'0')))?
    })
}

#[cfg(test)]
mod tests {
    use super::super::rfc3339_utc;
    use super::*;

    fn check(text: &str, expected: Result<&str, ExpiryError>) {
        let read = parse_expiry(text).map(rfc3339_utc);
        assert_eq!(read, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn every_documented_form_is_read() {
        check("2015-04-12T13:00:19.456Z", Ok("2015-04-12T13:00:19.456Z"));
        check("2015-04-12T18:30:19.456+5:30", Ok("2015-04-12T13:00:19.456Z"));
        check("2015-04-12T18:30:19.456+05:30", Ok("2015-04-12T13:00:19.456Z"));
        check("2015-04-12T18:30:19.456+0530", Ok("2015-04-12T13:00:19.456Z"));
        check("2015-04-12T06:00:19.456-07", Ok("2015-04-12T13:00:19.456Z"));
        check(" 2015-04-12t13:00:19z ", Ok("2015-04-12T13:00:19.000Z"));
        check("2024-02-29T00:00:00.1Z", Ok("2024-02-29T00:00:00.100Z"));
        check("2024-02-29T00:00:00.123456789Z", Ok("2024-02-29T00:00:00.123Z"));
    }

    #[test]
    fn each_wrong_part_has_its_own_error() {
        check("  ", Err(ExpiryError::Empty));
        check(&"2".repeat(41), Err(ExpiryError::TooLong));
        check("tomorrow", Err(ExpiryError::BadDate));
        check("2015/04/12T13:00:19Z", Err(ExpiryError::BadDate));
        check("2015-04-12 13:00:19Z", Err(ExpiryError::BadDate));
        check("2015-04-12T13:00Z", Err(ExpiryError::BadTime));
        check("2015-04-12T1a:00:19Z", Err(ExpiryError::BadTime));
        check("2015-04-12T13:00:19.Z", Err(ExpiryError::BadFraction));
        check("2015-04-12T13:00:19.1234567890Z", Err(ExpiryError::BadFraction));
        check("2015-04-12T13:00:19.456", Err(ExpiryError::MissingOffset));
        check("2015-04-12T13:00:19+5", Err(ExpiryError::BadOffset));
        check("2015-04-12T13:00:19+24:00", Err(ExpiryError::BadOffset));
        check("2015-04-12T13:00:19+05:60", Err(ExpiryError::BadOffset));
        check("2015-04-12T13:00:19Z!", Err(ExpiryError::BadOffset));
        check("2015-02-29T13:00:19Z", Err(ExpiryError::OutOfRange));
        check("2015-04-12T24:00:19Z", Err(ExpiryError::OutOfRange));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,45}") {
            let _ = parse_expiry(&text);
        }

        #[test]
        fn a_written_date_is_read_back(ms in 0_i64..4_102_444_800_000) {
            let at = Micros::from_ms(ms);
            proptest::prop_assert_eq!(parse_expiry(&rfc3339_utc(at)), Ok(at));
        }
    }
}
