//! The OpenAPI document as the tests hold answers against it: every answer of every test of this suite must be in it.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use waypost_services::api::document;

use crate::support::Answer;

/// The document, made once.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// How a date and time is described.
const STAMP: &str = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$";

/// The operation a request means: a literal part of a path goes before a parameter.
fn operation(method: &str, path: &str) -> Option<(String, &'static Value)> {
    let path = path.trim_end_matches('/');
    let fits = |template: &str| {
        let (own, given): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        own.len() == given.len()
            && own.iter().zip(&given).all(|(own, given)| own.starts_with('{') || own == given)
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let found = paths.keys().filter(|template| fits(template));
    let template = found.min_by_key(|template| template.matches('{').count())?;
    let item = paths[template].as_object().unwrap();
    let method = method.to_lowercase();
    let own = item.get(&method).or_else(|| item.get("get").filter(|_| method == "head"))?;
    Some((format!("{method} {template}"), own))
}

/// The answer has a status, a body and members that the document names, and none that it does not.
pub fn check_answer(method: &str, path: &str, answer: &Answer) {
    let Some((name, operation)) = operation(method, path) else { return };
    let status = answer.http.as_u16().to_string();
    let Some(response) = operation["responses"].get(&status) else {
        panic!("{name}: {status} is not in the document: {}", answer.body)
    };
    let response = resolved(response);
    if method == "HEAD" {
        return;
    }
    let Some(content) = response.get("content") else {
        assert_eq!(answer.body, "", "{name}: {status} has a body");
        return;
    };
    let sent = answer.header("content-type").split(';').next().unwrap();
    let described = content.get(sent).or_else(|| content.get("*/*"));
    let described = described.unwrap_or_else(|| panic!("{name}: {status} is sent as {sent}"));
    if sent == "application/json" {
        let body = serde_json::from_str(&answer.body).unwrap();
        fits(&described["schema"], &body)
            .unwrap_or_else(|wrong| panic!("{name}: {status}: {wrong} in {body}"));
    }
}

/// A body that was taken has no member that the document does not name.
pub fn check_body(method: &str, path: &str, body: &Value) {
    let Some((name, operation)) = operation(method, path.split('?').next().unwrap()) else { return };
    let Some(described) = operation.get("requestBody") else { return };
    let schema = &described["content"]["application/json"]["schema"];
    known(schema, body)
        .unwrap_or_else(|unknown| panic!("{name} took {unknown}, which the document does not name"));
}

fn resolved(part: &'static Value) -> &'static Value {
    match part["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap(),
        None => part,
    }
}

fn known(schema: &'static Value, body: &Value) -> Result<(), String> {
    let schema = resolved(schema);
    for choice in schema["anyOf"].as_array().into_iter().flatten() {
        known(choice, body)?;
    }
    if let (Some(items), Some(list)) = (schema.get("items"), body.as_array()) {
        list.iter().try_for_each(|item| known(items, item))?;
    }
    let (Some(properties), Some(members)) = (schema["properties"].as_object(), body.as_object()) else {
        return Ok(());
    };
    members.iter().try_for_each(|(name, value)| {
        let own = properties.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        own.map_or_else(|| Err(name.clone()), |(_, schema)| known(schema, value))
    })
}

/// Whether a value is what a schema says, of the few keywords that the document uses.
fn fits(schema: &'static Value, value: &Value) -> Result<(), String> {
    let schema = resolved(schema);
    if let Some(choices) = schema["anyOf"].as_array() {
        let tried: Vec<_> = choices.iter().filter_map(|choice| fits(choice, value).err()).collect();
        return if tried.len() < choices.len() { Ok(()) } else { Err(tried.join(" and ")) };
    }
    let wrong = |what: &str| Err(format!("{value}: {what}"));
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return wrong("not one of its words");
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is(value, kind)) {
        return wrong(&format!("not {}", kinds.join(" or ")));
    }
    let bound = |name: &str| schema[name].as_i64();
    if let Some(number) = value.as_i64()
        && (bound("minimum").is_some_and(|min| number < min)
            || bound("maximum").is_some_and(|max| number > max))
    {
        return wrong("out of bounds");
    }
    if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str()) {
        assert_eq!(pattern, STAMP, "the tests know one pattern");
        if !is_stamp(text) {
            return wrong("no date and time");
        }
    }
    match value {
        Value::Array(list) => {
            schema.get("items").map_or(Ok(()), |own| list.iter().try_for_each(|item| fits(own, item)))
        }
        Value::Object(members) => members_fit(schema, members),
        _ => Ok(()),
    }
}

fn members_fit(schema: &'static Value, members: &Map<String, Value>) -> Result<(), String> {
    let Some(properties) = schema["properties"].as_object() else { return Ok(()) };
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if let Some(missing) = required.into_iter().find(|name| !members.contains_key(*name)) {
        return Err(format!("{missing} is missing"));
    }
    members.iter().try_for_each(|(name, value)| match properties.get(name) {
        Some(own) => fits(own, value).map_err(|wrong| format!("{name}: {wrong}")),
        None if schema["additionalProperties"] == json!(false) => Err(format!("{name} is not described")),
        None => Ok(()),
    })
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    }
}

fn is_stamp(text: &str) -> bool {
    let shape: String = text.chars().map(|one| if one.is_ascii_digit() { 'd' } else { one }).collect();
    shape == "dddd-dd-ddTdd:dd:dd"
}

#[test]
fn an_answer_that_is_not_as_described_is_found() {
    let user = DOCUMENT.pointer("/components/schemas/BusinessSystem").unwrap();
    let good = json!({"ServiceId": 1, "BusinessSystemType": "MTOA", "SourceReference": "x"});
    assert_eq!(fits(user, &good), Ok(()));
    let changed = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        fits(user, &body).unwrap_err()
    };
    assert_eq!(changed("ServiceId", json!(0)), "ServiceId: 0: out of bounds");
    assert_eq!(changed("SourceReference", json!(null)), "SourceReference: null: not string");
    assert_eq!(changed("More", json!(1)), "More is not described");
    assert_eq!(fits(user, &json!({"ServiceId": 1})).unwrap_err(), "BusinessSystemType is missing");
    assert!(is_stamp("2021-08-18T18:34:41") && !is_stamp("2021-08-18 18:34:41"));
}
