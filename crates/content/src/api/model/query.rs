//! What a request asks for behind the question mark.

use std::collections::HashMap;

use axum::extract::Query;
use axum::http::Uri;

use crate::rules::{Place, Refusal};

/// Rows of a page when none are asked for.
const PAGE: i64 = 100;
/// Rows of a page at most.
const PAGE_MAX: i64 = 1_000;

/// The parameters of a request; each is taken out, what is left at the end is unknown.
pub(super) struct Given(HashMap<String, String>);

impl Given {
    /// Reads them.
    ///
    /// # Errors
    /// 4006 when they are no parameters.
    pub fn of(uri: &Uri) -> Result<Self, Refusal> {
        let read = Query::<HashMap<String, String>>::try_from_uri(uri);
        read.map(|Query(given)| Self(given)).map_err(|_| invalid("query", "parameters as a form writes them"))
    }

    /// One of them.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// 4006.
    pub fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Refusal> {
        match self.take(name).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(invalid(name, "true or false")),
        }
    }

    /// `after` and `limit`.
    ///
    /// # Errors
    /// 4006.
    pub fn page(&mut self) -> Result<(String, i64), Refusal> {
        let limit = match self.take("limit") {
            None => PAGE,
            Some(given) => given
                .parse()
                .ok()
                .filter(|limit| (1..=PAGE_MAX).contains(limit))
                .ok_or_else(|| invalid("limit", "a number from 1 to 1000"))?,
        };
        Ok((self.take("after").unwrap_or_default(), limit))
    }

    /// Refuses what nobody asked about: a slip in a name must not go unseen.
    ///
    /// # Errors
    /// 4006 with the first of them.
    pub fn end(self) -> Result<(), Refusal> {
        match self.0.into_keys().min() {
            None => Ok(()),
            Some(name) => Err(invalid(&name, "left out: it is no parameter of this path")),
        }
    }
}

/// A value that cannot be used.
pub(super) fn invalid(field: &str, rule: &'static str) -> Refusal {
    Refusal::Invalid(Place::message(field), rule.into())
}
