//! Reading members of a place by their kind; the first that is of another is refused by its path.

use std::borrow::Cow;

use serde_json::Value;

use super::{Checked, Node, WEB_URL, is_web_url};

impl<'v> Node<'v> {
    /// A text, or a whole number in its place; an empty one counts as absent.
    pub fn text(&self, name: &'static str) -> Checked<Option<Cow<'v, str>>> {
        let Some(node) = self.get(name) else { return Ok(None) };
        let text = node.as_text().ok_or_else(|| node.wrong("a text"))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// This place as a text.
    pub fn as_text(&self) -> Option<Cow<'v, str>> {
        match self.value {
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Number(number) if !number.is_f64() => Some(Cow::Owned(number.to_string())),
            _ => None,
        }
    }

    /// A text that must be there.
    pub fn needed_text(&self, name: &'static str) -> Checked<Cow<'v, str>> {
        self.text(name)?.ok_or_else(|| self.absent(name, "mandatory"))
    }

    /// Texts that may be left out.
    pub fn texts(&self, names: &[&'static str]) -> Checked {
        names.iter().try_for_each(|name| self.text(name).map(|_| ()))
    }

    /// A text of at most `chars_max` characters, if given.
    pub fn short_text(&self, name: &'static str, chars_max: usize) -> Checked<Option<Cow<'v, str>>> {
        let text = self.text(name)?;
        match &text {
            Some(long) if long.chars().count() > chars_max => {
                let rule = format!("at most {chars_max} characters");
                Err(self.get(name).map_or_else(|| self.absent(name, "mandatory"), |node| node.wrong(rule)))
            }
            _ => Ok(text),
        }
    }

    /// One of several words, if given.
    pub fn one_of(&self, name: &'static str, words: &[&'static str]) -> Checked<Option<&'static str>> {
        let Some(node) = self.get(name) else { return Ok(None) };
        let given = node.value.as_str();
        if given == Some("") {
            return Ok(None);
        }
        let known = words.iter().copied().find(|word| given == Some(word));
        known.map(Some).ok_or_else(|| node.wrong(format!("one of {}", words.join(", "))))
    }

    /// One of several words, which must be there.
    pub fn needed_one_of(&self, name: &'static str, words: &[&'static str]) -> Checked<&'static str> {
        self.one_of(name, words)?.ok_or_else(|| self.absent(name, format!("one of {}", words.join(", "))))
    }

    /// Links to the web that may be left out.
    pub fn urls(&self, names: &[&'static str]) -> Checked {
        names.iter().try_for_each(|name| match self.text(name)? {
            Some(text) if !is_web_url(&text) => {
                Err(self.get(name).map_or_else(|| self.absent(name, "mandatory"), |node| node.wrong(WEB_URL)))
            }
            _ => Ok(()),
        })
    }

    /// A link to the web that must be there.
    pub fn needed_url(&self, name: &'static str) -> Checked {
        self.needed_text(name)?;
        self.urls(&[name])
    }

    /// A number, or a text of one.
    pub fn number(&self, name: &'static str) -> Checked<Option<f64>> {
        let Some(node) = self.get(name) else { return Ok(None) };
        let number = match node.value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) if text.is_empty() => return Ok(None),
            Value::String(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        };
        number.map(Some).ok_or_else(|| node.wrong("a number"))
    }

    /// Numbers that may be left out.
    pub fn numbers(&self, names: &[&'static str]) -> Checked {
        names.iter().try_for_each(|name| self.number(name).map(|_| ()))
    }

    /// A number between two others, which must be there.
    pub fn needed_between(&self, name: &'static str, least: f64, most: f64) -> Checked {
        let rule = || format!("a number from {least} to {most}");
        match self.number(name)? {
            None => Err(self.absent(name, rule())),
            Some(number) if (least..=most).contains(&number) => Ok(()),
            Some(_) => {
                Err(self.get(name).map_or_else(|| self.absent(name, rule()), |node| node.wrong(rule())))
            }
        }
    }

    /// A whole number, or a text of one.
    pub fn whole(&self, name: &'static str) -> Checked<Option<i64>> {
        let Some(node) = self.get(name) else { return Ok(None) };
        if node.value.as_str() == Some("") {
            return Ok(None);
        }
        node.as_text()
            .and_then(|text| text.parse().ok())
            .map(Some)
            .ok_or_else(|| node.wrong("a whole number"))
    }

    /// True or false, or the words; absent is `None`.
    pub fn flag(&self, name: &'static str) -> Checked<Option<bool>> {
        let Some(node) = self.get(name) else { return Ok(None) };
        match node.value {
            Value::Bool(flag) => Ok(Some(*flag)),
            Value::String(text) if text.is_empty() => Ok(None),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            _ => Err(node.wrong("true or false")),
        }
    }
}
