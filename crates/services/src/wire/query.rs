//! A query string. Names are matched in any case, as the published clients write them in several.

use url::form_urlencoded;

/// The parameters of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

/// Parameters read at most; more are ignored.
const PARAMETERS_MAX: usize = 64;

impl Query {
    /// Reads what stands after the question mark.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes()).take(PARAMETERS_MAX);
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// A query with one more parameter, ahead of all others.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(0, (name.to_owned(), value.to_owned()));
        self
    }

    /// The first value of a parameter, trimmed; an empty one counts as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether the parameter is there, empty or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_in_any_case_and_values_decoded() {
        let query = Query::parse("userId=5&EnglishName=a%20b+c&empty=&userid=6&bad=%FF");
        assert_eq!(query.get("userid"), Some("5"));
        assert_eq!(query.get("englishName"), Some("a b c"));
        assert_eq!((query.get("empty"), query.has("empty"), query.has("none")), (None, true, false));
        assert_eq!(query.get("bad"), Some("\u{fffd}"));
    }
}
