//! The OpenAPI document that is served: the families' endpoints and the pages that belong to none.

use utoipa::openapi::path::OperationBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, HttpMethod, OpenApi, ResponseBuilder};

/// Path, operation, what it says, type of the answer, the answers.
type Page = (&'static str, &'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const PAGES: [Page; 4] = [
    ("/healthz", "health", "Whether the process answers", "text/plain", &[("200", "`ok`")]),
    (
        "/readyz",
        "readiness",
        "Whether a message sent now would be kept durably",
        "application/json",
        &[
            ("200", "It would: `ready`, and an empty `because`."),
            ("503", "`because` says what is in the way."),
        ],
    ),
    (
        "/metrics",
        "metrics",
        "What Prometheus reads",
        "text/plain",
        &[
            ("200", "Prometheus text."),
            ("404", "Metrics are off, or the caller is not in `metrics.allow_cidrs`; no body."),
        ],
    ),
    ("/openapi.json", "openapi", "This document", "application/json", &[("200", "OpenAPI 3.1.")]),
];

/// The whole document.
#[must_use]
pub fn document() -> OpenApi {
    let mut document = waypost_messaging::openapi();
    document.merge(waypost_messaging::rt::api::openapi());
    waypost_content::api::model::openapi::describe(&mut document);
    for (path, id, summary, content_type, answers) in PAGES {
        let operation =
            OperationBuilder::new().operation_id(Some(id)).tag("Operation").summary(Some(summary));
        let operation = answers.iter().fold(operation, |operation, (status, description)| {
            operation.response(*status, response(description, (*status != "404").then_some(content_type)))
        });
        document.paths.add_path_operation(path, vec![HttpMethod::Get], operation.build());
    }
    document
}

fn response(description: &str, content_type: Option<&str>) -> ResponseBuilder {
    let response = ResponseBuilder::new().description(description);
    let Some(content_type) = content_type else { return response };
    let kind = if content_type == "application/json" { Type::Object } else { Type::String };
    let schema = ObjectBuilder::new().schema_type(kind).build();
    response.content(content_type, ContentBuilder::new().schema(Some(schema)).build())
}
