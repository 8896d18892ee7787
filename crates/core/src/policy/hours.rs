//! A daily window of the wall clock, such as the hours in which promotional messages may be sent.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// From a minute of the day to another, the second not included; it may reach over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyWindow {
    from: u16,
    to: u16,
}

/// A text that is no window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a daily window is written HH:MM-HH:MM, its end is not its beginning, 24:00 is the end of the day")]
pub struct WindowError;

impl DailyWindow {
    /// Whether minute `minute` of the day (0..=1439) is inside.
    #[must_use]
    pub const fn contains(self, minute: u16) -> bool {
        if self.from < self.to {
            self.from <= minute && minute < self.to
        } else {
            self.from <= minute || minute < self.to
        }
    }
}

impl FromStr for DailyWindow {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, WindowError> {
        let (from, to) = text.split_once('-').ok_or(WindowError)?;
        let (from, to) = (minute(from).ok_or(WindowError)?, minute(to).ok_or(WindowError)?);
        if from == to || from == DAY { Err(WindowError) } else { Ok(Self { from, to }) }
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| {
        let good = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        good.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    let of_day = hour * 60 + minute;
    (minute < 60 && of_day <= DAY).then_some(of_day)
}

impl fmt::Display for DailyWindow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from, self.to);
        write!(out, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(text: &str) -> DailyWindow {
        text.parse().unwrap()
    }

    #[test]
    fn a_window_has_its_first_minute_and_not_its_last() {
        let day = window("09:00-20:00");
        assert_eq!([539, 540, 1_199, 1_200].map(|minute| day.contains(minute)), [false, true, true, false]);
    }

    #[test]
    fn a_window_may_reach_over_midnight_or_to_the_end_of_the_day() {
        let night = window("22:00-06:00");
        assert_eq!([1_319, 1_320, 0, 359, 360].map(|m| night.contains(m)), [false, true, true, true, false]);
        let all = window("00:00-24:00");
        assert!([0, 1_439].into_iter().all(|minute| all.contains(minute)));
    }

    #[test]
    fn what_is_no_window_is_refused_and_what_is_one_reads_back() {
        for text in [
            "",
            "9:00-20:00",
            "09:00",
            "09:00-09:00",
            "24:00-09:00",
            "09:60-10:00",
            "25:00-26:00",
            "09:00-2०:00",
        ] {
            assert_eq!(text.parse::<DailyWindow>(), Err(WindowError), "{text}");
        }
        for text in ["09:00-20:00", "22:00-06:00", "00:00-24:00"] {
            assert_eq!(window(text).to_string(), text);
        }
    }
}
