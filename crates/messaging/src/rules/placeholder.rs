//! `{{name}}` in a text (spec 3.3).

use std::collections::BTreeMap;

/// Longest name of a placeholder, in bytes; anything longer is ordinary text.
const NAME_BYTES_MAX: usize = 64;

/// A text with its placeholders filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filled {
    /// The text; placeholders without a value stand as they were.
    pub text: String,
    /// The first placeholder without a value.
    pub unresolved: Option<String>,
}

/// Fills in the placeholders of `text`. Values are not searched for further placeholders. What `is_later` knows stays as
/// it is and is not missed.
pub(super) fn fill<'v>(
    text: &str,
    value_of: impl Fn(&str) -> Option<&'v str>,
    is_later: impl Fn(&str) -> bool,
) -> Filled {
    let mut out = String::with_capacity(text.len());
    let mut unresolved = None;
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let Some(name) = name_at(from) else {
            out.push('{');
            rest = &from[1..];
            continue;
        };
        let (placeholder, after) = from.split_at(name.len() + 4);
        let name = name.trim();
        match value_of(name) {
            Some(value) => out.push_str(value),
            None => {
                if !is_later(name) {
                    unresolved.get_or_insert_with(|| name.to_owned());
                }
                out.push_str(placeholder);
            }
        }
        rest = after;
    }
    out.push_str(rest);
    Filled { text: out, unresolved }
}

/// A text of a call flow with its placeholders filled in.
///
/// # Errors
/// The first placeholder without a value.
pub fn fill_spoken(text: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let Filled { text, unresolved } = fill(text, |name| values.get(name).map(String::as_str), |_| false);
    unresolved.map_or(Ok(text), Err)
}

/// The names of the placeholders of `text`, in order, each as often as it stands there.
pub(super) fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let from = &rest[start..];
        match name_at(from) {
            Some(name) => {
                names.push(name.trim().to_owned());
                rest = &from[name.len() + 4..];
            }
            None => rest = &from[1..],
        }
    }
    names
}

/// The untrimmed name of the placeholder that `from` begins with.
fn name_at(from: &str) -> Option<&str> {
    let inside = from.strip_prefix("{{")?;
    let end = inside.bytes().take(NAME_BYTES_MAX + 1).position(|byte| byte == b'}')?;
    let (name, closing) = inside.split_at(end);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '$' | ' ');
    let named = !name.trim().is_empty() && name.chars().all(plain);
    (closing.starts_with("}}") && named).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_call_says_is_whole_or_not_said() {
        let values = BTreeMap::from([("name".to_owned(), "Ann".to_owned())]);
        assert_eq!(fill_spoken("Hello {{ name }}.", &values), Ok("Hello Ann.".to_owned()));
        assert_eq!(fill_spoken("Hello {{name}} of {{town}}.", &values), Err("town".to_owned()));
    }

    fn check(text: &str, expected: &str, unresolved: Option<&str>) {
        let filled = fill(text, |name| (name == "name").then_some("Ann {{x}}"), |_| false);
        assert_eq!(
            filled,
            Filled { text: expected.to_owned(), unresolved: unresolved.map(str::to_owned) },
            "{text}"
        );
    }

    #[test]
    fn a_placeholder_is_replaced_once_and_its_value_is_taken_as_it_is() {
        check("Hi {{name}}, {{ name }}!", "Hi Ann {{x}}, Ann {{x}}!", None);
        check("{{{name}}}", "{Ann {{x}}}", None);
    }

    #[test]
    fn a_placeholder_without_a_value_stays_and_the_first_is_named() {
        check("{{link_5}} {{other}}", "{{link_5}} {{other}}", Some("link_5"));
        check("{{é}}", "{{é}}", Some("é"));
    }

    #[test]
    fn braces_that_are_no_placeholder_are_text() {
        for text in ["{{", "{{}}", "{{ }}", "{{a}", "{{a}b}}", "{{a\nb}}", "{a}", "}}{{", "{{a{b}}"] {
            check(text, text, None);
        }
        let long = format!("{{{{{}}}}}", "n".repeat(65));
        check(&long, &long, None);
    }
}
