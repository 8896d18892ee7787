//! A place in a body that is read as plain JSON: its value, and the path to it as a client would write it.

mod read;

use std::borrow::Cow;

use serde_json::Value;
use url::Url;

use super::refusal::{Field, Refusal};

/// Longest part of a client's text that is repeated in an answer, in characters.
pub(super) const ECHO_CHARS_MAX: usize = 64;
/// Longest link that is taken, in bytes.
const URL_BYTES_MAX: usize = 2_048;

/// What a check says: nothing, or the first fault.
pub(super) type Checked<T = ()> = Result<T, Refusal>;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node<'v> {
    value: &'v Value,
    path: String,
    name: &'static str,
}

impl<'v> Node<'v> {
    /// The value at `path`, whose last member is `name`.
    pub fn at(path: &str, name: &'static str, value: &'v Value) -> Self {
        Self { value, path: path.to_owned(), name }
    }

    /// The value.
    pub const fn value(&self) -> &'v Value {
        self.value
    }

    /// The path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A member; `null` counts as absent.
    pub fn get(&self, name: &'static str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(Self { value, path: self.path_of(name), name })
    }

    /// The path of a member, there or not.
    pub fn path_of(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    /// 7003: a member is missing.
    pub fn absent(&self, name: &'static str, rule: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::Absent(Field { path: self.path_of(name), param: name, rule: rule.into() })
    }

    /// 7004: this value cannot be used.
    pub fn wrong(&self, rule: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::Wrong(Field { path: self.path.clone(), param: self.name, rule: rule.into() })
    }

    /// What refuses this place by a row of its own.
    pub fn field(&self, rule: impl Into<Cow<'static, str>>) -> Field {
        Field { path: self.path.clone(), param: self.name, rule: rule.into() }
    }

    /// This place, which must be an object.
    pub fn into_object(self) -> Checked<Self> {
        if self.value.is_object() { Ok(self) } else { Err(self.wrong("an object")) }
    }

    /// An object; an empty one counts as absent.
    pub fn object(&self, name: &'static str) -> Checked<Option<Self>> {
        let Some(node) = self.get(name) else { return Ok(None) };
        let node = node.into_object()?;
        let empty = node.value.as_object().is_none_or(serde_json::Map::is_empty);
        Ok(Some(node).filter(|_| !empty))
    }

    /// An array.
    pub fn items(&self, name: &'static str) -> Checked<Option<Items<'v>>> {
        self.get(name).map(Self::into_items).transpose()
    }

    /// This place, which must be an array.
    pub fn into_items(self) -> Checked<Items<'v>> {
        match self.value {
            Value::Array(values) => Ok(Items { place: self, values }),
            _ => Err(self.wrong("an array")),
        }
    }

    /// The members of an object, each named by this place; a long name is cut in the path.
    pub fn members(&self) -> impl Iterator<Item = Node<'v>> {
        self.value.as_object().into_iter().flatten().map(|(key, value)| {
            let key: String = key.chars().take(ECHO_CHARS_MAX).collect();
            Node { value, path: self.path_of(&key), name: self.name }
        })
    }

    /// Bytes of the value as compact JSON.
    pub fn json_bytes(&self) -> usize {
        json_bytes(self.value)
    }
}

/// Bytes of a value as compact JSON.
pub(super) fn json_bytes(value: &Value) -> usize {
    // Writing a JSON value to memory cannot fail.
    serde_json::to_string(value).map_or(usize::MAX, |text| text.len())
}

/// An array and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Items<'v> {
    place: Node<'v>,
    values: &'v [Value],
}

impl<'v> Items<'v> {
    /// How many.
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// The array's own place.
    pub const fn place(&self) -> &Node<'v> {
        &self.place
    }

    /// Each with its place.
    pub fn iter(&self) -> impl Iterator<Item = Node<'v>> {
        self.values.iter().enumerate().map(|(at, value)| Node {
            value,
            path: format!("{}[{at}]", self.place.path),
            name: self.place.name,
        })
    }

    /// Each, of which none may be anything but an object.
    pub fn objects(&self) -> impl Iterator<Item = Checked<Node<'v>>> {
        self.iter().map(Node::into_object)
    }

    /// The array, unless it has more than `most`.
    pub fn at_most(self, most: usize) -> Checked<Self> {
        if self.len() > most { Err(self.place.wrong(format!("at most {most} of them"))) } else { Ok(self) }
    }
}

/// The rule of a link to the web.
pub(super) const WEB_URL: &str = "an absolute http or https URL";

/// Whether a text is a link that a browser opens.
pub(super) fn is_web_url(text: &str) -> bool {
    // The URL standard strips blanks and control characters, other readers do not.
    let plain = text.len() <= URL_BYTES_MAX && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    plain && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The beginning of a client's value, for an answer.
pub(super) fn echo(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().take(ECHO_CHARS_MAX).collect()
}
