//! What an answer, a header or an outcome is made of.

use std::borrow::Cow;
use std::fmt;

use crate::entry::Entry;
use crate::template::{fill, has_placeholders};

/// A code with its text, ready to be sent. Made only from a row of the catalogue, through the enums' `status` and
/// `status_with`: a program cannot answer with a code that nobody has written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    entry: &'static Entry,
    message: Cow<'static, str>,
}

impl Status {
    /// Without values a text with placeholders is sent as it is published, `xxx` and all, rather than with bare braces.
    pub(crate) fn new(entry: &'static Entry) -> Self {
        let text = if has_placeholders(entry.text()) { entry.message } else { entry.text() };
        Self { entry, message: Cow::Borrowed(text) }
    }

    pub(crate) fn with(entry: &'static Entry, values: &[(&str, &str)]) -> Self {
        Self { entry, message: Cow::Owned(fill(entry.text(), values)) }
    }

    /// The number; 0 for MTAPI's `NotSet`, whose written form is `-1`.
    pub fn code(&self) -> u32 {
        u32::try_from(self.entry.code).unwrap_or_default()
    }

    /// The number as it is written on the wire.
    pub fn code_str(&self) -> &'static str {
        self.entry.code_text
    }

    /// The text, filled.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The HTTP status of an answer made of this alone.
    pub fn http_status(&self) -> u16 {
        self.entry.http_status
    }

    /// The row of the catalogue.
    pub fn entry(&self) -> &'static Entry {
        self.entry
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code_str(), self.message)
    }
}
