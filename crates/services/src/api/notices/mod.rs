//! The Notices controller (spec 3.9, 5.5), under its first name and its later one.

mod add;
mod change;
mod delete;
mod get;
mod list;
mod types;

pub(super) use list::show_all;
use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::permission::{CREATE_NOTICES, DELETE_NOTICES, UPDATE_NOTICES};
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Notices);
const WRITE: Grant = Grant::write(Area::Notices);
const ID: Param = Param::path_id("id");

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/outage-notices", READ, |call| Box::pin(list::handle(call)))
        .fails(MtapiCode::GetNoticesFailed)
        .gives("StoredNotice[]")
        .does("Lists the notices of the application's services."),
    Operation::put("/api/v1/outage-notices", WRITE, |call| Box::pin(change::handle(call)))
        .reads("OutageNotice")
        .asks(UPDATE_NOTICES)
        .fails(MtapiCode::UpdateNoticeFailed)
        .gives("StoredNotice")
        .also(&[412])
        .does("Changes a notice that has not expired."),
    Operation::post("/api/v1/outage-notices", WRITE, |call| Box::pin(add::handle(call)))
        .reads("OutageNoticeDTO")
        .asks(CREATE_NOTICES)
        .fails(MtapiCode::AddNoticeFailed)
        .gives("StoredNotice")
        .does("Adds a notice."),
    Operation::get("/api/v1/outage-notices/{id}", READ, |call| Box::pin(get::handle(call)))
        .takes(&[ID])
        .gives("StoredNotice")
        .does("Gets a notice."),
    Operation::delete("/api/v1/outage-notices/{id}", WRITE, |call| Box::pin(delete::handle(call)))
        .takes(&[ID])
        .asks(DELETE_NOTICES)
        .fails(MtapiCode::DeleteNoticeFailed)
        .also(&[412])
        .does("Deletes a notice that has not expired."),
    Operation::get("/api/v1/notices", READ, |call| Box::pin(list::handle(call)))
        .fails(MtapiCode::GetNoticesFailed)
        .gives("StoredNotice[]")
        .does("Lists the notices of the application's services."),
    Operation::put("/api/v1/notices", WRITE, |call| Box::pin(change::handle(call)))
        .reads("Notice")
        .asks(UPDATE_NOTICES)
        .fails(MtapiCode::UpdateNoticeFailed)
        .gives("StoredNotice")
        .also(&[412])
        .does("Changes a notice that has not expired."),
    Operation::post("/api/v1/notices", WRITE, |call| Box::pin(add::handle(call)))
        .reads("Notice")
        .asks(CREATE_NOTICES)
        .fails(MtapiCode::AddNoticeFailed)
        .gives("StoredNotice")
        .does("Adds a notice."),
    Operation::get("/api/v1/notices/{id}", READ, |call| Box::pin(get::handle(call)))
        .takes(&[ID])
        .gives("StoredNotice")
        .does("Gets a notice."),
    Operation::delete("/api/v1/notices/{id}", WRITE, |call| Box::pin(delete::handle(call)))
        .takes(&[ID])
        .asks(DELETE_NOTICES)
        .fails(MtapiCode::DeleteNoticeFailed)
        .also(&[412])
        .does("Deletes a notice that has not expired."),
    Operation::get("/api/v1/notices/types", READ, |call| Box::pin(types::handle(call)))
        .fails(MtapiCode::GetNoticeTypesFailed)
        .gives("NoticeType[]")
        .does("Lists the types of notices."),
];
