//! The Users controller (spec 3.17, 4.1, 4.5).

mod applications;
mod business_systems;
mod by_pki;
mod delete;
mod emails;
mod exists;
mod find;
mod get;
mod grant;
mod list;
mod notices;
mod notices_expired;
mod organizations;
mod permissions;
mod revoke;
mod save;
mod search;
mod services;

pub(super) use save::check_credentials;
use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::records::user::UserType;
use crate::rules::permission::DELETE_USERS;
use crate::rules::{Area, Grant};
use crate::wire::organization::BUSINESS_SYSTEMS;

const READ: Grant = Grant::read(Area::Users);
const WRITE: Grant = Grant::write(Area::Users);
const ID: Param = Param::path_id("id").or(MtapiCode::UsersInvalidUserId);
const SERVICE: Param = Param::id("serviceId").optional();
const PAGE: Param = Param::int("page").optional();
const PAGE_SIZE: Param = Param::int("pageSize").optional();

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/users/{id}", READ, |call| Box::pin(get::handle(call)))
        .takes(&[ID])
        .fails(MtapiCode::RetrievingUserByIdFailed)
        .gives("User")
        .does("Gets a user."),
    Operation::delete("/api/v1/users/{id}", WRITE, |call| Box::pin(delete::handle(call)))
        .takes(&[ID])
        .asks(DELETE_USERS)
        .fails(MtapiCode::DeletingUserFailed)
        .also(&[412])
        .does("Deletes a user."),
    Operation::head("/api/v1/users/{id}", READ, |call| Box::pin(exists::handle(call)))
        .takes(&[ID])
        .fails(MtapiCode::UserExistsFailed)
        .does("Tells whether there is such a user."),
    Operation::get("/api/v1/users/pki", READ, |call| Box::pin(by_pki::handle(call)))
        .takes(&[Param::text("pki")])
        .fails(MtapiCode::RetrievingUserByPkiFailed)
        .gives("User")
        .does("Gets a user by the name of the certificate."),
    Operation::get("/api/v1/users/emails", READ, |call| Box::pin(emails::handle(call)))
        .takes(&[
            Param::text("email"),
            Param::word("userType", UserType::WORDS).optional().or(MtapiCode::InvalidUserType),
        ])
        .fails(MtapiCode::RetrievingUsersByEmailFailed)
        .gives("User[]")
        .does("Lists the users with an e-mail address."),
    Operation::get("/api/v1/users", READ, |call| Box::pin(find::handle(call)))
        .takes(&[
            Param::text("login").optional(),
            Param::text("mbun").optional(),
            Param::text("issuer").optional(),
            Param::text("pki").optional(),
        ])
        .fails(MtapiCode::RetrievingUserByAuthInfoFailed)
        .gives("User")
        .does("Gets a user by what they sign in with."),
    Operation::post("/api/v1/users", WRITE, |call| Box::pin(save::handle(call)))
        .takes(&[Param::flag("excludeCoordinates").optional()])
        .reads("UserDTO")
        .fails(MtapiCode::AddingOrUpdatingUserFailed)
        .gives("User")
        .also(&[412])
        .does("Adds or updates a user."),
    Operation::get("/api/v1/users/search", READ, |call| Box::pin(search::handle(call)))
        .takes(&[Param::text("name").optional(), Param::text("email").optional(), PAGE, PAGE_SIZE])
        .fails(MtapiCode::UserSearchFailed)
        .gives("UserCollection")
        .does("Searches users by a part of their name or e-mail address."),
    Operation::get("/api/v1/users/{id}/organizations", READ, |call| Box::pin(organizations::handle(call)))
        .takes(&[ID, SERVICE])
        .fails(MtapiCode::RetrievingOrganizationsForUserFailed)
        .gives("Organization[]")
        .does("Lists the organizations of a user."),
    Operation::get("/api/v1/users/{id}/business-systems", READ, |call| {
        Box::pin(business_systems::handle(call))
    })
    .takes(&[ID, SERVICE, Param::word("businessSystemType", BUSINESS_SYSTEMS).optional()])
    .fails(MtapiCode::RetrievingBusinessSystemsForUserFailed)
    .gives("BusinessSystem[]")
    .does("Lists the business systems in which a user is known."),
    Operation::get("/api/v1/users/{id}/services", READ, |call| Box::pin(services::handle(call)))
        .takes(&[ID, Param::flag("includeSelfEnrolled")])
        .fails(MtapiCode::RetrievingServicesByUserFailed)
        .gives("Service[]")
        .does("Lists the services in which a user is active."),
    // Its two codes are the handler's: which one depends on a parameter.
    Operation::get("/api/v1/users/{id}/permissions", READ, |call| Box::pin(permissions::handle(call)))
        .takes(&[ID, SERVICE])
        .gives("HeldPermission[]")
        .does("Lists the permissions of a user, on demand those in one service."),
    Operation::post("/api/v1/users/{id}/permissions", WRITE, |call| Box::pin(grant::handle(call)))
        .takes(&[ID])
        .reads("UserServicePermissionDTO")
        .fails(MtapiCode::AddingPermissionToServiceFailed)
        .gives("HeldPermission")
        .does("Grants a user a permission in a service."),
    Operation::delete("/api/v1/users/{id}/permissions/{permissionId}", WRITE, |call| {
        Box::pin(revoke::handle(call))
    })
    .takes(&[
        ID,
        Param::path_id("permissionId"),
        Param::id("serviceId"),
        Param::id("organizationId").optional(),
    ])
    .fails(MtapiCode::DeletingServicePermissionFailed)
    .does("Takes a permission in a service from a user."),
    Operation::get("/api/v1/users/{id}/outage-notices", READ, |call| Box::pin(notices::handle(call)))
        .takes(&[ID, Param::flag("onlyApplicableNotices").optional()])
        .fails(MtapiCode::RetrievingNoticesForUserFailed)
        .gives("StoredNotice[]")
        .does("Lists the notices of a user's services."),
    Operation::get("/api/v1/users/{id}/outage-notices/expired", READ, |call| {
        Box::pin(notices_expired::handle(call))
    })
    .takes(&[ID])
    .fails(MtapiCode::RetrievingExpiredNoticesForUserFailed)
    .gives("StoredNotice[]")
    .does("Lists the expired notices of a user's services."),
    Operation::get("/api/v1/users/{id}/applications", READ, |call| Box::pin(applications::handle(call)))
        .takes(&[ID, Param::int("roleId").optional().or(MtapiCode::GetApplicationsFailedByInvalidRoleId)])
        .fails(MtapiCode::GetApplicationsFailed)
        .gives("UserApplicationManagement[]")
        .does("Lists the user applications in which a user has a role."),
    Operation::get("/api/v2/users", READ, |call| Box::pin(list::handle(call)))
        .takes(&[
            Param::word("userType", UserType::WORDS).or(MtapiCode::InvalidUserType),
            Param::id("filterUserId"),
            PAGE,
            PAGE_SIZE,
        ])
        .fails(MtapiCode::RetrievingUsersFailed)
        .gives("UserCollection")
        .does("Lists the users whom an administrator may see."),
];
