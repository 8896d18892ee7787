//! The file attachments and the virus scan controllers (spec 3.5, 3.18, 4.1, 4.4, 4.5).

mod delete;
mod download;
mod get;
mod of_request;
mod receive;
mod scan;
mod upload;
mod verdict;

use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Files);
const WRITE: Grant = Grant::write(Area::Files);
const HASH: Param = Param::text("metadefenderHash").optional();

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("/api/v1/file-attachments", WRITE, |call| Box::pin(upload::handle(call)))
        .takes(&[
            Param::id("serviceRequestId"),
            Param::text("filename"),
            Param::text("contentType"),
            Param::int("size"),
            HASH,
        ])
        .fails(MtapiCode::UploadFileAttachmentFailed)
        .gives("FileAttachment")
        .takes_content()
        .does("Attaches a file to a service request; the body is its content."),
    Operation::get("/api/v1/file-attachments/{id}", READ, |call| Box::pin(get::handle(call)))
        .takes(&[Param::path_id("id")])
        .fails(MtapiCode::RetrievingFileAttachmentFailed)
        .gives_content(Some("FileAttachment"))
        .does("Gets a file."),
    Operation::delete("/api/v1/file-attachments/{id}", WRITE, |call| Box::pin(delete::handle(call)))
        .takes(&[Param::path_id("id")])
        .fails(MtapiCode::DeletingFileAttachmentFailed)
        .does("Deletes a file."),
    Operation::get("/api/v1/servicerequests/{id}/file-attachments", READ, |call| {
        Box::pin(of_request::handle(call))
    })
    .takes(&[Param::path_id("id")])
    .fails(MtapiCode::FileAttachmentByServiceRequestFailed)
    .gives("FileAttachment[]")
    .does("Lists the files of a service request."),
    Operation::post("/api/v1/virus-scan", WRITE, |call| Box::pin(scan::handle(call)))
        .takes(&[HASH])
        .fails(MtapiCode::VirusScanFailed)
        .gives("VirusScan")
        .takes_content()
        .does("Scans the body for viruses and keeps nothing of it."),
];
