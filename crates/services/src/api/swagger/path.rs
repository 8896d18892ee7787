//! One operation of the document.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::schema::{INT_MAX, INT_MIN, named};
use super::{REFUSALS, USER_HEADER, status_header, statuses};
use crate::api::call::TEXT_CHARS_MAX;
use crate::api::operation::{Gives, Kind, Operation, Param, Place, Takes, Verb};

/// An operation as the document has it.
pub(super) fn operation(tag: &str, row: &Operation) -> Value {
    let mut described = json!({
        "operationId": id(row),
        "tags": [tag],
        "summary": row.summary,
        "description": description(row),
        "parameters": parameters(row),
        "responses": responses(row),
    });
    let content = match row.body {
        Takes::Nothing => return described,
        Takes::Json(shape) => json!({"application/json": {"schema": named(shape)}}),
        Takes::Content => json!({"application/octet-stream": {}, "application/json": {}}),
    };
    described["requestBody"] = json!({"required": true, "content": content});
    described
}

/// `getServicerequestsByIdStatusHistory`: method and path, which no other operation has together.
fn id(row: &Operation) -> String {
    let mut id = row.method.name().to_ascii_lowercase();
    let mut parts = row.path.split('/').skip(2).peekable();
    let version = parts.next_if(|part| part.starts_with('v') && part.len() == 2);
    for part in parts {
        let name = part.trim_matches(['{', '}']);
        if name != part {
            id.push_str("By");
        }
        for word in name.split('-') {
            let (first, rest) = word.split_at(word.len().min(1));
            id.push_str(&first.to_ascii_uppercase());
            id.push_str(rest);
        }
    }
    match version {
        Some("v1") => id,
        Some(version) => id + &version.to_ascii_uppercase(),
        None => id + "Unversioned",
    }
}

fn description(row: &Operation) -> String {
    let mut text = format!("Asks for the grant `{}`.", row.grant);
    // Writing to a String cannot fail.
    if let Some(permission) = row.permission {
        let _ = write!(text, " Asks for the permission {permission} of the person who acts.");
    }
    let own = row.params.iter().filter_map(|param| param.code).chain(row.fails);
    for (n, code) in own.map(|code| code.entry()).enumerate() {
        let before = if n == 0 { "\n\nCodes beside the generic ones:" } else { "," };
        let _ = write!(text, "{before} {} `{}`", code.code_text, code.name);
    }
    text
}

fn parameters(row: &Operation) -> Vec<Value> {
    let mut all: Vec<Value> = row.params.iter().map(parameter).collect();
    all.push(json!({"$ref": format!("#/components/parameters/{USER_HEADER}")}));
    if row.also.contains(&412) {
        all.push(json!({"$ref": "#/components/parameters/If-Match"}));
    }
    all
}

fn parameter(param: &Param) -> Value {
    let place = match param.place {
        Place::Path => "path",
        Place::Query => "query",
    };
    let schema = match param.kind {
        Kind::Id => {
            let least = if param.required { 1 } else { 0 };
            json!({"type": "integer", "format": "int32", "minimum": least, "maximum": INT_MAX})
        }
        Kind::Int => json!({"type": "integer", "format": "int32", "minimum": INT_MIN, "maximum": INT_MAX}),
        Kind::Text => json!({"type": "string", "minLength": 1, "maxLength": TEXT_CHARS_MAX}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Word(words) => json!({"type": "string", "enum": words}),
    };
    json!({"name": param.name, "in": place, "required": param.required, "schema": schema})
}

fn responses(row: &Operation) -> Map<String, Value> {
    let mut responses = Map::new();
    responses.insert("200".to_owned(), success(row));
    for status in statuses(row) {
        let refused = match row.method {
            // An answer to HEAD has no body.
            Verb::Head => bodiless(status),
            _ => json!({"$ref": format!("#/components/responses/Refused{status}")}),
        };
        responses.insert(status.to_string(), refused);
    }
    responses
}

fn bodiless(status: u16) -> Value {
    let known = REFUSALS.iter().find(|(own, _)| *own == status);
    json!({"description": known.map_or("", |(_, text)| text), "headers": status_header()})
}

fn success(row: &Operation) -> Value {
    let mut headers = status_header();
    headers["ETag"] = json!({"$ref": "#/components/headers/ETag"});
    let mut answer = json!({"description": "Done.", "headers": headers});
    let content = match row.gives {
        Gives::Nothing => return answer,
        Gives::Json(shape) => json!({"application/json": {"schema": named(shape)}}),
        Gives::Content(or) => {
            let or = or.map(|shape| format!(" Or `{shape}`: see the summary.")).unwrap_or_default();
            answer["description"] = Value::String(format!("The content, byte for byte.{or}"));
            // A content that is JSON may be any JSON, so the schema of a shape would say nothing more.
            json!({"application/json": {"schema": {}}, "*/*": {"schema": {}}})
        }
    };
    answer["content"] = content;
    answer
}
