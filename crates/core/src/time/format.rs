//! The date forms the messaging contract writes (spec 2.6).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use thiserror::Error;

use super::Micros;

/// A tenant's time zone.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

/// A zone name that the zone database does not know.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown time zone `{0}`, expected an IANA name such as Europe/London")]
pub struct ZoneError(String);

impl Zone {
    /// Coordinated universal time.
    #[must_use]
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The zone of an IANA name such as `Europe/London`; the database is part of the binary.
    ///
    /// # Errors
    /// [`ZoneError`] for a name that is not in the database.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        TimeZone::get(name).map(Self).map_err(|_| ZoneError(name.to_owned()))
    }

    /// Minutes since local midnight at `at` (0..=1439); for daily windows such as social hours.
    #[must_use]
    pub fn minute_of_day(&self, at: Micros) -> u16 {
        let local = stamp(at).to_zoned(self.0.clone());
        let minutes = i32::from(local.hour()) * 60 + i32::from(local.minute());
        u16::try_from(minutes).unwrap_or_default()
    }
}

/// Clamps to the years a date can show (-9999..=9999).
fn stamp(at: Micros) -> Timestamp {
    Timestamp::from_microsecond(at.0).unwrap_or(if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The `timeStamp` of a delivery notification: `2022-10-10T13:53:13.749+01:00` (spec 4.2).
#[must_use]
pub fn notification_timestamp(at: Micros, zone: &Zone) -> String {
    stamp(at).to_zoned(zone.0.clone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// The dates of the Transaction Status API: `Mon, 16 Aug 2010 03:45:01 UTC` (spec 5).
#[must_use]
pub fn status_timestamp(at: Micros) -> String {
    stamp(at).strftime("%a, %d %b %Y %H:%M:%S UTC").to_string()
}

/// RFC 3339 in UTC with milliseconds: `2020-08-13T11:47:31.688Z`.
#[must_use]
pub fn rfc3339_utc(at: Micros) -> String {
    stamp(at).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_shows_the_tenants_wall_clock_and_offset() {
        let at = Micros(1_665_406_393_749_000);
        let london = Zone::parse("Europe/London").unwrap();
        assert_eq!(notification_timestamp(at, &london), "2022-10-10T13:53:13.749+01:00");
        assert_eq!(notification_timestamp(at, &Zone::utc()), "2022-10-10T12:53:13.749+00:00");
        let kolkata = Zone::parse("Asia/Kolkata").unwrap();
        assert_eq!(notification_timestamp(at, &kolkata), "2022-10-10T18:23:13.749+05:30");
        assert_eq!(kolkata.minute_of_day(at), 18 * 60 + 23);
    }

    #[test]
    fn whole_seconds_keep_three_decimals_and_microseconds_are_cut() {
        assert_eq!(rfc3339_utc(Micros::ZERO), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339_utc(Micros(1_999)), "1970-01-01T00:00:00.001Z");
    }

    #[test]
    fn a_status_date_is_written_as_in_the_contract() {
        assert_eq!(status_timestamp(Micros(1_281_930_301_000_000)), "Mon, 16 Aug 2010 03:45:01 UTC");
    }

    #[test]
    fn a_point_beyond_the_calendar_is_shown_as_its_edge() {
        assert_eq!(&rfc3339_utc(Micros::MAX)[..4], "9999");
    }

    #[test]
    fn an_unknown_zone_is_named_in_the_error() {
        let refused = Zone::parse("Europe/Atlantis").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "unknown time zone `Europe/Atlantis`, expected an IANA name such as Europe/London"
        );
    }
}
