//! The Services controller (spec 3.15, 4.1, 4.3, 4.5).

mod activate;
mod activities;
mod bind_organization;
mod deactivate;
mod deactivate_later;
mod define_permission;
mod enrol;
mod entities;
mod get;
mod invite;
mod invite_end;
mod invites;
mod list;
mod notices;
mod organizations;
mod permissions;
mod redefine_permission;
mod step;
mod undefine_permission;
mod users;
mod withdraw;

pub(super) use step::not_enrolled;
use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::records::user::UserType;
use crate::rules::permission::INVITE_USERS;
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Services);
const WRITE: Grant = Grant::write(Area::Services);
const ENROL: Grant = Grant::write(Area::Accounts);
const ID: Param = Param::path_id("id");
const USER: Param = Param::id("userId");
const ORGANIZATION: Param = Param::id("organizationId").optional();

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/services", READ, |call| Box::pin(list::handle(call)))
        .takes(&[Param::text("groupId").optional()])
        .fails(MtapiCode::RetrievingServiceCatalogFailed)
        .gives("Service[]")
        .does("Lists the services, or those of one group."),
    Operation::get("/api/v1/services/{id}", READ, |call| Box::pin(get::handle(call)))
        .takes(&[Param::path_text("id")])
        .fails(MtapiCode::RetrievingServiceInformationFailed)
        .gives("Service")
        .does("Gets a service by its id or name."),
    Operation::get("/api/v1/services/{id}/activities", READ, |call| Box::pin(activities::handle(call)))
        .takes(&[ID])
        .fails(MtapiCode::RetrievingActivitiesFailed)
        .gives("Activity[]")
        .does("Lists the activities of a service."),
    Operation::post("/api/v1/services/{id}/enrolluser", ENROL, |call| Box::pin(enrol::handle(call)))
        .takes(&[ID, USER, ORGANIZATION])
        .fails(MtapiCode::EnrollUserInServiceFailed)
        .also(&[422])
        .does("Enrols a user in a service; doing it again changes nothing."),
    Operation::delete("/api/v1/services/{id}/withdrawuser", ENROL, |call| Box::pin(withdraw::handle(call)))
        .takes(&[ID, USER, ORGANIZATION])
        .fails(MtapiCode::WithdrawUserFromServiceFailed)
        .does("Withdraws a user from a service."),
    Operation::post("/api/v1/services/{id}/activate-user", ENROL, |call| Box::pin(activate::handle(call)))
        .takes(&[ID, USER, ORGANIZATION])
        .fails(MtapiCode::ActivateUserInServiceFailed)
        .does("Reactivates a user in a service."),
    Operation::post("/api/v1/services/{id}/deactivate-user", ENROL, |call| {
        Box::pin(deactivate::handle(call))
    })
    .takes(&[ID, USER, ORGANIZATION])
    .fails(MtapiCode::DeactivateUserFromServiceFailed)
    .does("Deactivates a user in a service at once."),
    Operation::post("/api/v1/services/deactivate-user", ENROL, |call| {
        Box::pin(deactivate_later::handle(call))
    })
    .reads("UserFutureDeactivation")
    .fails(MtapiCode::EnrollmentDeactivationFailed)
    .does("Deactivates a user in a service at a time to come."),
    Operation::post("/api/v1/services/{id}/bind-organization", WRITE, |call| {
        Box::pin(bind_organization::handle(call))
    })
    .takes(&[ID, USER, Param::id("organizationId")])
    .does("Lets an organization use a service."),
    Operation::post("/api/v1/services/{serviceId}/initiate-invite", ENROL, |call| {
        Box::pin(invite::handle(call))
    })
    .takes(&[
        Param::path_id("serviceId"),
        USER,
        Param::text("email"),
        ORGANIZATION,
        Param::flag("isEnglish").optional(),
        Param::text("returnUrl").optional(),
    ])
    .asks(INVITE_USERS)
    .fails(MtapiCode::InitiateInviteFailed)
    .gives("InviteInitiationContext")
    .does("Invites somebody to a service, for an organization or for none."),
    Operation::post("/api/v1/services/complete-invite", ENROL, |call| Box::pin(invite_end::handle(call)))
        .takes(&[USER, Param::id("serviceRequestId"), Param::text("invitationCode")])
        .fails(MtapiCode::CompleteInviteWithInvalidArgumentFailed)
        .does("Enrols whoever was invited."),
    Operation::get("/api/v1/services/invites", Grant::read(Area::Accounts), |call| {
        Box::pin(invites::handle(call))
    })
    .takes(&[USER, Param::id("serviceId"), ORGANIZATION])
    .fails(MtapiCode::InitiateInviteFailed)
    .gives("Invite[]")
    .does("Lists the invites to a service."),
    Operation::get("/api/v1/services/{id}/users", READ, |call| Box::pin(users::handle(call)))
        .takes(&[ID, Param::word("userType", UserType::WORDS).optional().or(MtapiCode::InvalidUserType)])
        .fails(MtapiCode::RetrievingUserFailed)
        .gives("User[]")
        .does("Lists the people who are active in a service."),
    Operation::get("/api/v1/services/{id}/outage-notices", READ, |call| Box::pin(notices::handle(call)))
        .takes(&[ID])
        .fails(MtapiCode::RetrievingNoticesByServiceFailed)
        .gives("StoredNotice[]")
        .does("Lists the notices of a service that have not expired."),
    Operation::get("/api/v1/services/{id}/organizations", READ, |call| Box::pin(organizations::handle(call)))
        .takes(&[ID])
        .gives("Organization[]")
        .does("Lists the organizations that may use a service."),
    Operation::get("/api/v1/services/{id}/regulated-entities", READ, |call| Box::pin(entities::handle(call)))
        .takes(&[ID])
        .fails(MtapiCode::RetrievingServiceRegulatedEntityFailed)
        .gives("RegulatedEntityType[]")
        .does("Lists the kinds of regulated entities of a service."),
    Operation::get("/api/v1/services/{id}/permissions", READ, |call| Box::pin(permissions::handle(call)))
        .takes(&[ID, Param::id("permissionId").optional()])
        .fails(MtapiCode::RetrievingServicePermissionFailed)
        .gives("ServicePermission[]")
        .does("Lists the permissions that a service defines."),
    Operation::delete("/api/v1/services/{id}/permissions", WRITE, |call| {
        Box::pin(undefine_permission::handle(call))
    })
    .takes(&[ID, Param::id("permissionId")])
    .fails(MtapiCode::DeleteServicePermissionFailed)
    .also(&[412])
    .does("Removes a permission from a service and from whoever holds it there."),
    Operation::put("/api/v1/services/permissions", WRITE, |call| Box::pin(redefine_permission::handle(call)))
        .reads("ServicePermissionDTO")
        .fails(MtapiCode::UpdateServicePermissionFailed)
        .also(&[412])
        .gives("ServicePermission")
        .does("Changes a permission of a service."),
    Operation::post("/api/v1/services/permissions", WRITE, |call| Box::pin(define_permission::handle(call)))
        .reads("ServicePermissionDTO")
        .fails(MtapiCode::AddingServicePermissionFailed)
        .gives("ServicePermission")
        .does("Defines a permission for a service."),
];
