//! The artifacts controller (spec 3.4, 4.1, 4.4).

mod by_kind;
mod common;
mod create;
mod delete;
mod delete_by_kind;
mod exists;
mod get;
mod info;
mod of_request;
mod replace;
mod replace_by_kind;

use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::artifact::WORDS;
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Artifacts);
const WRITE: Grant = Grant::write(Area::Artifacts);
const REQUEST: Param = Param::id("serviceRequestId");
const KIND: Param = Param::word("artifactType", WORDS).or(MtapiCode::InvalidArtifactType);
const ANY_KIND: Param = KIND.optional();
const USER: Param = Param::id("userId");

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/artifacts", READ, |call| Box::pin(by_kind::handle(call)))
        .takes(&[REQUEST, ANY_KIND])
        .fails(MtapiCode::RetrievingArtifactFailed)
        .gives_content(Some("ArtifactInfo[]"))
        .does("Gets the content of the newest artifact of a kind, or lists the artifacts of a request."),
    Operation::put("/api/v1/artifacts", WRITE, |call| Box::pin(replace_by_kind::handle(call)))
        .takes(&[REQUEST, KIND, Param::text("version"), USER])
        .fails(MtapiCode::UpdatingArtifactFailed)
        .gives("ArtifactInfo")
        .takes_content()
        .also(&[412])
        .does("Gives the newest artifact of a kind another content."),
    Operation::post("/api/v1/artifacts", WRITE, |call| Box::pin(create::handle(call)))
        .takes(&[REQUEST, KIND, Param::text("version"), USER])
        .fails(MtapiCode::CreatingArtifactFailed)
        .gives("ArtifactInfo")
        .takes_content()
        .does("Creates an artifact; the body is its content."),
    Operation::delete("/api/v1/artifacts", WRITE, |call| Box::pin(delete_by_kind::handle(call)))
        .takes(&[REQUEST, KIND, USER])
        .fails(MtapiCode::DeletingArtifactFailed)
        .also(&[412])
        .does("Deletes the newest artifact of a kind."),
    Operation::head("/api/v1/artifacts", READ, |call| Box::pin(exists::handle(call)))
        .takes(&[REQUEST, KIND])
        .fails(MtapiCode::VerifyingArtifactFailed)
        .also(&[404])
        .does("Tells whether a request has an artifact of a kind."),
    Operation::get("/api/v1/artifacts/{id}", READ, |call| Box::pin(get::handle(call)))
        .takes(&[Param::path_id("id")])
        .fails(MtapiCode::RetrievingArtifactFailed)
        .gives_content(None)
        .does("Gets the content of an artifact."),
    Operation::get("/api/v1/artifacts/{id}/info", READ, |call| Box::pin(info::handle(call)))
        .takes(&[Param::path_id("id")])
        .fails(MtapiCode::RetrievingArtifactFailed)
        .gives("ArtifactInfo")
        .does("Tells what is known of an artifact."),
    Operation::put("/api/v1/artifacts/{id}", WRITE, |call| Box::pin(replace::handle(call)))
        .takes(&[Param::path_id("id"), Param::text("documentVersion"), REQUEST, USER])
        .fails(MtapiCode::UpdatingArtifactFailed)
        .gives("ArtifactInfo")
        .takes_content()
        .also(&[412])
        .does("Gives an artifact another content."),
    Operation::delete("/api/v1/artifacts/{id}", WRITE, |call| Box::pin(delete::handle(call)))
        .takes(&[Param::path_id("id"), USER])
        .fails(MtapiCode::DeletingArtifactFailed)
        .also(&[412])
        .does("Deletes an artifact."),
    Operation::get("/api/v1/servicerequests/{id}/artifacts", READ, |call| Box::pin(of_request::handle(call)))
        .takes(&[
            Param::path_id("id"),
            Param::word("artifactSelectionType", &["All", "Active", "Archived"]).optional(),
        ])
        .fails(MtapiCode::RetrievingServiceArtifactsFailed)
        .gives("ArtifactInfo[]")
        .does("Lists the artifacts of a service request."),
];
