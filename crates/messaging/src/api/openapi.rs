//! The OpenAPI document of the family. The codes come from the catalogue, so that they cannot be forgotten here.

use std::fmt::Write as _;

use serde_json::{Value, json};
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder, Ref,
    RefOr, Required, ResponseBuilder,
};
use waypost_status::{Api, CATALOGUE, Entry, Phase};

use super::{MESSAGING_PATH, STATUS_PATH, events, media, profile, templates, voice, webhooks};
use crate::wire::VALUES_MAX;

pub(crate) const JSON: &str = "application/json";

pub(crate) fn object() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Object)
}

pub(crate) fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// Describes the endpoints of the family.
#[must_use]
pub fn openapi() -> OpenApi {
    let paths = PathsBuilder::new()
        .path(MESSAGING_PATH, PathItem::new(HttpMethod::Post, messaging()))
        .path(STATUS_PATH, PathItem::new(HttpMethod::Get, status()));
    let paths = profile::openapi::paths(events::openapi::paths(paths));
    let paths = webhooks::openapi::paths(media::openapi::paths(templates::openapi::paths(paths)));
    let paths = voice::openapi::paths(paths).build();
    let components = profile::openapi::schemas(ComponentsBuilder::new())
        .schema("MessagingRequest", request())
        .schema("Destination", destination())
        .schema("Unit", unit())
        .schema("Refused", refused())
        .schema("Detail", detail())
        .schema("StatusRecord", record())
        .security_scheme("serviceKey", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("key"))))
        .security_scheme("profileKey", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("key"))))
        .security_scheme("serviceToken", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)))
        .build();
    let info = InfoBuilder::new()
        .title("Waypost: Messaging v1, Transaction Status v1, Events v1 and Profile v2")
        .version("1");
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
}

pub(super) fn operation(id: &str, summary: &str, api: Api) -> OperationBuilder {
    let none: [&str; 0] = [];
    OperationBuilder::new()
        .operation_id(Some(id))
        .tag(api.as_str())
        .summary(Some(summary))
        .security(SecurityRequirement::new("serviceKey", none))
        .security(SecurityRequirement::new("serviceToken", none))
}

fn messaging() -> OperationBuilder {
    let answer =
        Schema::from(OneOfBuilder::new().item(wrapped(array("Unit"))).item(reference("Refused")).build());
    let description =
        format!("Taken (one element per destination object) or refused. Codes:\n\n{}", codes(Api::Messaging));
    operation("sendMessage", "Send a message to 1 to 1,000 destinations", Api::Messaging)
        .parameter(once_header())
        .request_body(Some(
            RequestBodyBuilder::new()
                .required(Some(Required::True))
                .content(JSON, ContentBuilder::new().schema(Some(reference("MessagingRequest"))).build())
                .build(),
        ))
        .response("200", body(description, answer))
        .response("408", body("The body took too long: 7000.", reference("Refused")))
        .response("413", body("The body is too long: 7022.", reference("Refused")))
        .response("415", body("The body is not JSON: 7000.", reference("Refused")))
        .response("503", body("The request was not kept, send it again: 7006.", reference("Refused")))
}

/// The optional header of every endpoint that accepts something.
pub(super) fn once_header() -> ParameterBuilder {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "Optional, 1 to 255 visible ASCII characters: the same request is answered once more within a day, not kept once more.",
        ))
        .schema(Some(string()))
}

fn status() -> OperationBuilder {
    let answer =
        Schema::from(OneOfBuilder::new().item(array("StatusRecord")).item(reference("Refused")).build());
    let description =
        format!("One record per destination value, or refused. Codes:\n\n{}", codes(Api::TransactionStatus));
    let asked = ParameterBuilder::new()
        .name("transactionid")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("A `transid` as it was answered, with or without its `_<n>`."))
        .schema(Some(string()));
    operation("transactionStatus", "Learn what became of a transaction", Api::TransactionStatus)
        .parameter(asked)
        .response("200", body(description, answer))
        .response("503", body("The ledger cannot be read, ask again: 7006.", reference("Refused")))
}

/// The answers of an API as a list, without those that are never sent.
pub(crate) fn codes(api: Api) -> String {
    let answered = |entry: &&Entry| entry.api == api && entry.phase != Phase::Outcome && !entry.is_reserved();
    let mut list = String::new();
    for entry in CATALOGUE.iter().filter(answered) {
        // Writing to a String cannot fail.
        let _ = writeln!(list, "* {} `{}`: {}", entry.code_text, entry.text(), entry.meaning);
    }
    list
}

pub(crate) fn body(description: impl Into<String>, schema: impl Into<RefOr<Schema>>) -> ResponseBuilder {
    ResponseBuilder::new()
        .description(description)
        .content(JSON, ContentBuilder::new().schema(Some(schema)).build())
}

pub(crate) fn reference(name: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(name))
}

pub(super) fn array(name: &str) -> RefOr<Schema> {
    RefOr::T(ArrayBuilder::new().items(reference(name)).build().into())
}

