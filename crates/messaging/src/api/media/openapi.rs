//! The media endpoint in the OpenAPI document of the family.

use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{KnownFormat, OneOfBuilder, Schema, SchemaFormat};
use utoipa::openapi::{ContentBuilder, HttpMethod, PathsBuilder, Required};
use waypost_status::Api;

use super::PATH;
use crate::api::openapi::{body, object, once_header, operation, reference, string, texts};

/// What an upload may be used as.
const KINDS: [&str; 4] = ["image", "voice", "video", "thumb"];

/// Adds the path.
pub(in crate::api) fn paths(paths: PathsBuilder) -> PathsBuilder {
    paths.path(PATH, PathItem::new(HttpMethod::Post, upload()))
}

fn upload() -> OperationBuilder {
    let kind = || string().enum_values(Some(KINDS)).description(Some("what it is used as; else what it is"));
    let file = string().format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
    let form = object()
        .property("media", file.description(Some("the file, at most 5 MiB; any name will do")))
        .required("media")
        .property("type", kind());
    let content = ContentBuilder::new().schema(Some(form.build())).build();
    let request =
        RequestBodyBuilder::new().required(Some(Required::True)).content("multipart/form-data", content);
    let taken = Schema::from(texts(&[("*mediaid", "names the file in a message")]).build());
    let answer = Schema::from(OneOfBuilder::new().item(taken).item(reference("Refused")).build());
    let description = "The provider has it, or refused: the gate's codes, 7003, 7004, 7104, and those a message \
                       with media ends with.";
    operation("uploadMedia", "Upload a file to the provider of an X or WeChat asset", Api::Messaging)
        .parameter(
            ParameterBuilder::new()
                .name("appid")
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(string())),
        )
        .parameter(ParameterBuilder::new().name("type").parameter_in(ParameterIn::Query).schema(Some(kind())))
        .parameter(once_header())
        .request_body(Some(request.build()))
        .response("200", body(description, answer))
        .response("408", body("The form took too long: 7004.", reference("Refused")))
        .response("413", body("The file is too large: 7605.", reference("Refused")))
        .response("415", body("The body is no form: 7004.", reference("Refused")))
        .response("503", body("What happened could not be kept, send it again: 7006.", reference("Refused")))
}
