//! The model in the OpenAPI document. The codes come from the catalogue.

use std::fmt::Write as _;

use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, HttpMethod, OpenApi, RefOr, Required, ResponseBuilder};
use waypost_status::MetadataPushCode as Code;

use super::{PATH, PATHS};

const JSON: &str = "application/json";
/// Name of the tenant's key among the security schemes of the whole document.
const KEY: &str = "profileKey";

/// What an operation does, beside its path and method.
struct Told {
    id: &'static str,
    summary: &'static str,
    query: &'static [(&'static str, &'static str)],
    body: &'static [&'static str],
    good: &'static [&'static str],
    answers: &'static [(&'static str, &'static str)],
}

const PAGE: &[(&str, &str)] =
    &[("after", "only what stands behind this code"), ("limit", "rows, 1 to 1000, 100 when left out")];
const ENABLED: &[(&str, &str)] =
    &[("enabled", "true or false: hotels, taxes and room types only; as it was when left out")];
const FILES: &[&str] = &["application/json", "application/x-ndjson", "text/csv"];
const GONE: (&str, &str) = ("404", "There is none, 7054 to 7058, or the path names nothing, 4006.");
const BELOW_DISABLED: (&str, &str) = ("409", "The property is disabled, 7059, or what is named is, 7062.");
const NAMED: (&str, &str) =
    ("409", "Something names it, 4006 with what does, or the property is disabled, 7059.");
const TOO_LARGE: (&str, &str) = ("413", "The body is too long: 4006.");
const TOO_SLOW: (&str, &str) = ("408", "The body took too long: 4006.");

fn told(path: &str, method: &str) -> Told {
    let plain = Told { id: "", summary: "", query: &[], body: &[], good: &["200"], answers: &[GONE] };
    let (put, delete) = (
        Told {
            query: ENABLED,
            body: &[JSON],
            good: &["200", "201"],
            answers: &[GONE, TOO_SLOW, BELOW_DISABLED, TOO_LARGE],
            ..plain
        },
        Told { answers: &[GONE, NAMED], ..plain },
    );
    match (path, method) {
        ("/properties", _) => {
            Told { id: "listProperties", summary: "List the hotels", query: PAGE, answers: &[], ..plain }
        }
        ("/properties/{property}", "GET") => {
            Told { id: "showProperty", summary: "Show a hotel and what each partner has of it", ..plain }
        }
        ("/properties/{property}", "PUT") => {
            Told { id: "putProperty", summary: "Put a hotel in place of what is there", ..put }
        }
        ("/properties/{property}", _) => Told {
            id: "deleteProperty",
            summary: "Disable a hotel: the contract cannot delete one",
            ..delete
        },
        ("/properties/{property}/{kind}", _) => {
            Told { id: "listObjects", summary: "List a property's objects of a kind", query: PAGE, ..plain }
        }
        ("/properties/{property}/{kind}/{code}", "GET") => {
            Told { id: "showObject", summary: "Show an object and what each partner has of it", ..plain }
        }
        ("/properties/{property}/{kind}/{code}", "PUT") => Told {
            id: "putObject",
            summary: "Put an object in place of what is there; products all of their rate plan, as an array",
            ..put
        },
        ("/properties/{property}/{kind}/{code}", _) => Told {
            id: "deleteObject",
            summary: "Disable a tax, empty a rate plan's products, take anything else out of the model",
            ..delete
        },
        ("/import", _) => Told {
            id: "importContent",
            summary: "Take the messages of a file; each is taken or refused by itself",
            query: &[("kind", "for CSV: hotel, tax, cancellation-policy, roomtype, rateplan or products")],
            body: FILES,
            answers: &[TOO_SLOW, TOO_LARGE],
            ..plain
        },
        ("/partners", _) => Told {
            id: "listPartners",
            summary: "List the partners that are pushed to, with what each is owed and where it differs",
            answers: &[],
            ..plain
        },
        ("/partners/{partner}/{action}", _) => {
            Told { id: "actOnPartner", summary: "Pause or resume a partner", ..plain }
        }
        ("/partners/{partner}/lanes", _) => Told {
            id: "listLanes",
            summary: "List a partner's queues: what each owes and why it stands still",
            query: &[("parked", "true: only those that stand still"), ("property", "only this one")],
            ..plain
        },
        ("/partners/{partner}/lanes/{property}/{action}", _) => Told {
            id: "actOnLane",
            summary: "Retry, skip, replay, audit or repair a property at a partner",
            answers: &[GONE, ("409", "Only a parked queue can skip: 4006.")],
            ..plain
        },
        _ => Told {
            id: "listDrift",
            summary: "List what a partner has otherwise than we sent it",
            query: &[("property", "only this one")],
            ..plain
        },
    }
}

