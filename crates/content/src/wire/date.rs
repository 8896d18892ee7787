//! Dates and times of day as the contract writes them (spec 2.9).

/// `YYYY-MM-DD`, of a day that exists.
#[must_use]
pub fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let (Some(year), Some(month), Some(day)) =
        (digits(&bytes[..4]), digits(&bytes[5..7]), digits(&bytes[8..]))
    else {
        return false;
    };
    (1..=12).contains(&month) && (1..=days(year, month)).contains(&day)
}

/// `HH:MM` of 24 hours.
#[must_use]
pub fn is_time_of_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 5
        && bytes[2] == b':'
        && digits(&bytes[..2]).is_some_and(|hour| hour < 24)
        && digits(&bytes[3..]).is_some_and(|minute| minute < 60)
}

fn digits(bytes: &[u8]) -> Option<u32> {
    let digit = |value: u32, byte: &u8| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0'));
    bytes.iter().try_fold(0, digit)
}

const fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_are_dates() {
        for good in ["2026-12-29", "2024-02-29", "2000-02-29", "0001-01-31"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "2026-02-29",
            "2100-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "2026-1-1",
            "26-12-29",
            "2026-12-29T00:00",
            "２026-12-2",
            "2026/12/29",
            "",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn a_time_of_day_has_two_digits_each() {
        assert!(is_time_of_day("00:00") && is_time_of_day("23:59"));
        for bad in ["24:00", "12:60", "9:00", "09.00", "09:00:00", "", "ab:cd"] {
            assert!(!is_time_of_day(bad), "{bad}");
        }
    }
}
