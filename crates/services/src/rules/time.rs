//! The dates of the contract: ISO 8601 without a zone (spec 2.7).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use waypost_core::time::Micros;

/// The zone of the dates whose name does not end in `Utc`.
#[derive(Clone, Debug)]
pub struct Local(TimeZone);

impl Local {
    /// Of an IANA name such as `America/Toronto`.
    ///
    /// # Errors
    /// When the zone database does not know it.
    pub fn parse(name: &str) -> Result<Self, String> {
        TimeZone::get(name).map(Self).map_err(|_| format!("unknown time zone `{name}`"))
    }

    /// Coordinated universal time.
    #[must_use]
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// `2021-08-18T18:34:41` on this zone's wall clock.
    #[must_use]
    pub fn show(&self, at: Micros) -> String {
        stamp(at).to_zoned(self.0.clone()).strftime("%Y-%m-%dT%H:%M:%S").to_string()
    }

    /// Reads a date or a date-time; without an offset it is this zone's wall clock.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Micros> {
        let text = text.trim();
        let at = text.parse::<Timestamp>().ok().or_else(|| {
            let civil = text.parse::<DateTime>().ok().or_else(|| {
                text.parse::<Date>().ok().map(|date| date.to_datetime(jiff::civil::Time::midnight()))
            })?;
            civil.to_zoned(self.0.clone()).ok().map(|zoned| zoned.timestamp())
        })?;
        Some(Micros(at.as_microsecond()))
    }
}

/// `2021-08-18T22:34:41` in coordinated universal time, for fields whose name ends in `Utc`.
#[must_use]
pub fn show_utc(at: Micros) -> String {
    stamp(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn stamp(at: Micros) -> Timestamp {
    Timestamp::from_microsecond(at.0).unwrap_or(if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_is_shown_local_and_in_utc_as_in_the_published_sample() {
        let local = Local::parse("America/Toronto").unwrap();
        let at = local.read("2021-08-18T18:34:41").unwrap();
        assert_eq!(local.show(at), "2021-08-18T18:34:41");
        assert_eq!(show_utc(at), "2021-08-18T22:34:41");
    }

    #[test]
    fn a_date_is_its_local_midnight_and_an_offset_wins() {
        let local = Local::parse("America/Toronto").unwrap();
        assert_eq!(show_utc(local.read("2021-05-20").unwrap()), "2021-05-20T04:00:00");
        assert_eq!(show_utc(local.read("2020-10-06T15:46:32.9160193-04:00").unwrap()), "2020-10-06T19:46:32");
        assert_eq!(show_utc(local.read("2020-10-06T15:46:32Z").unwrap()), "2020-10-06T15:46:32");
        for odd in ["", "tomorrow", "2021-13-01", "20210801"] {
            assert!(odd == "20210801" || local.read(odd).is_none(), "{odd}");
        }
    }
}
