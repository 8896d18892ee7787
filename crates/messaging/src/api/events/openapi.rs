//! The Events API in the OpenAPI document of the family.

use serde_json::json;
use utoipa::openapi::path::{OperationBuilder, PathItem};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema};
use utoipa::openapi::{ContentBuilder, HttpMethod, PathsBuilder, Required};
use waypost_status::Api;

use super::EVENTS_PATH;
use crate::api::openapi::{
    JSON, array, body, codes, object, once_header, operation, reference, texts, wrapped,
};
use crate::rules::event::EVENTS_MAX;

/// Adds the path.
pub(in crate::api) fn paths(paths: PathsBuilder) -> PathsBuilder {
    paths.path(EVENTS_PATH, PathItem::new(HttpMethod::Post, post()))
}

fn post() -> OperationBuilder {
    let answer =
        Schema::from(OneOfBuilder::new().item(wrapped(array("Unit"))).item(reference("Refused")).build());
    let description = format!("Taken (one element per event) or refused. Codes:\n\n{}", codes(Api::Event));
    let example = json!({"events": [
        {"evtid": "4451", "correlationid": "order-1", "parameters": {"name": "Ann"}},
    ]});
    let schema: Schema = request().build().into();
    let content = ContentBuilder::new().schema(Some(schema)).example(Some(example)).build();
    operation("tellEvent", "Tell of 1 to 100 events", Api::Event)
        .parameter(once_header())
        .request_body(Some(
            RequestBodyBuilder::new().required(Some(Required::True)).content(JSON, content).build(),
        ))
        .response("200", body(description, answer))
        .response("408", body("The body took too long: 7000.", reference("Refused")))
        .response("413", body("The body is too long: 7000.", reference("Refused")))
        .response("415", body("The body is not JSON: 7000.", reference("Refused")))
        .response(
            "503",
            body("The events were not kept, send them again: 7005 or 7006.", reference("Refused")),
        )
}

fn request() -> ObjectBuilder {
    let event = texts(&[
        ("*evtid", "the event's number; a number is taken too"),
        ("correlationid", "your reference, at most 50 bytes"),
    ])
    .property(
        "parameters",
        object().description(Some("name and value; others than the event's are left out")),
    );
    let events = ArrayBuilder::new().items(event.build()).min_items(Some(1)).max_items(Some(EVENTS_MAX));
    texts(&[
        ("expiry", "after this moment the request is refused"),
        ("notifyurl", "where notifications of the messages go that rules send, instead of the service's URL"),
    ])
    .property("events", events)
    .required("events")
}
