//! The OpenAPI description of the RT API. The codes come from the catalogue, so that they cannot be forgotten here.

mod calls;

use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, Schema, SchemaFormat, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder,
    PathsBuilder, Required, ResponseBuilder,
};
use waypost_status::Api;

use crate::api::openapi::{JSON, body, codes, object, reference, string, texts};
use calls::{Body, CALLS, Call, Keys};

/// Describes the RT API.
#[must_use]
pub fn openapi() -> OpenApi {
    let mut document = OpenApiBuilder::new()
        .info(InfoBuilder::new().title("Waypost: RT API").version("1"))
        .paths(PathsBuilder::new().build())
        .components(Some(components().build()))
        .build();
    for call in CALLS {
        document.paths.add_path_operation(call.path, vec![method(call)], operation(call).build());
    }
    document
}

fn components() -> ComponentsBuilder {
    let header = |name: &str| SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(name)));
    ComponentsBuilder::new()
        .schema("RtDone", done())
        .schema("RtRefused", refused())
        .security_scheme("secretKey", header("secretKey"))
        .security_scheme("accessToken", header("accessToken"))
}

fn method(call: &Call) -> HttpMethod {
    match call.method {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(call: &Call) -> OperationBuilder {
    let mut operation = OperationBuilder::new()
        .operation_id(Some(call.id))
        .tag(Api::Realtime.as_str())
        .summary(Some(call.summary));
    let none: [&str; 0] = [];
    operation = match call.keys {
        Keys::None => operation,
        Keys::Client => operation.security(SecurityRequirement::new("secretKey", none)),
        Keys::Token => {
            operation.security(SecurityRequirement::new("secretKey", none).add("accessToken", none))
        }
        // A device with its token, or a service with the server key.
        Keys::Either => operation
            .security(SecurityRequirement::new("secretKey", none))
            .security(SecurityRequirement::new("secretKey", none).add("accessToken", none)),
    };
    for name in in_path(call.path) {
        operation = operation.parameter(parameter(name, ParameterIn::Path, ""));
    }
    for (name, what) in call.query {
        operation = operation.parameter(parameter(name, ParameterIn::Query, what));
    }
    if let Some(request) = request(call) {
        operation = operation.request_body(Some(request.build()));
    }
    answers(call, operation)
}

/// The names in braces.
fn in_path(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

fn parameter(name: &str, place: ParameterIn, what: &str) -> ParameterBuilder {
    let required = if matches!(place, ParameterIn::Path) { Required::True } else { Required::False };
    let schema = match name {
        "version" => string().enum_values(Some(["v1", "v2", "v3", "v4"])),
        _ => string(),
    };
    let described = (!what.is_empty()).then_some(what);
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(described)
        .schema(Some(schema))
}

fn request(call: &Call) -> Option<RequestBodyBuilder> {
    let (kind, schema): (_, Schema) = match call.body {
        Body::None => return None,
        Body::Members(members) => (JSON, texts(members).build().into()),
        Body::Users => {
            let users = ArrayBuilder::new().items(string()).max_items(Some(crate::rt::topics::USERS_MAX));
            (JSON, users.description(Some("user ids")).build().into())
        }
        Body::Form => {
            let file = string()
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
                .description(Some("the file; what it is, its first bytes say"));
            ("multipart/form-data", object().property("media", file).required("media").build().into())
        }
    };
    let content = ContentBuilder::new().schema(Some(schema)).build();
    Some(RequestBodyBuilder::new().required(Some(Required::True)).content(kind, content))
}

fn answers(call: &Call, operation: OperationBuilder) -> OperationBuilder {
    if call.is_file {
        let bytes = string().format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
        let content = ContentBuilder::new().schema(Some(Schema::from(bytes.build()))).build();
        let file =
            ResponseBuilder::new().description("The file.").content("application/octet-stream", content);
        return operation
            .response("200", file)
            .response("403", body("The link was not made here: 4.", reference("RtRefused")))
            .response("404", body("The file is gone: 5.", reference("RtRefused")))
            .response("410", body("The link has ended: 40.", reference("RtRefused")));
    }
    let answer = utoipa::openapi::schema::OneOfBuilder::new()
        .item(reference("RtDone"))
        .item(reference("RtRefused"))
        .build();
    let description = format!("{}, or refused. Codes:\n\n{}", call.answers, codes(Api::Realtime));
    let operation = operation.response("200", body(description, Schema::from(answer)));
    let operation = match call.body {
        Body::None => operation,
        _ => operation
            .response("408", body("The body took too long: 4.", reference("RtRefused")))
            .response("413", body("The body is too long: 4.", reference("RtRefused")))
            .response("415", body("The body is of another type: 36.", reference("RtRefused"))),
    };
    operation.response("503", body("What was asked could not be kept or read: 1.", reference("RtRefused")))
}

/// A code is a text on some calls and a number on others.
fn code() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::SchemaType::from_iter([Type::String, Type::Integer]))
        .description(Some("a text; a number about topics, and in refusals about threads"))
}

fn done() -> Schema {
    object()
        .property("code", code())
        .required("code")
        .property("description", string())
        .required("description")
        .description(Some("What the call answers stands beside these."))
        .build()
        .into()
}

fn refused() -> Schema {
    let detail = texts(&[("*field", "the member"), ("*rule", "what it must be"), ("*remedy", "what helps")]);
    object()
        .property("status", string().enum_values(Some(["Failure"])))
        .property("code", code())
        .required("code")
        .property("description", string())
        .required("description")
        .property("detail", detail)
        .required("detail")
        .build()
        .into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_document_of_the_rt_api_has_every_path_of_its_router_and_no_other() {
        let told = format!("{:?}", crate::rt::api::routes());
        let is_route = |text: &&str| text.starts_with("/rtmsAPI");
        let served: BTreeSet<String> = told.split('"').filter(is_route).map(str::to_owned).collect();
        let document = serde_json::to_value(openapi()).unwrap();
        let described: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(described, served);
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = CALLS.iter().map(|call| call.id).collect();
        assert_eq!(names.len(), CALLS.len());
    }

    #[test]
    fn the_document_of_the_rt_api_is_as_it_was_reviewed() {
        insta::assert_json_snapshot!("openapi", openapi());
    }
}
