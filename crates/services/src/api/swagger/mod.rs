//! The OpenAPI document of the family, made from the rows of its operations, and a page that shows it (spec 2.1).
//!
//! The router is built from the same rows, so neither can name an operation that the other does not have.

mod answers;
mod answers_of_requests;
mod bodies;
mod page;
mod path;
mod schema;

pub(super) use page::routes;
use serde_json::{Map, Value, json};

use super::operation::{Operation, Takes};
use super::{KEY_HEADER, RESOURCES, TOKEN_HEADER, USER_HEADER};

/// HTTP statuses of refusals, and what they say of the request.
const REFUSALS: &[(u16, &str)] = &[
    (400, "Something in the request is wrong, or an identifier in the query or the body matches nothing."),
    (401, "Key or token is missing or no good."),
    (403, "The application or the person may not do this."),
    (404, "An identifier in the path matches nothing."),
    (408, "The body did not arrive in time."),
    (412, "Somebody else changed it since: `If-Match` names an older revision."),
    (413, "The body is too long."),
    (415, "The body is not JSON by its type."),
    (422, "Who or what is to be enrolled is not there."),
    (500, "Something broke here: 901000."),
    (503, "The store or the scanner does not answer; ask again: 901000 or 621001."),
];

/// Describes every operation of [`super::operations`] as OpenAPI 3.1.
#[must_use]
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for (tag, rows) in RESOURCES {
        for row in *rows {
            let item = paths.entry(row.path).or_insert_with(|| json!({}));
            item[row.method.name().to_ascii_lowercase()] = path::operation(tag, row);
        }
    }
    let tags: Vec<_> = RESOURCES.iter().map(|(tag, _)| json!({"name": tag})).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Waypost: services (MTAPI v1 and v2)",
            "version": concat!("v", env!("CARGO_PKG_VERSION")),
            "description": "Every answer has the header `mtapistatus`: -1 on a success, else the codes of the refusal, most specific first.",
        },
        "tags": tags,
        "security": [{"apiKey": [], "appJwt": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apiKey": {"type": "apiKey", "in": "header", "name": KEY_HEADER, "description": "32 hexadecimal digits."},
                "appJwt": {"type": "apiKey", "in": "header", "name": TOKEN_HEADER, "description": "The token made for the key, without `Bearer`."},
            },
            "parameters": parameters(),
            "headers": headers(),
            "responses": refusals(),
            "schemas": schemas(),
        },
    })
}

fn schemas() -> Map<String, Value> {
    let answers = answers::ANSWERS.iter().chain(answers_of_requests::ANSWERS);
    let answers = answers.map(|(name, members)| ((*name).to_owned(), schema::object(members, true)));
    let bodies = bodies::BODIES.iter();
    let bodies = bodies.map(|(name, members)| ((*name).to_owned(), schema::object(members, false)));
    answers.chain(bodies).collect()
}

fn parameters() -> Value {
    json!({
        USER_HEADER: {
            "name": USER_HEADER, "in": "header", "required": false,
            "description": "The person who acts.",
            "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": schema::INT_MAX},
        },
        "If-Match": {
            "name": "If-Match", "in": "header", "required": false,
            "description": "The `ETag` of the revision that is meant; an older one is refused with 412.",
            "schema": {"type": "string", "examples": ["\"r3\"", "*"]},
        },
    })
}

fn headers() -> Value {
    json!({
        "mtapistatus": {
            "description": "-1, or the codes of the refusal.", "required": true,
            "schema": {"type": "string", "pattern": r"^(-1|\d+(,\d+)*)$"},
        },
        "ETag": {
            "description": "The revision, where the answer is one entity.", "required": false,
            "schema": {"type": "string"},
        },
    })
}

fn refusals() -> Map<String, Value> {
    let content = json!({"application/json": {"schema": schema::named("Refused")}});
    let of = |description: &str| json!({"description": description, "headers": status_header(), "content": content});
    REFUSALS.iter().map(|(status, description)| (format!("Refused{status}"), of(description))).collect()
}

fn status_header() -> Value {
    json!({"mtapistatus": {"$ref": "#/components/headers/mtapistatus"}})
}

/// The HTTP statuses with which an operation may be refused.
fn statuses(row: &Operation) -> Vec<u16> {
    let mut statuses = vec![400, 401, 403, 500, 503];
    if row.path.contains('{') {
        statuses.push(404);
    }
    match row.body {
        Takes::Nothing => {}
        Takes::Json(_) => statuses.extend([408, 413, 415]),
        Takes::Content => statuses.extend([408, 413]),
    }
    statuses.extend(row.also);
    statuses.sort_unstable();
    statuses
}
