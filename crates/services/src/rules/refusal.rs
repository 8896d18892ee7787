//! Why a request is refused: catalogue codes, most specific first, and what to change.

use std::borrow::Cow;

use waypost_status::MtapiCode;

/// Codes one answer carries at most.
const CODES_MAX: usize = 4;

/// Where a request is wrong and what the rule is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Path of the member, name of the parameter or header.
    pub field: Cow<'static, str>,
    /// What it must be.
    pub rule: Cow<'static, str>,
}

/// A refused request. It holds at least one code; there is no refusal without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    first: MtapiCode,
    more: Vec<MtapiCode>,
    http: Option<u16>,
    detail: Option<Box<Detail>>,
}

impl From<MtapiCode> for Refusal {
    fn from(code: MtapiCode) -> Self {
        Self { first: code, more: Vec::new(), http: None, detail: None }
    }
}

impl Refusal {
    /// A missing argument or an invalid value: 901002.
    #[must_use]
    pub fn argument(field: impl Into<Cow<'static, str>>, rule: impl Into<Cow<'static, str>>) -> Self {
        Self::from(MtapiCode::ArgumentError).at(field, rule)
    }

    /// The caller may not do this: 901006, HTTP 403.
    #[must_use]
    pub fn forbidden(field: impl Into<Cow<'static, str>>, rule: impl Into<Cow<'static, str>>) -> Self {
        Self::from(MtapiCode::AuthorizationError).at(field, rule)
    }

    /// Names the place and the rule.
    #[must_use]
    pub fn at(mut self, field: impl Into<Cow<'static, str>>, rule: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(Box::new(Detail { field: field.into(), rule: rule.into() }));
        self
    }

    /// Adds a less specific code; one that is there already is not repeated.
    #[must_use]
    pub fn and(mut self, code: MtapiCode) -> Self {
        if self.codes().all(|own| own != code) && self.more.len() + 1 < CODES_MAX {
            self.more.push(code);
        }
        self
    }

    /// Puts a more specific code in front; place and rule stay. HTTP becomes that of the new code, unless it was set.
    #[must_use]
    pub fn led_by(mut self, code: MtapiCode) -> Self {
        let before = std::mem::replace(&mut self.first, code);
        if before != code {
            self.more.retain(|own| *own != code);
            self.more.insert(0, before);
            self.more.truncate(CODES_MAX - 1);
        }
        self
    }

    /// Answers with another HTTP status than the first code's.
    #[must_use]
    pub const fn with_http(mut self, status: u16) -> Self {
        self.http = Some(status);
        self
    }

    /// The bad identifier stood in the query or the body, not in the path: 400 in place of 404 (spec 2.4).
    #[must_use]
    pub fn in_input(self) -> Self {
        if self.http_status() == 404 { self.with_http(400) } else { self }
    }

    /// The codes, most specific first.
    pub fn codes(&self) -> impl Iterator<Item = MtapiCode> + '_ {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }

    /// The most specific code.
    #[must_use]
    pub const fn first(&self) -> MtapiCode {
        self.first
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        self.http.unwrap_or(self.first.entry().http_status)
    }

    /// The place and the rule, where they are known.
    #[must_use]
    pub fn detail(&self) -> Option<&Detail> {
        self.detail.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_most_specific_first_and_none_is_repeated() {
        let refusal = Refusal::from(MtapiCode::ServiceRequestNotFound)
            .and(MtapiCode::RetrievingServiceRequestFailed)
            .and(MtapiCode::ServiceRequestNotFound);
        let codes: Vec<i64> = refusal.codes().map(|code| code.entry().code).collect();
        assert_eq!(codes, [4_041_001, 617_001]);
        assert_eq!(refusal.http_status(), 404);
    }

    #[test]
    fn a_more_specific_code_is_put_in_front() {
        let refusal = Refusal::argument("a", "b").led_by(MtapiCode::InvalidArgument);
        let codes: Vec<i64> = refusal.codes().map(|code| code.entry().code).collect();
        assert_eq!(
            (codes, refusal.detail().map(|own| own.field.as_ref())),
            (vec![611_005, 901_002], Some("a"))
        );
        assert_eq!(refusal.clone().led_by(MtapiCode::InvalidArgument), refusal);
    }

    #[test]
    fn a_not_found_identifier_outside_the_path_is_a_bad_request() {
        assert_eq!(Refusal::from(MtapiCode::UserNotFound).in_input().http_status(), 400);
        assert_eq!(Refusal::from(MtapiCode::AuthorizationError).in_input().http_status(), 403);
    }
}
