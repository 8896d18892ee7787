//! Values: all travel as texts.

use jiff::civil::{Date, DateTime};
use waypost_core::msisdn::{Msisdn, PlusRule};

use super::attribute::ValueKind;

/// Longest value of an attribute, in bytes.
const TEXT_BYTES_MAX: usize = 1_024;
/// Longest token, in bytes: subscriptions of browsers are the longest.
const TOKEN_BYTES_MAX: usize = 4_096;
/// Longest mail address, in bytes.
const EMAIL_BYTES_MAX: usize = 254;

/// What is wrong with a value that is not empty; `None` for a good one. `Status` is judged by its record.
pub(super) fn broken_rule(kind: ValueKind, value: &str) -> Option<&'static str> {
    let good = match kind {
        ValueKind::Text | ValueKind::Status => value.len() <= TEXT_BYTES_MAX,
        ValueKind::Token => value.len() <= TOKEN_BYTES_MAX,
        ValueKind::Number => is_number(value),
        ValueKind::Flag => matches!(value, "0" | "1"),
        ValueKind::Date => is_date(value),
        ValueKind::Email => canonical_email(value).is_some(),
        ValueKind::Msisdn => canonical_msisdn(value).is_some(),
        ValueKind::Word(word) => value.eq_ignore_ascii_case(word),
    };
    (!good).then(|| rule(kind))
}

/// What the values of a kind must be.
pub(super) const fn rule(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text | ValueKind::Status => "a text of at most 1024 bytes",
        ValueKind::Token => "a text of at most 4096 bytes",
        ValueKind::Number => "a decimal number",
        ValueKind::Flag => "0 or 1",
        ValueKind::Date => "a date as 2016-07-11, 2016-07-11 17:02:51 or 2018-01-21T16:39:54+0530",
        ValueKind::Email => "a mail address of at most 254 bytes",
        ValueKind::Msisdn => "5 to 15 digits, with or without +",
        ValueKind::Word(_) => "the word of the profile store's channel",
    }
}

fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    value.len() <= 64 && all(whole) && all(part)
}

fn is_date(value: &str) -> bool {
    const STYLES: &[&str] = &["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f%z"];
    if value.len() > 64 {
        return false;
    }
    value.parse::<Date>().is_ok()
        || value.parse::<DateTime>().is_ok()
        || value.parse::<jiff::Timestamp>().is_ok()
        || STYLES.iter().any(|style| jiff::fmt::strtime::parse(style, value).is_ok())
}

/// A mail address as it is compared: in small letters. `None` when it is none.
#[must_use]
pub fn canonical_email(value: &str) -> Option<String> {
    let value = value.trim();
    let (local, domain) = value.rsplit_once('@')?;
    let plain = !value.contains(|c: char| c.is_whitespace() || c.is_control());
    let good = plain && !local.is_empty() && !domain.is_empty() && value.len() <= EMAIL_BYTES_MAX;
    good.then(|| value.to_lowercase())
}

/// A number as it is compared: its digits. `None` when it is none.
#[must_use]
pub fn canonical_msisdn(value: &str) -> Option<String> {
    Msisdn::parse(value, PlusRule::Optional).ok().map(|number| number.to_string())
}
