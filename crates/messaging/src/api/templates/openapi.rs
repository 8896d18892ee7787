//! Templates and short links in the OpenAPI document of the family.

use serde_json::{Value, json};
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, HttpMethod, PathsBuilder, RefOr, Required, ResponseBuilder};
use waypost_status::Api;

use super::PATH;
use crate::api::openapi::{JSON, body, object, operation, reference, string, texts};
use crate::work::links::LINK_PATH;

/// Adds the paths.
pub(in crate::api) fn paths(paths: PathsBuilder) -> PathsBuilder {
    let one = format!("{PATH}/{{templateid}}");
    let mut collection = PathItem::new(HttpMethod::Get, list());
    collection.post = Some(create().build());
    paths
        .path(PATH, collection)
        .path(&one, PathItem::new(HttpMethod::Get, show()))
        .path(format!("{one}/versions"), PathItem::new(HttpMethod::Post, add()))
        .path(format!("{one}/approval"), PathItem::new(HttpMethod::Put, approve()))
        .path(format!("{one}/preview"), PathItem::new(HttpMethod::Post, preview()))
        .path(LINK_PATH, PathItem::new(HttpMethod::Get, follow()))
}

fn in_path(name: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(string()))
}

fn asked(id: &str, summary: &str, good: ObjectBuilder) -> OperationBuilder {
    let good: Schema = good.build().into();
    let answer = Schema::from(OneOfBuilder::new().item(good).item(reference("Refused")).build());
    let description = "Done, or refused: the gate's codes, 7000, 7003 and 7004.";
    operation(id, summary, Api::Messaging)
        .response("200", body(description, answer))
        .response("503", body("The store cannot be reached, ask again: 7006.", reference("Refused")))
}

fn given(operation: OperationBuilder, schema: ObjectBuilder, example: Value) -> OperationBuilder {
    let schema: RefOr<Schema> = RefOr::T(schema.build().into());
    let content = ContentBuilder::new().schema(Some(schema)).example(Some(example)).build();
    let request = RequestBodyBuilder::new().required(Some(Required::True)).content(JSON, content).build();
    operation
        .request_body(Some(request))
        .response("408", body("The body took too long: 7000.", reference("Refused")))
        .response("413", body("The body is too long: 7022.", reference("Refused")))
        .response("415", body("The body is not JSON: 7000.", reference("Refused")))
}

fn template() -> ObjectBuilder {
    texts(&[("*template_id", "what clients name it by"), ("*name", "its name")])
}

fn list_of(name: &str) -> ObjectBuilder {
    let items = utoipa::openapi::schema::ArrayBuilder::new().items(template().build());
    object().property(name, items).required(name)
}

fn whole() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer)
}

fn flag() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean)
}

fn list() -> OperationBuilder {
    asked("listTemplates", "List the tenant's templates", list_of("templates"))
}

fn create() -> OperationBuilder {
    let schema = texts(&[("templateid", "a number of its own when it is left out"), ("*name", "its name")]);
    let operation = asked("createTemplate", "Make a template, without content", template());
    given(operation, schema, json!({"templateid": "welcome", "name": "Welcome"}))
}

fn show() -> OperationBuilder {
    let versions = utoipa::openapi::schema::ArrayBuilder::new().items(object().build());
    let good = template().property("versions", versions).required("versions");
    asked("showTemplate", "Show a template with its versions", good).parameter(in_path("templateid"))
}

fn add() -> OperationBuilder {
    let schema = texts(&[("*channel", "sms, voice, push, rt, fb, twitter or wechat")])
        .property("channels", object().description(Some("as in a request to send")))
        .required("channels");
    let good = object().property("version", whole()).required("version");
    let operation = asked("addTemplateVersion", "Add what a template says on a channel", good);
    let example = json!({"channel": "sms", "channels": {"sms": {"text": "Hi {{name}}"}}});
    given(operation.parameter(in_path("templateid")), schema, example)
}

fn approve() -> OperationBuilder {
    let schema = texts(&[("*channel", "the channel")])
        .property("version", whole())
        .required("version")
        .property("approved", flag())
        .required("approved");
    let good = object().property("approved", flag()).required("approved");
    let operation = asked("approveTemplate", "Approve a version, or take its approval back", good);
    let example = json!({"channel": "sms", "version": 1, "approved": true});
    given(operation.parameter(in_path("templateid")), schema, example)
}

fn preview() -> OperationBuilder {
    let schema = texts(&[("*channel", "the channel"), ("msisdn", "the number whose price is asked")])
        .property("version", whole())
        .property("parameters", object().description(Some("values of placeholders")));
    let missing = utoipa::openapi::schema::ArrayBuilder::new().items(string().build());
    let good = texts(&[("encoding", "GSM-7, UCS-2 or binary"), ("price", "by the rate plan")])
        .property("content", object())
        .required("content")
        .property("missing", missing)
        .required("missing")
        .property("segments", whole());
    let operation = asked("previewTemplate", "Show what a template will say", good);
    given(
        operation.parameter(in_path("templateid")),
        schema,
        json!({"channel": "sms", "parameters": {"name": "Ann"}}),
    )
}

fn follow() -> OperationBuilder {
    OperationBuilder::new()
        .operation_id(Some("followLink"))
        .tag(Api::Messaging.as_str())
        .summary(Some("Follow the short link of a message"))
        .parameter(in_path("code"))
        .response("302", ResponseBuilder::new().description("It leads to `Location`; the call is kept."))
        .response("404", ResponseBuilder::new().description("There is no such link."))
        .response("410", ResponseBuilder::new().description("The link has expired or is switched off."))
}
