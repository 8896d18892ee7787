//! The webhooks in the OpenAPI document of the family: for whoever looks for them there; only the providers call them.

use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::{ContentBuilder, HttpMethod, PathsBuilder, Required, ResponseBuilder};

use super::{MESSENGER, TWITTER, WECHAT};
use crate::api::openapi::{JSON, body, object, reference, string};

/// Type of what is answered in the provider's words.
const TEXT: &str = "text/plain";
/// Type of what WeChat sends.
const XML: &str = "text/xml";

struct Webhook {
    path: &'static str,
    name: &'static str,
    provider: &'static str,
    content_type: &'static str,
    /// Parameters of the check of the address.
    asked: &'static [&'static str],
    /// Parameters of an event.
    signed: &'static [&'static str],
    /// The header that signs an event, when one does.
    header: Option<&'static str>,
}

const WEBHOOKS: [Webhook; 3] = [
    Webhook {
        path: MESSENGER,
        name: "Messenger",
        provider: "Messenger",
        content_type: JSON,
        asked: &["hub.mode", "hub.verify_token", "hub.challenge"],
        signed: &[],
        header: Some("x-hub-signature-256"),
    },
    Webhook {
        path: TWITTER,
        name: "Twitter",
        provider: "X",
        content_type: JSON,
        asked: &["crc_token"],
        signed: &[],
        header: Some("x-twitter-webhooks-signature"),
    },
    Webhook {
        path: WECHAT,
        name: "Wechat",
        provider: "WeChat",
        content_type: XML,
        asked: &["signature", "timestamp", "nonce", "echostr"],
        signed: &["signature", "timestamp", "nonce"],
        header: None,
    },
];

/// Adds the paths.
pub(in crate::api) fn paths(paths: PathsBuilder) -> PathsBuilder {
    WEBHOOKS.iter().fold(paths, |paths, webhook| {
        paths
            .path(webhook.path, PathItem::new(HttpMethod::Get, verify(webhook)))
            .path(webhook.path, PathItem::new(HttpMethod::Post, take(webhook)))
    })
}

fn verify(webhook: &Webhook) -> OperationBuilder {
    let id = format!("verify{}", webhook.name);
    let summary = format!("{} asks whether the address is ours", webhook.provider);
    let operation = operation(id, summary, "What the provider expects.");
    webhook.asked.iter().fold(operation, |operation, name| operation.parameter(query(name)))
}

fn take(webhook: &Webhook) -> OperationBuilder {
    let id = format!("take{}", webhook.name);
    let summary = format!("{} tells what happened; answered when it is durable", webhook.provider);
    let content = ContentBuilder::new().schema(Some(object().build())).build();
    let request = RequestBodyBuilder::new()
        .required(Some(Required::True))
        .content(webhook.content_type, content)
        .build();
    let operation = operation(id, summary, "Kept.").request_body(Some(request));
    let operation = webhook.signed.iter().fold(operation, |operation, name| operation.parameter(query(name)));
    let too_large = body("The body is too long: 7022. The contract's own number.", reference("Refused"));
    let operation = operation
        .response("408", body("The body took too long: 7000.", reference("Refused")))
        .response("430", too_large)
        .response("503", body("The event was not kept: 7006.", reference("Refused")));
    match webhook.header {
        Some(name) => operation.parameter(parameter(name, ParameterIn::Header)),
        None => operation,
    }
}

fn operation(id: String, summary: String, taken: &str) -> OperationBuilder {
    let content = ContentBuilder::new().schema(Some(string().build())).build();
    let taken = ResponseBuilder::new().description(taken).content(TEXT, content);
    OperationBuilder::new()
        .operation_id(Some(id))
        .tag("Webhooks")
        .summary(Some(summary))
        .parameter(
            ParameterBuilder::new()
                .name("appid")
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(string())),
        )
        .response("200", taken)
        .response(
            "400",
            body(
                "Not signed (7028), not by this asset's secret (7029), or not readable (7000, 7027).",
                reference("Refused"),
            ),
        )
        .response("404", body("No live asset of this provider: 7008.", reference("Refused")))
}

fn query(name: &str) -> Parameter {
    parameter(name, ParameterIn::Query)
}

fn parameter(name: &str, place: ParameterIn) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::True)
        .schema(Some(string()))
        .build()
}
