//! The EmailNotification controller: templates and what is sent by them (spec 3.5, 4.4).

mod delete;
mod list;
mod register;
mod send;
mod verification_code;

use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::permission::{CREATE_EMAIL, DELETE_EMAIL};
use crate::rules::{Area, Grant};

const WRITE: Grant = Grant::write(Area::Email);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/notification-template", Grant::read(Area::Email), |call| {
        Box::pin(list::handle(call))
    })
    .takes(&[Param::text("templateName").optional(), Param::flag("includeDeleted").optional()])
    .fails(MtapiCode::RetrievingTemplatesFailed)
    .gives("EmailNotificationTemplate|EmailNotificationTemplate[]")
    .does("Lists the templates of e-mail notifications, or gets one."),
    Operation::post("/api/v1/notification-template", WRITE, |call| Box::pin(register::handle(call)))
        .reads("EmailNotificationTemplateDto")
        .asks(CREATE_EMAIL)
        .fails(MtapiCode::RegisterTemplateFailed)
        .gives("EmailNotificationTemplate")
        .also(&[412])
        .does("Registers a template; one with its name is replaced."),
    Operation::post("/api/v1/notifications", WRITE, |call| Box::pin(send::handle(call)))
        .takes(&[Param::flag("overrideEmailRecipientsSafeguard").optional()])
        .reads("EmailNotificationDTO")
        .fails(MtapiCode::SendNotificationFailed)
        .does("Sends an e-mail by a template."),
    Operation::post("/api/v1/notifications/verificationcode", WRITE, |call| {
        Box::pin(verification_code::handle(call))
    })
    .reads("EmailVerificationDTO")
    .fails(MtapiCode::SendVerificationCodeFailed)
    .does("Sends a user the code that confirms their e-mail address."),
    Operation::delete("/api/v1/notification-template/{templateName}", WRITE, |call| {
        Box::pin(delete::handle(call))
    })
    .takes(&[Param::path_text("templateName")])
    .asks(DELETE_EMAIL)
    .fails(MtapiCode::DeleteTemplateFailed)
    .does("Deletes a template."),
];
