//! Which part of a list is asked for.

use axum::http::Uri;

use super::fault::Fault;
use crate::rt::inbox::PAGE_MAX;

/// The farthest a list is read; beyond it every page costs as much as all before.
const START_MAX: u32 = 1_000_000;

/// The members of a query.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Those of an address.
    pub fn of(uri: &Uri) -> Self {
        let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// The first with this name that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
            .filter(|v| !v.is_empty())
    }

    /// A flag: `true` or `false`.
    pub fn flag(&self, name: &'static str) -> Result<bool, Fault> {
        match self.text(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Fault::Invalid(name, "true or false")),
        }
    }

    /// How many are passed over.
    pub fn start(&self, name: &'static str) -> Result<u32, Fault> {
        let Some(text) = self.text(name) else { return Ok(0) };
        let number = text.parse().ok().filter(|number| *number <= START_MAX);
        number.ok_or(Fault::Invalid(name, "a number from 0 to 1000000"))
    }

    /// How many are wanted at most.
    pub fn limit(&self) -> Result<u32, Fault> {
        let Some(text) = self.text("limit") else { return Ok(PAGE_MAX) };
        let number = text.parse().ok().filter(|number| (1..=PAGE_MAX).contains(number));
        number.ok_or(Fault::Invalid("limit", "a number from 1 to 100"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &'static str) -> Query {
        Query::of(&format!("/x?{query}").parse().unwrap())
    }

    #[test]
    fn a_page_has_a_start_and_a_size_within_bounds() {
        assert_eq!((of("").start("start"), of("").limit()), (Ok(0), Ok(100)));
        assert_eq!((of("start=7&limit=2").start("start"), of("start=7&limit=2").limit()), (Ok(7), Ok(2)));
        for bad in ["start=-1", "start=x", "start=1000001"] {
            assert_eq!(of(bad).start("start"), Err(Fault::Invalid("start", "a number from 0 to 1000000")));
        }
        for bad in ["limit=0", "limit=101", "limit=x"] {
            assert_eq!(of(bad).limit(), Err(Fault::Invalid("limit", "a number from 1 to 100")));
        }
    }

    #[test]
    fn a_flag_is_true_or_false_and_nothing_else() {
        assert_eq!(
            (of("").flag("f"), of("f=true").flag("f"), of("f=false").flag("f")),
            (Ok(false), Ok(true), Ok(false))
        );
        assert_eq!(of("f=1").flag("f"), Err(Fault::Invalid("f", "true or false")));
        assert_eq!(of("f=&f=true").text("f"), None);
    }
}
