//! The metadata definitions controller, and the search by them (spec 3.7, 4.1, 4.3).

mod body;
mod create;
mod current;
mod list;
mod search;

use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Metadata);
const SERVICE: Param = Param::path_id("serviceId");

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/metadata-definitions/{serviceId}", READ, |call| Box::pin(list::handle(call)))
        .takes(&[SERVICE])
        .fails(MtapiCode::RetrievingMetadataStructureFailed)
        .gives("MetadataStructure[]")
        .does("Lists the metadata definitions of a service."),
    Operation::get("/api/v1/current-metadata-definition/{serviceId}", READ, |call| {
        Box::pin(current::handle(call))
    })
    .takes(&[SERVICE])
    .fails(MtapiCode::RetrievingMetadataStructureFailed)
    .gives("MetadataStructure")
    .does("Gets the newest metadata definition of a service."),
    Operation::post("/api/v1/metadata-definitions", Grant::write(Area::Metadata), |call| {
        Box::pin(create::handle(call))
    })
    .reads("MetadataStructureDTO")
    .fails(MtapiCode::AddingMetadataStructureFailed)
    .gives("MetadataStructure")
    .does("Adds a version of the metadata definition of a service."),
    Operation::post("/api/v1/servicerequests/search-metadata", Grant::read(Area::Requests), |call| {
        Box::pin(search::handle(call))
    })
    .reads("ServiceRequestSearchMetadataDTO")
    .gives("ServiceRequestCollection")
    .does("Finds service requests by a value of their metadata."),
];
