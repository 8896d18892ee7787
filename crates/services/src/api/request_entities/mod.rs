//! The ServiceRegulatedEntities controller (spec 3.13, 4.5).

mod add;
mod list;
mod replace;

use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::{Area, Grant};

const PATH: &str = "/api/v1/servicerequests/{id}/regulated-entities";
const WRITE: Grant = Grant::write(Area::Requests);
const ID: Param = Param::path_id("id");

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get(PATH, Grant::read(Area::Requests), |call| Box::pin(list::handle(call)))
        .takes(&[ID])
        .fails(MtapiCode::RetrievingRegulatedEntityFailed)
        .gives("StoredRegulatedEntity[]")
        .does("Lists the regulated entities of a service request."),
    Operation::post(PATH, WRITE, |call| Box::pin(add::handle(call)))
        .takes(&[ID])
        .reads("RegulatedEntity[]")
        .fails(MtapiCode::AddRegulatedEntityFailed)
        .gives("StoredRegulatedEntity[]")
        .does("Adds regulated entities to a service request."),
    Operation::put(PATH, WRITE, |call| Box::pin(replace::handle(call)))
        .takes(&[ID])
        .reads("RegulatedEntity[]")
        .fails(MtapiCode::UpdateRegulatedEntityFailed)
        .gives("StoredRegulatedEntity[]")
        .does("Sets the regulated entities of a service request."),
];
