//! The prompts of calls in the OpenAPI document of the family.

use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::{ContentBuilder, HttpMethod, PathsBuilder, Required};
use waypost_status::Api;

use super::PATH;
use crate::api::openapi::{body, object, operation, reference, string, texts};

/// Adds the paths.
pub(in crate::api) fn paths(paths: PathsBuilder) -> PathsBuilder {
    let mut one = PathItem::new(HttpMethod::Put, put());
    one.delete = Some(remove().build());
    paths.path(PATH, PathItem::new(HttpMethod::Get, list())).path(format!("{PATH}/{{media}}"), one)
}

fn asked(id: &str, summary: &str, good: ObjectBuilder) -> OperationBuilder {
    let good: Schema = good.build().into();
    let answer = Schema::from(OneOfBuilder::new().item(good).item(reference("Refused")).build());
    operation(id, summary, Api::Messaging)
        .response("200", body("Done, or refused: the gate's codes and 7004.", answer))
        .response("503", body("The store cannot be reached, ask again: 7006.", reference("Refused")))
}

fn prompt() -> ObjectBuilder {
    let ms =
        ObjectBuilder::new().schema_type(Type::Integer).description(Some("how long it is, in milliseconds"));
    texts(&[("*promptid", "its id in a message"), ("*media", "its name in a message")])
        .property("ms", ms)
        .required("ms")
}

fn named(operation: OperationBuilder) -> OperationBuilder {
    let name = string().description(Some("1 to 64 letters, digits and . _ -"));
    let name = ParameterBuilder::new()
        .name("media")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(name));
    operation.parameter(name)
}

fn list() -> OperationBuilder {
    let items = ArrayBuilder::new().items(prompt().build());
    asked(
        "listPrompts",
        "List what the tenant's calls can play",
        object().property("prompts", items).required("prompts"),
    )
}

fn put() -> OperationBuilder {
    let file = string().format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
    let file = file.description(Some("a WAV file of at most 10 MiB and ten minutes"));
    let content = ContentBuilder::new().schema(Some(file.build())).build();
    let request =
        RequestBodyBuilder::new().required(Some(Required::True)).content("audio/wav", content).build();
    named(asked("putPrompt", "Upload a prompt, in place of the one of this name", prompt()))
        .request_body(Some(request))
        .response("408", body("The file took too long: 7000.", reference("Refused")))
}

fn remove() -> OperationBuilder {
    named(asked("removePrompt", "Remove a prompt", texts(&[("*removed", "the name it had")])))
}
