//! Objects described as tables of fields, and the one walk that checks them.
//!
//! The walk collects every violation in the order of the table, renames the names of other dialects to ours, and leaves
//! what it does not know where it is.

use std::borrow::Cow;

use super::json::Json;
use super::shape::{self, Shape};
use crate::rules::{Place, Refusal};

/// Whether a field must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Absent, null, blank, or an empty list: 4005.
    Required,
    /// Absent or null: 4005; an empty list will do.
    Present,
    /// Absent, null and blank mean no value.
    Optional,
}

/// One field of an object.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in answers.
    pub name: &'static str,
    /// Another name it may come under (Appendix C).
    pub also: Option<&'static str>,
    /// Whether it must be there.
    pub need: Need,
    /// What its value looks like.
    pub shape: Shape,
}

/// A field that must be there.
#[must_use]
pub const fn required(name: &'static str, shape: Shape) -> Field {
    Field { name, also: None, need: Need::Required, shape }
}

/// A list that must be there and may be empty.
#[must_use]
pub const fn present(name: &'static str, shape: Shape) -> Field {
    Field { name, also: None, need: Need::Present, shape }
}

/// A field that may be left out.
#[must_use]
pub const fn optional(name: &'static str, shape: Shape) -> Field {
    Field { name, also: None, need: Need::Optional, shape }
}

/// Where violations go, and whose they are.
#[derive(Debug, Default)]
pub struct Faults {
    /// What was found, in order.
    pub found: Vec<Refusal>,
    /// The code of the object being checked.
    object: Option<String>,
    /// What stands before every path while the object has no code.
    root: String,
}

impl Faults {
    /// From here on violations belong to the object with this code; without one, to the place `root` of the message.
    pub fn enter(&mut self, object: Option<&str>, root: &str) {
        self.object = object.map(str::to_owned);
        self.root = if object.is_some() || root.is_empty() { String::new() } else { format!("{root}.") };
    }

    fn place(&self, path: &str) -> Place {
        Place { field: format!("{}{path}", self.root), object: self.object.clone() }
    }

    /// 4005.
    pub fn missing(&mut self, path: &str) {
        self.found.push(Refusal::Missing(self.place(path)));
    }

    /// 4006.
    pub fn invalid(&mut self, path: &str, rule: impl Into<Cow<'static, str>>) {
        self.found.push(Refusal::Invalid(self.place(path), rule.into()));
    }

    /// Puts what was found from `from` on in the order of the fields it belongs to.
    pub fn order(&mut self, from: usize, position: impl Fn(&str) -> Option<usize>) {
        let root = self.root.len();
        if let Some(own) = self.found.get_mut(from..) {
            own.sort_by_key(|refusal| {
                let path = refusal.field().get(root..).unwrap_or_default();
                let top = path.split(['.', '[']).next().unwrap_or_default();
                position(top).unwrap_or(usize::MAX)
            });
        }
    }

    /// 4007.
    pub fn reversed(&mut self, path: &str) {
        self.found.push(Refusal::DatesReversed(self.place(path)));
    }
}

/// Checks the members of `object` against `fields`.
pub fn check(fields: &[Field], object: &mut Json, path: &str, faults: &mut Faults) {
    for field in fields {
        let at = join(path, field.name);
        rename(field, object, &at, faults);
        match object.get_mut(field.name) {
            None | Some(Json::Null) => {
                if field.need != Need::Optional {
                    faults.missing(&at);
                }
            }
            Some(value) if is_blank(value, field.need) => {
                if field.need == Need::Required {
                    faults.missing(&at);
                }
            }
            Some(value) => shape::check(&field.shape, value, &at, faults),
        }
    }
}

/// A blank text counts as none, wherever a text may stand; an empty list only where one is required.
fn is_blank(value: &Json, need: Need) -> bool {
    match value {
        Json::Text(text) => text.trim().is_empty(),
        Json::List(list) => need == Need::Required && list.is_empty(),
        _ => false,
    }
}

/// Gives a field of another dialect its name here; both with different content is a contradiction.
fn rename(field: &Field, object: &mut Json, path: &str, faults: &mut Faults) {
    let Some(also) = field.also else { return };
    let Some(other) = object.take(also) else { return };
    match object.given(field.name) {
        None => object.set(field.name, other),
        Some(own) if other == Json::Null || own.sorted() == other.sorted() => {}
        Some(_) => faults.invalid(path, format!("`{also}` says otherwise; send one of the two")),
    }
}

/// `path.name`.
#[must_use]
pub fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
