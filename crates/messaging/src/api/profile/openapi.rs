//! The Profile API in the OpenAPI document of the family.

use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, HttpMethod, PathsBuilder, RefOr, Required, ResponseBuilder,
};
use waypost_status::Api;

use super::{APP_PROFILE, APP_PROFILES, CUSTOMER, CUSTOMERS, DEVICE, RESULTS};
use crate::api::openapi::{JSON, array, body, codes, object, reference, string, texts};
use crate::wire::RECORDS_MAX;

/// Adds the paths.
pub(in crate::api) fn paths(paths: PathsBuilder) -> PathsBuilder {
    use HttpMethod::{Delete, Get, Post, Put};
    let ids =
        || query("customerId", "a customer's id; given several times for several customers, at most 100");
    let user = || query("identifier", "a user of the app: user id, page-scoped id, Twitter or WeChat id");
    let links = || {
        query(
            "showinwardlinks",
            "0 the customer only (default), 1 what identifies its app profiles, 2 all of them",
        )
    };
    let operations = [
        (CUSTOMERS, Post, write("createCustomers", "Create 1 to 100 customers"), vec![]),
        (CUSTOMERS, Put, write("updateCustomers", "Change 1 to 100 customers"), vec![]),
        (CUSTOMERS, Get, read("getCustomers", "Show customers"), vec![ids(), links()]),
        (CUSTOMERS, Delete, delete("deleteCustomers", "Delete customers"), vec![ids()]),
        (CUSTOMER, Get, read("getCustomer", "Show a customer"), vec![path("customerid"), links()]),
        (CUSTOMER, Delete, delete("deleteCustomer", "Delete a customer"), vec![path("customerid")]),
        (APP_PROFILES, Post, write("createAppProfiles", "Create 1 to 100 app profiles"), vec![path("appid")]),
        (APP_PROFILES, Put, write("updateAppProfiles", "Change 1 to 100 app profiles"), vec![path("appid")]),
        (APP_PROFILES, Get, read("getAppProfiles", "Show app profiles"), vec![path("appid"), ids(), user()]),
        (
            APP_PROFILES,
            Delete,
            delete("deleteAppProfiles", "Delete app profiles"),
            vec![path("appid"), ids(), user()],
        ),
        (
            APP_PROFILE,
            Get,
            read("getAppProfile", "Show a customer's app profiles"),
            vec![path("appid"), path("customerid")],
        ),
        (
            APP_PROFILE,
            Delete,
            delete("deleteAppProfile", "Delete a customer's app profiles"),
            vec![path("appid"), path("customerid")],
        ),
        (
            DEVICE,
            Delete,
            delete("deleteDevice", "Delete a device; `deviceid` in place of the user means any user"),
            vec![path("appid"), path("userid"), path("deviceid")],
        ),
        (RESULTS, Get, results(), vec![path("transid")]),
    ];
    let add = |paths: PathsBuilder,
               (path, method, operation, parameters): (
        &str,
        HttpMethod,
        OperationBuilder,
        Vec<Parameter>,
    )| {
        let operation = parameters.into_iter().fold(operation, OperationBuilder::parameter);
        paths.path(path, PathItem::new(method, operation))
    };
    operations.into_iter().fold(paths, add)
}

/// Adds the schemas.
pub(in crate::api) fn schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    components
        .schema("ProfileRecords", records())
        .schema("ProfileRecord", record())
        .schema("ProfileWritten", written())
        .schema("ProfileResult", result())
        .schema("ProfileFound", found())
        .schema("ShownProfile", shown())
        .schema("ShownAttribute", attribute())
        .schema("ShownLink", link())
        .schema("ProfileRefused", refused())
}

fn operation(id: &str, summary: &str, answer: &str, description: &str) -> OperationBuilder {
    let none: [&str; 0] = [];
    let answers =
        Schema::from(OneOfBuilder::new().item(reference(answer)).item(reference("ProfileRefused")).build());
    let description = format!("{description} Codes:\n\n{}", codes(Api::Profile));
    let failed: ResponseBuilder = body("The request was not carried out: 7006.", reference("ProfileRefused"));
    OperationBuilder::new()
        .operation_id(Some(id))
        .tag(Api::Profile.as_str())
        .summary(Some(summary))
        .security(SecurityRequirement::new("profileKey", none))
        .response("200", body(description, answers))
        .response("503", failed)
}

