//! Filling the placeholders `{Parameter_Name}` of a template (spec 4.4, Email).

use std::collections::BTreeMap;

/// Values by name, names in small letters: applications write them in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Adds a value in place of the former one of that name.
    pub fn set(&mut self, name: &str, value: String) {
        self.0.insert(name.trim().to_lowercase(), value);
    }

    /// Adds a value unless one of that name is there.
    pub fn set_default(&mut self, name: &str, value: String) {
        self.0.entry(name.to_lowercase()).or_insert(value);
    }
}

/// How values stand in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As they are.
    Plain,
    /// With `& < > " '` escaped.
    Html,
}

/// Longest name of a placeholder, characters.
const NAME_CHARS_MAX: usize = 100;

/// The text with every placeholder filled. Braces around anything but a name are left as they are. Values are not looked through
/// for placeholders again.
///
/// # Errors
/// The name of a placeholder without a value: a letter with braces in it helps nobody.
pub fn fill(text: &str, with: &Parameters, style: Style) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        filled.push_str(before);
        match name(from) {
            Some(name) => {
                let value = with.0.get(&name.to_lowercase()).ok_or_else(|| name.to_owned())?;
                match style {
                    Style::Plain => filled.push_str(value),
                    Style::Html => filled.push_str(&escaped(value)),
                }
                rest = &from[name.len() + 2..];
            }
            None => {
                filled.push('{');
                rest = &from[1..];
            }
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The name in a text that starts with `{name}`.
fn name(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!name.is_empty() && name.chars().count() <= NAME_CHARS_MAX && name.chars().all(good)).then_some(name)
}

/// A text as HTML shows it.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// What a reader without HTML sees: the text without tags, the commonest entities undone.
#[must_use]
pub fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, from) = rest.split_at(start);
        text.push_str(before);
        let Some(end) = from.find('>') else {
            rest = from;
            break;
        };
        let tag = from[1..end].trim_start_matches('/').to_ascii_lowercase();
        if ["br", "p", "div", "li", "tr", "h1", "h2", "h3"].iter().any(|block| is_tag(&tag, block)) {
            text.push('\n');
        }
        rest = &from[end + 1..];
    }
    text.push_str(rest);
    let entities =
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    let text = entities.iter().fold(text, |text, (entity, c)| text.replace(entity, c));
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut tidy = String::with_capacity(text.len());
    for (place, line) in lines.iter().enumerate() {
        // At most one empty line in a row.
        if !(line.is_empty() && (place == 0 || lines[place - 1].is_empty())) {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy.trim_end().to_owned()
}

fn is_tag(tag: &str, name: &str) -> bool {
    tag.strip_prefix(name).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters() -> Parameters {
        let mut own = Parameters::default();
        own.set("First_Name", "{Last_Name} <b>".to_owned());
        own.set(" Last_Name ", "O'Hara".to_owned());
        own
    }

    #[test]
    fn placeholders_are_filled_once_in_any_case_and_other_braces_stay() {
        let with = parameters();
        assert_eq!(
            fill("Dear {first_name} {LAST_NAME}, { x } {} {a b} {", &with, Style::Plain),
            Ok("Dear {Last_Name} <b> O'Hara, { x } {} {a b} {".to_owned())
        );
        assert_eq!(
            fill("<p>{First_Name}</p>", &with, Style::Html),
            Ok("<p>{Last_Name} &lt;b&gt;</p>".to_owned())
        );
        assert_eq!(fill("{{Last_Name}}", &with, Style::Plain), Ok("{O'Hara}".to_owned()));
    }

    #[test]
    fn a_placeholder_without_a_value_is_named() {
        assert_eq!(fill("Dear {Other},", &parameters(), Style::Plain), Err("Other".to_owned()));
        let mut with = parameters();
        with.set_default("other", "x".to_owned());
        with.set_default("last_name", "y".to_owned());
        assert_eq!(fill("{Other} {Last_Name}", &with, Style::Plain), Ok("x O'Hara".to_owned()));
    }

    #[test]
    fn a_reader_without_html_sees_the_words() {
        let html =
            "<h1>Hello</h1><p>Fish &amp; <b>chips</b><br/>today &lt;b&gt;</p><p></p><preset>x</preset>";
        assert_eq!(plain(html), "Hello\n\nFish & chips\ntoday <b>\n\nx");
        assert_eq!(plain("a < b"), "a < b");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = fill(&text, &parameters(), Style::Html);
            let _ = plain(&text);
        }
    }
}