/// Adds the paths to the document; it must have the scheme `profileKey`.
pub fn describe(document: &mut OpenApi) {
    for (path, methods) in PATHS {
        for method in methods {
            let verb = match *method {
                "PUT" => HttpMethod::Put,
                "POST" => HttpMethod::Post,
                "DELETE" => HttpMethod::Delete,
                _ => HttpMethod::Get,
            };
            let operation = operation(path, &told(path, method)).build();
            document.paths.add_path_operation(format!("{PATH}{path}"), vec![verb], operation);
        }
    }
}

fn operation(path: &str, told: &Told) -> OperationBuilder {
    let none: [&str; 0] = [];
    let mut operation = OperationBuilder::new()
        .operation_id(Some(told.id))
        .tag("Content model")
        .summary(Some(told.summary))
        .security(SecurityRequirement::new(KEY, none));
    for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        operation = operation.parameter(parameter(name, ParameterIn::Path, in_path(name)));
    }
    for (name, means) in told.query {
        operation = operation.parameter(parameter(name, ParameterIn::Query, means));
    }
    if !told.body.is_empty() {
        operation = operation.request_body(Some(request(told.body)));
    }
    for status in told.good {
        operation = operation.response(*status, answer("Done."));
    }
    let bad = format!(
        "Refused:\n\n{}",
        rows(&[Code::RequiredFieldMissing, Code::FieldValueInvalid, Code::DatesReversed])
    );
    operation = operation
        .response("400", answer(&bad))
        .response("401", answer(&rows(&[Code::NotAuthorized])))
        .response("500", answer(&rows(&[Code::InternalError])));
    told.answers
        .iter()
        .fold(operation, |operation, (status, means)| operation.response(*status, answer(means)))
}

fn in_path(name: &str) -> &'static str {
    match name {
        "property" => "code of the property",
        "kind" => "taxes, cancellation-policies, roomtypes, rateplans or products",
        "code" => "code of the object; of products that of their rate plan",
        "partner" => "short name of the partner",
        _ => "what is done",
    }
}

fn parameter(name: &str, place: ParameterIn, means: &str) -> ParameterBuilder {
    let required = if matches!(place, ParameterIn::Path) { Required::True } else { Required::False };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(Some(means))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
}

fn request(media: &[&str]) -> RequestBody {
    let of = |media: &str| {
        let schema: RefOr<Schema> = match media {
            JSON => one_or_many(),
            _ => RefOr::T(ObjectBuilder::new().schema_type(Type::String).build().into()),
        };
        ContentBuilder::new().schema(Some(schema)).build()
    };
    let request = RequestBodyBuilder::new().required(Some(Required::True));
    media.iter().fold(request, |request, media| request.content(*media, of(media))).build()
}

/// An object of the contract, or an array of them.
fn one_or_many() -> RefOr<Schema> {
    let object = || ObjectBuilder::new().schema_type(Type::Object).build();
    let many = ArrayBuilder::new().items(object()).build();
    let either = utoipa::openapi::schema::OneOfBuilder::new().item(object()).item(many).build();
    RefOr::T(either.into())
}

fn answer(means: &str) -> ResponseBuilder {
    let schema = ObjectBuilder::new().schema_type(Type::Object).build();
    ResponseBuilder::new()
        .description(means)
        .content(JSON, ContentBuilder::new().schema(Some(schema)).build())
}

fn rows(codes: &[Code]) -> String {
    codes.iter().fold(String::new(), |mut text, code| {
        let entry = code.entry();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "* {}: {}", entry.code, entry.meaning);
        text
    })
}
