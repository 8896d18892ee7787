//! The Organizations controller (spec 3.8).

mod add;
mod change;
mod delete;
mod find;
mod get;
mod list;
mod users;

use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Organizations);
const WRITE: Grant = Grant::write(Area::Organizations);
const ID_OR_NAME: Param = Param::path_text("id").or(MtapiCode::InvalidOrganization);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/organizations", READ, |call| Box::pin(list::handle(call)))
        .takes(&[Param::text("email").optional()])
        .fails(MtapiCode::RetrievingOrganizationFailed)
        .gives("Organization[]")
        .does("Lists the organizations, or those with an e-mail address."),
    Operation::put("/api/v1/organizations", WRITE, |call| Box::pin(change::handle(call)))
        .reads("OrganizationDTO")
        .fails(MtapiCode::UpdatingOrganizationFailed)
        .gives("Organization")
        .also(&[412])
        .does("Changes an organization."),
    Operation::post("/api/v1/organizations", WRITE, |call| Box::pin(add::handle(call)))
        .reads("OrganizationDTO")
        .fails(MtapiCode::AddingOrganizationFailed)
        .gives("Organization")
        .does("Adds an organization."),
    Operation::get("/api/v1/organizations/{id}", READ, |call| Box::pin(get::handle(call)))
        .takes(&[ID_OR_NAME])
        .fails(MtapiCode::RetrievingOrganizationFailed)
        .gives("Organization")
        .does("Gets an organization by its id or name."),
    Operation::delete("/api/v1/organizations/{id}", WRITE, |call| Box::pin(delete::handle(call)))
        .takes(&[ID_OR_NAME])
        .fails(MtapiCode::DeletingOrganizationFailed)
        .also(&[412])
        .does("Deletes an organization by its id or name."),
    Operation::get("/api/v1/organizations/{id}/users", READ, |call| Box::pin(users::handle(call)))
        .takes(&[Param::path_id("id").or(MtapiCode::InvalidOrganization), Param::id("serviceId").optional()])
        .fails(MtapiCode::RetrievingOrganizationFailed)
        .gives("User[]")
        .does("Lists the people of an organization, on demand those of one service."),
];
