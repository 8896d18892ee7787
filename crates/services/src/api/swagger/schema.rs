//! Shapes of bodies as data, and how they are written as JSON Schema (draft 2020-12).

use serde_json::{Map, Value, json};

/// What a member may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    /// A positive integer of 32 bits.
    Id,
    /// The same, or 0 for none.
    IdOrNone,
    /// An integer.
    Int,
    /// A number.
    Number,
    /// A text without a bound.
    Text,
    /// A text of at most so many characters.
    Chars(u32),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A date and time as it is shown: without a zone.
    Stamp,
    /// A date, or a date and time.
    Date,
    /// `true` or `false`.
    Flag,
    /// Any JSON.
    Any,
    /// An object of this shape.
    One(&'static str),
    /// A list of objects of this shape.
    Many(&'static str),
    /// A list of ids.
    Ids,
    /// A list of texts.
    Texts,
}

/// A member of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    name: &'static str,
    is: Is,
    null: bool,
    must: bool,
}

/// A member that is always shown.
pub(super) const fn shown(name: &'static str, is: Is) -> Member {
    Member { name, is, null: false, must: true }
}

/// A member that is always shown and may be null.
pub(super) const fn nullable(name: &'static str, is: Is) -> Member {
    Member { name, is, null: true, must: true }
}

/// A member that may be left out or be null.
pub(super) const fn may(name: &'static str, is: Is) -> Member {
    Member { name, is, null: true, must: false }
}

/// A member that must be sent.
pub(super) const fn must(name: &'static str, is: Is) -> Member {
    shown(name, is)
}

/// An object: its name and members.
pub(super) type Shape = (&'static str, &'static [Member]);

/// Largest id or integer.
pub(super) const INT_MAX: i64 = i32::MAX as i64;
/// Smallest integer.
pub(super) const INT_MIN: i64 = i32::MIN as i64;

/// The schema of an object; one that we write has the members named here and no other.
pub(super) fn object(members: &[Member], closed: bool) -> Value {
    let properties: Map<String, Value> =
        members.iter().map(|member| (member.name.to_owned(), member.schema())).collect();
    let required: Vec<_> = members.iter().filter(|member| member.must).map(|member| member.name).collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if closed {
        schema["additionalProperties"] = Value::Bool(false);
    }
    schema
}

impl Member {
    fn schema(&self) -> Value {
        let schema = self.is.schema();
        if self.null { or_null(schema) } else { schema }
    }
}

impl Is {
    fn schema(self) -> Value {
        match self {
            Self::Id => json!({"type": "integer", "format": "int32", "minimum": 1, "maximum": INT_MAX}),
            Self::IdOrNone => json!({"type": "integer", "format": "int32", "minimum": 0, "maximum": INT_MAX}),
            Self::Int => json!({"type": "integer", "minimum": INT_MIN, "maximum": INT_MAX}),
            Self::Number => json!({"type": "number"}),
            Self::Text => json!({"type": "string"}),
            Self::Chars(max) => json!({"type": "string", "maxLength": max}),
            Self::Word(words) => json!({"type": "string", "enum": words}),
            Self::Stamp => json!({"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"}),
            Self::Date => json!({"type": "string", "examples": ["2021-05-20", "2021-08-18T18:34:41"]}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Any => json!({}),
            Self::One(name) => reference(name),
            Self::Many(name) => json!({"type": "array", "items": reference(name)}),
            Self::Ids => json!({"type": "array", "items": Self::Id.schema()}),
            Self::Texts => json!({"type": "array", "items": {"type": "string"}}),
        }
    }
}

fn or_null(mut schema: Value) -> Value {
    if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
    match schema.get("type") {
        Some(kind) => {
            schema["type"] = json!([kind, "null"]);
            schema
        }
        // Anything may be null already.
        None if schema.get("$ref").is_none() => schema,
        None => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The schema of a name as the rows of operations write it: `User`, `User[]`, `string`, `A|B[]`.
pub(super) fn named(text: &str) -> Value {
    let mut choices: Vec<Value> = text.split('|').map(one).collect();
    match choices.pop() {
        Some(only) if choices.is_empty() => only,
        last => {
            choices.extend(last);
            json!({"anyOf": choices})
        }
    }
}

fn one(name: &str) -> Value {
    match name {
        "string" | "boolean" => json!({"type": name}),
        _ => match name.strip_suffix("[]") {
            Some(item) => json!({"type": "array", "items": reference(item)}),
            None => reference(name),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nullable_member_is_null_in_its_type_and_in_its_words() {
        assert_eq!(
            may("A", Is::Word(&["x"])).schema(),
            json!({"type": ["string", "null"], "enum": ["x", null]})
        );
        let one = json!({"anyOf": [{"$ref": "#/components/schemas/B"}, {"type": "null"}]});
        assert_eq!((may("B", Is::One("B")).schema(), may("C", Is::Any).schema()), (one, json!({})));
    }

    #[test]
    fn a_name_may_be_a_list_or_a_choice() {
        let list = json!({"type": "array", "items": {"$ref": "#/components/schemas/A"}});
        assert_eq!(named("A[]"), list);
        assert_eq!(named("string|A[]"), json!({"anyOf": [{"type": "string"}, list]}));
    }
}
