//! The service requests controller (spec 3.14, 4.1, 4.5).

mod assign;
mod assignments;
mod change;
pub(super) mod common;
mod create;
mod create_v2;
mod delete;
mod draft;
mod find;
mod get;
mod history;
mod history_by_guid;
mod history_ex;
mod history_ex_by_guid;
pub(super) mod list;
mod move_entry;
mod of_service;
mod of_user;
mod query;
mod requester;
mod statuses;
mod transfer;
mod transfer_end;
mod unassign;
mod update_name;
mod update_status;

pub(super) use common::{found, named};
use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Requests);
const WRITE: Grant = Grant::write(Area::Requests);
const ID: Param = Param::path_id("id");
const NO_METADATA: Param = Param::flag("excludeMetadata").optional();
const COUNT_ONLY: Param = Param::flag("excludeServiceRequests").optional();
const PAGE: Param = Param::int("page").optional();
const PAGE_SIZE: Param = Param::int("pageSize").optional();

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/servicerequests/{id}", READ, |call| Box::pin(get::handle(call)))
        .takes(&[ID])
        .fails(MtapiCode::RetrievingServiceRequestFailed)
        .gives("ServiceRequest")
        .does("Gets a service request."),
    Operation::delete("/api/v1/servicerequests/{id}", WRITE, |call| Box::pin(delete::handle(call)))
        .takes(&[ID, Param::id("userId")])
        .fails(MtapiCode::DeleteServiceRequestFailed)
        .also(&[412])
        .does("Deletes a service request."),
    Operation::get("/api/v1/servicerequests", READ, |call| Box::pin(find::handle(call)))
        .takes(&[
            Param::text("guid").optional(),
            Param::text("services").optional(),
            NO_METADATA,
            COUNT_ONLY,
            PAGE,
            PAGE_SIZE,
            Param::flag("includeRegulatedEntities").optional(),
        ])
        .gives("ServiceRequest|ServiceRequestCollection")
        .does("Gets one service request by its guid, or those of several services."),
    Operation::put("/api/v1/servicerequests", WRITE, |call| Box::pin(change::handle(call)))
        .reads("BaseServiceRequest")
        .fails(MtapiCode::UpdateServiceRequestFailed)
        .gives("ServiceRequest")
        .also(&[412])
        .does("Changes a service request."),
    Operation::post("/api/v1/servicerequests", WRITE, |call| Box::pin(create::handle(call)))
        .takes(&[
            Param::id("userId"),
            Param::id("serviceId"),
            Param::text("englishName"),
            Param::text("frenchName"),
            Param::id("organizationId").optional(),
            Param::text("serviceRequestStatus").optional(),
        ])
        .fails(MtapiCode::AddServiceRequestFailed)
        .gives("ServiceRequestCreated")
        .does("Creates a service request."),
    Operation::post("/api/v2/servicerequests", WRITE, |call| Box::pin(create_v2::handle(call)))
        .reads("ServiceRequestCreationDTO")
        .fails(MtapiCode::AddServiceRequestFailed)
        .gives("ServiceRequestCreated")
        .does("Creates a service request from a body."),
    Operation::get("/api/v1/servicerequests/statuses", READ, |call| Box::pin(statuses::handle(call)))
        .takes(&[Param::id("serviceId").optional()])
        .fails(MtapiCode::RetrievingServiceRequestStatusesFailed)
        .gives("ServiceRequestStatus[]")
        .does("Lists the statuses of service requests, or of a service."),
    Operation::get("/api/v1/servicerequests/{id}/status-history", READ, |call| {
        Box::pin(history::handle(call))
    })
    .takes(&[ID])
    .fails(MtapiCode::RetrievingServiceRequestStatusHistoryFailed)
    .gives("StatusHistoryEntry[]")
    .does("Gets the status history of a service request."),
    Operation::get("/api/v1/servicerequests/status-history", READ, |call| {
        Box::pin(history_by_guid::handle(call))
    })
    .takes(&[Param::text("guid")])
    .fails(MtapiCode::RetrievingServiceRequestStatusHistoryFailed)
    .gives("StatusHistoryEntry[]")
    .does("Gets the status history of the service request with this guid."),
    Operation::get("/api/v1/servicerequests/{id}/status-history-ex", READ, |call| {
        Box::pin(history_ex::handle(call))
    })
    .takes(&[ID])
    .fails(MtapiCode::RetrievingStatusHistoryExFailed)
    .gives("StatusHistoryEntryEx[]")
    .does("Gets the status history with people, standards and the days the clock ran."),
    Operation::get("/api/v1/servicerequests/status-history-ex", READ, |call| {
        Box::pin(history_ex_by_guid::handle(call))
    })
    .takes(&[Param::text("guid")])
    .fails(MtapiCode::RetrievingStatusHistoryExByGuidFailed)
    .gives("StatusHistoryEntryEx[]")
    .does("Gets the extended status history of the service request with this guid."),
    Operation::put("/api/v1/servicerequests/{id}/status-history/{entryId}", WRITE, |call| {
        Box::pin(move_entry::handle(call))
    })
    .takes(&[ID, Param::path_id("entryId"), Param::id("userId")])
    .reads("StatusHistoryEntryUpdate")
    .fails(MtapiCode::UpdateStatusHistoryFailed)
    .gives("StatusHistoryEntry")
    .does("Changes the date and the standard of an entry of the status history."),
    Operation::post("/api/v1/servicerequests/{id}/updatestatus", WRITE, |call| {
        Box::pin(update_status::handle(call))
    })
    .takes(&[
        ID,
        Param::id("userId"),
        Param::text("serviceRequestStatus"),
        Param::id("serviceStandardId").optional(),
        Param::text("comment").optional(),
    ])
    .fails(MtapiCode::UpdateServiceRequestStatusFailed)
    .gives("ServiceRequest")
    .also(&[412])
    .does("Changes the status of a service request."),
    Operation::post("/api/v1/servicerequests/{id}/updatename", WRITE, |call| {
        Box::pin(update_name::handle(call))
    })
    .takes(&[ID, Param::id("userId"), Param::text("englishName"), Param::text("frenchName")])
    .fails(MtapiCode::UpdateServiceRequestFailed)
    .gives("ServiceRequest")
    .also(&[412])
    .does("Changes the names of a service request."),
    Operation::post("/api/v1/servicerequests/{id}/transfer", WRITE, |call| Box::pin(transfer::handle(call)))
        .takes(&[ID, Param::id("userId")])
        .fails(MtapiCode::InitiateTransferFailed)
        .gives("TransferStarted")
        .does("Begins to hand a service request over."),
    Operation::post("/api/v1/servicerequests/transfer", WRITE, |call| Box::pin(transfer_end::handle(call)))
        .takes(&[Param::text("code"), Param::id("userId"), Param::word("action", &["Accept", "Cancel"])])
        .fails(MtapiCode::CompleteTransferFailed)
        .gives("ServiceRequest")
        .does("Takes a service request over, or leaves it where it is."),
    Operation::get("/api/v1/servicerequests/{id}/assignments", READ, |call| {
        Box::pin(assignments::handle(call))
    })
    .takes(&[ID])
    .fails(MtapiCode::RetrievingUserAssignmentsFailed)
    .gives("UserAssignment[]")
    .does("Lists the people a service request is assigned to."),
    Operation::post("/api/v1/servicerequests/{id}/assignments", WRITE, |call| Box::pin(assign::handle(call)))
        .takes(&[ID])
        .reads("UserAssignmentDTO")
        .fails(MtapiCode::AddUserAssignmentFailed)
        .gives("UserAssignment[]")
        .does("Assigns a service request to people."),
    Operation::delete("/api/v1/servicerequests/{id}/assignments", WRITE, |call| {
        Box::pin(unassign::handle(call))
    })
    .takes(&[ID, Param::text("userIds")])
    .fails(MtapiCode::RemoveUserAssignmentFailed)
    .does("Takes people off a service request."),
    Operation::get("/api/v1/servicerequests/{id}/requester", READ, |call| Box::pin(requester::handle(call)))
        .takes(&[ID])
        .fails(MtapiCode::RetrievingServiceRequestFailed)
        .gives("User")
        .does("Gets the person on whose behalf a service request is."),
    Operation::get("/api/v1/services/{id}/servicerequests", READ, |call| Box::pin(of_service::handle(call)))
        .takes(&[
            ID,
            NO_METADATA,
            COUNT_ONLY,
            PAGE,
            PAGE_SIZE,
            Param::id("organizationId").optional(),
            Param::id("userId").optional(),
        ])
        .fails(MtapiCode::ServiceRequestsByServiceFailed)
        .gives("ServiceRequestCollection")
        .does("Lists the service requests of a service."),
    Operation::get("/api/v1/users/{id}/servicerequests", READ, |call| Box::pin(of_user::handle(call)))
        .takes(&[ID, NO_METADATA, COUNT_ONLY, PAGE, PAGE_SIZE, Param::id("serviceId").optional()])
        .fails(MtapiCode::RetrievingRequestsForUserFailed)
        .gives("ServiceRequestCollection")
        .does("Lists the service requests of a person."),
    Operation::post("/api/v1/servicerequests/query", READ, |call| Box::pin(query::handle(call)))
        .takes(&[COUNT_ONLY])
        .reads("ServiceRequestQuery")
        .fails(MtapiCode::ServiceRequestsQueryFailed)
        .gives("ServiceRequestCollection")
        .does("Finds service requests by the query language."),
    Operation::post("/api/servicerequests/query", READ, |call| Box::pin(query::handle(call)))
        .takes(&[COUNT_ONLY])
        .reads("ServiceRequestQuery")
        .fails(MtapiCode::ServiceRequestsQueryFailed)
        .gives("ServiceRequestCollection")
        .does("Finds service requests by the query language; another spelling of the path."),
];
