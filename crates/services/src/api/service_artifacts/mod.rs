//! The service artifacts controller (spec 3.19, 4.3, 4.5).

mod by_alias;
mod common;
mod create;
mod delete;
mod get;
mod info;
mod update;

use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Artifacts);
const WRITE: Grant = Grant::write(Area::Artifacts);
const ID: Param = Param::path_id("id");

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/service-artifact", READ, |call| Box::pin(by_alias::handle(call)))
        .takes(&[Param::id("serviceId"), Param::text("alias"), Param::text("version").optional()])
        .fails(MtapiCode::ServiceArtifactRetrievalFailed)
        .gives_content(None)
        .does("Gets the content of a service artifact by its alias."),
    Operation::get("/api/v1/service-artifact/{id}", READ, |call| Box::pin(get::handle(call)))
        .takes(&[ID])
        .fails(MtapiCode::ServiceArtifactRetrievalFailed)
        .gives_content(None)
        .does("Gets the content of a service artifact."),
    Operation::get("/api/v1/service-artifact/{id}/info", READ, |call| Box::pin(info::handle(call)))
        .takes(&[ID])
        .fails(MtapiCode::ServiceArtifactRetrievalFailed)
        .gives("ServiceArtifactInfo")
        .does("Tells what is known of a service artifact."),
    Operation::post("/api/v1/service-artifact", WRITE, |call| Box::pin(create::handle(call)))
        .takes(&[Param::id("serviceId"), Param::text("alias"), Param::text("version")])
        .fails(MtapiCode::ServiceArtifactCreationFailed)
        .gives("ServiceArtifactInfo")
        .takes_content()
        .does("Creates a service artifact; the body is its content."),
    Operation::put("/api/v1/service-artifact/{id}", WRITE, |call| Box::pin(update::handle(call)))
        .takes(&[ID, Param::text("version").optional()])
        .fails(MtapiCode::ServiceArtifactUpdateFailed)
        .gives("ServiceArtifactInfo")
        .takes_content()
        .also(&[412])
        .does("Gives a service artifact another content."),
    Operation::delete("/api/v1/service-artifact/{id}", WRITE, |call| Box::pin(delete::handle(call)))
        .takes(&[ID])
        .fails(MtapiCode::ServiceArtifactDeletionFailed)
        .also(&[412])
        .does("Deletes a service artifact."),
];