pub(super) fn wrapped(inner: RefOr<Schema>) -> Schema {
    object().property("response", inner).required("response").build().into()
}

/// An object of texts, each with what it is; a `*` before the name makes it mandatory.
pub(crate) fn texts(members: &[(&str, &str)]) -> ObjectBuilder {
    members.iter().fold(object(), |object, (name, description)| {
        let text = string().description(Some(*description));
        match name.strip_prefix('*') {
            Some(name) => object.property(name, text).required(name),
            None => object.property(*name, text),
        }
    })
}

fn request() -> Schema {
    let sms = texts(&[
        ("type", "1 text (default), 2 flash, 3 binary, 4 Unicode; a number is taken too"),
        (
            "text",
            "mandatory for types 1, 2 and 4 without a template; `{{name}}` is filled from `message.parameters`",
        ),
        ("body", "hexadecimal octets, mandatory for type 3"),
        ("media-path", "URL appended to the text"),
        ("senderid", "registered sender; default the service's"),
    ]);
    let block = |what: &str| object().description(Some(what));
    let channels = object()
        .property("sms", sms)
        .property("voice", block("deliverychannel voice: docs/channels/voice.md"))
        .property("push", block("deliverychannel push: docs/channels/push.md"))
        .property("appmessaging", block("deliverychannel rt: docs/channels/rt.md"))
        .property(
            "OTT-Messaging",
            object()
                .property("fb", block("docs/channels/messenger.md"))
                .property("twitter", block("docs/channels/x.md"))
                .property("wechat", block("docs/channels/wechat.md")),
        );
    let message = texts(&[("template", "template id")])
        .property("parameters", object().description(Some("name and value")));
    texts(&[
        ("*deliverychannel", "sms, voice, push, rt (or appmessaging), fb, twitter or wechat, in any case"),
        ("appid", "app asset"),
        ("correlationid", "your reference, at most 50 bytes; `correlationId` is taken too"),
        ("notifyurl", "where notifications go instead of the service's URL"),
        ("notifyurlAuthId", "stored credential for the call-back"),
        ("callbackData", "returned in every notification, at most 2,000 characters"),
        ("expiry", "2030-04-12T13:00:19.456Z, or with an offset +5:30 or +05:30"),
        ("priority", "1 low, 2 medium, 3 high; a number is taken too"),
        ("route", "IMMD, LCGD or LCBE"),
    ])
    .property("channels", channels)
    .property("message", message)
    .property("destination", array("Destination"))
    .required("destination")
    .examples([example()])
    .build()
    .into()
}

fn example() -> Value {
    json!({
        "deliverychannel": "sms",
        "channels": {"sms": {"text": "Your table is ready", "senderid": "ACME"}},
        "destination": [{"msisdn": ["447700900001"], "correlationid": "r1"}],
        "notifyurl": "https://shop.example/receipts"
    })
}

fn destination() -> Schema {
    let values = ArrayBuilder::new()
        .items(string())
        .max_items(Some(VALUES_MAX))
        .description(Some("One text is taken too. At most 1,000 values over all objects of the request."))
        .build();
    object()
        .description(Some("One id key (msisdn, customerid, email, userid, …) and its values."))
        .property("msisdn", Schema::from(values))
        .property("correlationid", string().description(Some("wins over the request's")))
        .build()
        .into()
}

fn unit() -> Schema {
    texts(&[
        ("*code", "1001 (an event: 1002), or why this destination object or event is refused"),
        ("*description", "the text of the catalogue; 1001 adds `in burst mode` when it applies"),
        ("*transid", "transaction id; `_<n>` is added when the request has several destination objects"),
        ("correlationid", "echoed"),
    ])
    .property("detail", reference("Detail"))
    .build()
    .into()
}

fn refused() -> Schema {
    let inner =
        texts(&[("*code", "see the list"), ("*description", "the text of the catalogue"), ("*transid", "")])
            .property("detail", reference("Detail"))
            .build();
    wrapped(RefOr::T(inner.into()))
}

fn detail() -> Schema {
    texts(&[
        ("*field", "path of the field or name of the header"),
        ("*rule", "what it must be"),
        ("*remedy", "what helps"),
    ])
    .description(Some("Our addition; the published contract does not have it."))
    .build()
    .into()
}

fn record() -> Schema {
    texts(&[
        ("*transactionid", "with `_<n>` when the request had several destination objects"),
        ("*clientid", "tenant"),
        ("*api_version", "v1"),
        ("*type", "outbound-api"),
        ("*from", "sender"),
        ("*to", "destination as it was sent"),
        ("*body", "text"),
        ("*channel", "SMS"),
        ("*status", "queued, sent, delivered, failed or expired"),
        ("*date_created", "Mon, 16 Aug 2010 03:45:01 UTC"),
        ("*last_updated", "Mon, 16 Aug 2010 03:45:07 UTC"),
        ("error_code", "null unless it failed or expired"),
        ("error_message", "its text in the catalogue, or null"),
    ])
    .build()
    .into()
}
