//! The Permissions controller (spec 3.10).

mod holders;
mod list;

use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Permissions);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/permissions", READ, |call| Box::pin(list::handle(call)))
        .takes(&[Param::flag("groupPermissions").optional()])
        .fails(MtapiCode::RetrievingAllPermissionsFailed)
        .gives("Permission[]|PermissionGroup[]")
        .does("Lists the permissions there are, on demand in groups."),
    Operation::get("/api/v1/permissions/{permissionId}/users", READ, |call| Box::pin(holders::handle(call)))
        .takes(&[
            Param::path_id("permissionId"),
            Param::id("serviceId"),
            Param::id("organizationId").optional(),
        ])
        .fails(MtapiCode::RetrievingUserByPermissionsFailed)
        .gives("User[]")
        .does("Lists the people who hold a permission in a service."),
];
