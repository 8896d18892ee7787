//! What a value may look like, and its check.

use super::date::{is_date, is_time_of_day};
use super::decimal::Decimal;
use super::json::Json;
use super::schema::{self, Faults, Field};

/// Characters of a code at most (spec 2.8).
pub const CODE_CHARS_MAX: usize = 255;

/// The shapes of values.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A text.
    Text,
    /// 1 to 255 characters without blanks around them; case matters.
    Code,
    /// A text or a number, kept as it came: postal codes, telephone numbers.
    Loose,
    /// Decimal degrees up to this many, as a text or a number, kept as it came.
    Degrees(i64),
    /// A whole number from the first to the second.
    Whole(i64, i64),
    /// A number from the first to the second, kept exactly.
    Number(i64, i64),
    /// `true` or `false`.
    Flag,
    /// `YYYY-MM-DD`.
    Date,
    /// `HH:MM`.
    Time,
    /// This many capital letters.
    Capitals(usize),
    /// One of these words; the second list are other ways to write some of them.
    Word(&'static [&'static str], &'static [(&'static str, &'static str)]),
    /// ISO 4217, as a text or as `{code,name}`, kept as it came.
    Currency,
    /// An array of texts.
    Texts,
    /// An array of codes, each once.
    Codes,
    /// An object.
    Object(&'static [Field]),
    /// An array of objects.
    List(&'static [Field]),
    /// An array of anything.
    Array,
    /// Anything: a field whose shape nobody has published.
    Any,
}

/// Integers of the wire fit 32 bits; a larger one is a mistake.
pub const WHOLE_MAX: i64 = 2_147_483_647;

/// Checks one value that is neither absent, null nor blank.
pub fn check(shape: &Shape, value: &mut Json, path: &str, faults: &mut Faults) {
    match shape {
        Shape::Object(fields) if value.members().is_some() => {
            schema::check(fields, value, path, faults);
        }
        Shape::List(fields) if value.list().is_some() => {
            elements(value, path, faults, |value, at, faults| {
                if value.members().is_some() {
                    schema::check(fields, value, at, faults);
                } else {
                    faults.invalid(at, "an object");
                }
            })
        }
        Shape::Texts if value.list().is_some() => elements(value, path, faults, |value, at, faults| {
            if value.text().is_none() {
                faults.invalid(at, "a text");
            }
        }),
        Shape::Codes if value.list().is_some() => codes(value, path, faults),
        Shape::Currency if value.members().is_some() => {
            schema::check(&[schema::required("code", Shape::Capitals(3))], value, path, faults);
        }
        Shape::Word(_, aliases) => {
            if let Some((_, word)) = aliases.iter().find(|(alias, _)| value.text() == Some(alias)) {
                *value = Json::from(*word);
            }
            simple(shape, value, path, faults);
        }
        _ => simple(shape, value, path, faults),
    }
}

fn elements(
    value: &mut Json,
    path: &str,
    faults: &mut Faults,
    mut each: impl FnMut(&mut Json, &str, &mut Faults),
) {
    if let Json::List(list) = value {
        for (place, element) in list.iter_mut().enumerate() {
            each(element, &format!("{path}[{place}]"), faults);
        }
    }
}

fn codes(value: &mut Json, path: &str, faults: &mut Faults) {
    let mut seen = std::collections::HashSet::new();
    elements(value, path, faults, |value, at, faults| match value.text() {
        Some(code) if is_code(code) => {
            if !seen.insert(code.to_owned()) {
                faults.invalid(at, "each code once");
            }
        }
        _ => faults.invalid(at, CODE_RULE),
    });
}

const CODE_RULE: &str = "a text of 1 to 255 characters without blanks around it";

fn simple(shape: &Shape, value: &Json, path: &str, faults: &mut Faults) {
    if !is_good(shape, value) {
        faults.invalid(path, rule(shape));
    }
}

fn is_good(shape: &Shape, value: &Json) -> bool {
    match shape {
        Shape::Text => value.text().is_some(),
        Shape::Code => value.text().is_some_and(is_code),
        Shape::Loose => matches!(value, Json::Text(_) | Json::Number(_)),
        Shape::Degrees(max) => number(value, true).is_some_and(|it| within(&it, -max, *max)),
        Shape::Whole(min, max) => {
            number(value, false).is_some_and(|it| it.is_whole() && within(&it, *min, *max))
        }
        Shape::Number(min, max) => number(value, false).is_some_and(|it| within(&it, *min, *max)),
        Shape::Flag => matches!(value, Json::Flag(_)),
        Shape::Date => value.text().is_some_and(is_date),
        Shape::Time => value.text().is_some_and(is_time_of_day),
        Shape::Capitals(count) => value
            .text()
            .is_some_and(|text| text.len() == *count && text.bytes().all(|byte| byte.is_ascii_uppercase())),
        Shape::Currency => is_good(&Shape::Capitals(3), value),
        Shape::Word(words, _) => value.text().is_some_and(|text| words.contains(&text)),
        Shape::Any => true,
        Shape::Array => value.list().is_some(),
        // Arrays and objects of the right type are walked before.
        Shape::Texts | Shape::Codes | Shape::Object(_) | Shape::List(_) => false,
    }
}

fn number(value: &Json, or_text: bool) -> Option<Decimal> {
    match value {
        Json::Number(digits) => Decimal::parse(digits),
        Json::Text(text) if or_text => Decimal::parse(text.trim()),
        _ => None,
    }
}

fn within(value: &Decimal, min: i64, max: i64) -> bool {
    (Decimal::from(min)..=Decimal::from(max)).contains(value)
}

/// Whether a text may be a code (spec 2.8).
#[must_use]
pub fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.trim() == text
        && text.chars().count() <= CODE_CHARS_MAX
        && !text.chars().any(char::is_control)
}

fn rule(shape: &Shape) -> String {
    match shape {
        Shape::Text => "a text".to_owned(),
        Shape::Code => CODE_RULE.to_owned(),
        Shape::Loose => "a text or a number".to_owned(),
        Shape::Degrees(max) => format!("decimal degrees from -{max} to {max}, as a text or a number"),
        Shape::Whole(min, WHOLE_MAX) => format!("a whole number of at least {min}"),
        Shape::Whole(min, max) => format!("a whole number from {min} to {max}"),
        Shape::Number(min, WHOLE_MAX) => format!("a number of at least {min}"),
        Shape::Number(min, max) => format!("a number from {min} to {max}"),
        Shape::Flag => "true or false".to_owned(),
        Shape::Date => "a date as YYYY-MM-DD".to_owned(),
        Shape::Time => "a time as HH:MM".to_owned(),
        Shape::Capitals(2) => "two capital letters (ISO 3166-1)".to_owned(),
        Shape::Capitals(3) => "three capital letters (ISO 4217)".to_owned(),
        Shape::Capitals(count) => format!("{count} capital letters"),
        Shape::Word(words, _) => format!("one of {}", words.join(", ")),
        Shape::Currency => "a currency of ISO 4217, as a text or as {code,name}".to_owned(),
        Shape::Texts => "an array of texts".to_owned(),
        Shape::Codes => "an array of codes".to_owned(),
        Shape::Object(_) => "an object".to_owned(),
        Shape::List(_) => "an array of objects".to_owned(),
        Shape::Array => "an array".to_owned(),
        Shape::Any => "anything".to_owned(),
    }
}
