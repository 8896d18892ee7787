//! The UserApplicationManagement controller (spec 3.20, 4.3, 4.5).

mod activate;
mod change;
mod deactivate;
mod enrol;
mod get;
mod manage;
mod shape;
mod users;

pub(super) use shape::ApplicationBody;
use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Applications);
const WRITE: Grant = Grant::write(Area::Applications);
const ID: Param = Param::path_id("id");
const USER: Param = Param::path_id("userId");
const BY: Param = Param::id("createdByUserId");

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/userapplications/{id}", READ, |call| Box::pin(get::handle(call)))
        .takes(&[ID])
        .fails(MtapiCode::GetApplicationByAppIdFailed)
        .gives("UserApplicationManagement")
        .does("Gets a user application with its roles and their permissions."),
    Operation::post("/api/v1/userapplications/{id}/enrolluser", WRITE, |call| Box::pin(enrol::handle(call)))
        .takes(&[ID, Param::id("userId"), BY])
        .reads("AddUserApplicationService[]")
        .fails(MtapiCode::EnrollUserFailed)
        .does("Gives a user roles in services of a user application."),
    Operation::get("/api/v1/userapplications/{appId}/users", READ, |call| Box::pin(users::handle(call)))
        .takes(&[
            Param::path_id("appId"),
            Param::int("page").optional(),
            Param::int("pageSize").optional(),
            Param::text("userName").optional(),
            Param::text("emailAddress").optional(),
            Param::int("userRoleType").optional().or(MtapiCode::InvalidRole),
            Param::id("servId").optional(),
        ])
        .fails(MtapiCode::GetUsersByApplicationIdFailed)
        .gives("UserApplicationInfoResult")
        .does("Lists the internal users who have a role in a user application."),
    Operation::put("/api/v1/userapplications/{id}/users/{userId}", WRITE, |call| {
        Box::pin(change::handle(call))
    })
    .takes(&[ID, USER, BY])
    .reads("AddUserApplicationService[]")
    .fails(MtapiCode::UpdateUserFailed)
    .does("Sets the roles of a user in a user application."),
    Operation::post("/api/v1/userapplications/{id}/users/{userId}/activate-user", WRITE, |call| {
        Box::pin(activate::handle(call))
    })
    .takes(&[ID, USER, BY])
    .fails(MtapiCode::ActivateUserFailed)
    .does("Lets a user use their roles in a user application again."),
    Operation::post("/api/v1/userapplications/{id}/users/{userId}/deactivate-user", WRITE, |call| {
        Box::pin(deactivate::handle(call))
    })
    .takes(&[ID, USER, BY])
    .fails(MtapiCode::DeactivateUserFailed)
    .does("Stops the roles of a user in a user application."),
];