fn write(id: &str, summary: &str) -> OperationBuilder {
    let content = ContentBuilder::new().schema(Some(reference("ProfileRecords"))).build();
    let request = RequestBodyBuilder::new().required(Some(Required::True)).content(JSON, content).build();
    let description = "What became of each record; of more than ten records the answer is `QUEUED`.";
    operation(id, summary, "ProfileWritten", description).request_body(Some(request)).parameter(header())
}

fn delete(id: &str, summary: &str) -> OperationBuilder {
    operation(id, summary, "ProfileWritten", "What became of each id.").parameter(header())
}

fn read(id: &str, summary: &str) -> OperationBuilder {
    operation(id, summary, "ProfileFound", "What was found; 1002 when some of the ids are unknown.")
}

fn results() -> OperationBuilder {
    operation(
        "profileStatus",
        "Learn what became of a queued batch",
        "ProfileWritten",
        "What became of each record; 7600 while it waits.",
    )
}

fn path(name: &str) -> Parameter {
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path);
    parameter.required(Required::True).schema(Some(string())).build()
}

fn query(name: &str, description: &str) -> Parameter {
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query);
    parameter.description(Some(description)).schema(Some(string())).build()
}

fn header() -> Parameter {
    let parameter = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header);
    let description = "Optional, 1 to 255 visible ASCII characters: the same request is answered once more within a day, not done once more.";
    parameter.description(Some(description)).schema(Some(string())).build()
}

fn records() -> Schema {
    let list = ArrayBuilder::new().items(reference("ProfileRecord")).max_items(Some(RECORDS_MAX)).build();
    object()
        .description(Some("A record may stand at the top level instead of in `Records`."))
        .property("Records", Schema::from(list))
        .build()
        .into()
}

fn record() -> Schema {
    texts(&[("*customerId", "the customer's id, at most 128 bytes")])
        .property("Attributes", object().description(Some("name and value; absent stays, empty goes")))
        .build()
        .into()
}

fn number(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).description(Some(description))
}

fn written() -> Schema {
    texts(&[("*code", "1000, or 1002 as soon as one record failed"), ("*description", ""), ("*transid", "")])
        .property("TotalCount", number("records of the request"))
        .property("SuccessCount", number("records that were done"))
        .property("FailureCount", number("records that were refused"))
        .property("Results", array("ProfileResult"))
        .build()
        .into()
}

fn result() -> Schema {
    texts(&[("*customerId", ""), ("userId", "of an app profile"), ("*code", ""), ("*description", "")])
        .property("detail", reference("Detail"))
        .build()
        .into()
}

fn found() -> Schema {
    texts(&[("*code", "1000 or 1002"), ("*Description", ""), ("*transid", "")])
        .property("Status", number("0"))
        .property("Records", array("ShownProfile"))
        .build()
        .into()
}

fn shown() -> Schema {
    object()
        .property("Attributes", array("ShownAttribute"))
        .property("InwardLinks", array("ShownLink"))
        .property("OutwardLinks", array("ShownLink"))
        .build()
        .into()
}

fn attribute() -> Schema {
    texts(&[("*Name", ""), ("*Value", "always a text")])
        .property("ID", number("stable number of the attribute"))
        .build()
        .into()
}

fn link() -> Schema {
    let profiles = ArrayBuilder::new().items(array("ShownAttribute")).build();
    texts(&[("*ProfileName", "name of the store")])
        .property("ProfileID", number("number of the store"))
        .property("Records", RefOr::T(Schema::from(profiles)))
        .build()
        .into()
}

fn refused() -> Schema {
    texts(&[("*code", "see the list"), ("*description", "the text of the catalogue"), ("*transid", "")])
        .property("detail", reference("Detail"))
        .build()
        .into()
}
