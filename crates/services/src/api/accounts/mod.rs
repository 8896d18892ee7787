//! The Accounts controller (spec 3.1, 4.1, 4.4, 5.9).

mod activate;
mod applied;
mod apply;
mod enrolments;
mod recovery;
mod recovery_end;
mod register;
mod set_key;
mod sign_in;
mod verification;
mod verification_end;

use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Accounts);
const WRITE: Grant = Grant::write(Area::Accounts);
const USER: Param = Param::id("userId").or(MtapiCode::AccountsInvalidUserId);
const ORGANIZATION: Param = Param::id("organizationId").optional();
const MBUN: Param = Param::text("mbun").or(MtapiCode::InvalidMbun);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("/api/v1/account/activate", WRITE, |call| Box::pin(activate::handle(call)))
        .reads("UserActivationContext")
        .fails(MtapiCode::UserActivationFailed)
        .gives("User")
        .does("Pairs a prepared account with what its person signs in with, by its enrolment key."),
    Operation::post("/api/v1/account/register", WRITE, |call| Box::pin(register::handle(call)))
        .reads("UserRegistrationContext")
        .fails(MtapiCode::UserRegistrationFailed)
        .gives("User")
        .does("Registers a user."),
    Operation::post("/api/v1/account/initiate-recovery", WRITE, |call| Box::pin(recovery::handle(call)))
        .takes(&[
            Param::text("email").or(MtapiCode::InvalidEmail),
            MBUN,
            Param::text("issuer").optional(),
            Param::flag("isEnglish").optional(),
            Param::text("returnUrl").optional(),
        ])
        .fails(MtapiCode::InitiateAccountRecoveryFailed)
        .gives("AccountRecovery")
        .does("Starts the recovery of the account with an e-mail address."),
    Operation::post("/api/v1/account/complete-recovery", WRITE, |call| Box::pin(recovery_end::handle(call)))
        .takes(&[
            Param::id("accountRecoveryId").or(MtapiCode::InvalidAccountRecoveryId),
            Param::text("code").or(MtapiCode::InvalidConfirmationCode),
            MBUN,
            Param::text("issuer").optional(),
            Param::word("action", &["Accept", "Cancel"]).optional(),
        ])
        .fails(MtapiCode::CompleteRecoveryFailed)
        .does(
            "Ends the recovery of an account: pairs it with what its person signs in with now, or leaves it.",
        ),
    Operation::post("/api/v1/account/initiate-email-verification", WRITE, |call| {
        Box::pin(verification::handle(call))
    })
    .takes(&[
        Param::id("id").or(MtapiCode::AccountsInvalidUserId),
        Param::text("code").or(MtapiCode::InvalidConfirmationCode),
    ])
    .does("Keeps the code that will confirm the e-mail address of a user."),
    Operation::post("/api/v1/account/complete-email-verification", WRITE, |call| {
        Box::pin(verification_end::handle(call))
    })
    .takes(&[
        Param::id("userid").or(MtapiCode::AccountsInvalidUserId),
        Param::text("confirmationCode").or(MtapiCode::InvalidConfirmationCode),
    ])
    .fails(MtapiCode::FailedToVerifyEmail)
    .does("Confirms the e-mail address of a user by the code."),
    Operation::get("/api/v1/account/enrollments", READ, |call| Box::pin(enrolments::handle(call)))
        .takes(&[USER, Param::id("serviceId").optional(), ORGANIZATION, Param::flag("activeUser").optional()])
        .fails(MtapiCode::GetEnrollmentsFailed)
        .gives("Enrollment[]")
        .does("Lists the enrolments of a user."),
    Operation::put("/api/v1/account/set-activation-key", WRITE, |call| Box::pin(set_key::handle(call)))
        .takes(&[USER, Param::id("serviceId"), Param::text("enrollmentKey"), ORGANIZATION])
        .fails(MtapiCode::SetEnrollmentKeyFailed)
        .does("Sets the enrolment key of a user in a service."),
    Operation::get("/api/v1/account/{id}/applied-permissions", READ, |call| Box::pin(applied::handle(call)))
        .takes(&[
            Param::path_id("id").or(MtapiCode::AccountsInvalidUserId),
            Param::id("serviceId"),
            ORGANIZATION,
        ])
        .fails(MtapiCode::GetAppliedPermissionsFailed)
        .gives("AppliedPermissions")
        .does("Lists the permissions of a service, and which of them a user holds."),
    Operation::post("/api/v1/account/applied-permissions", WRITE, |call| Box::pin(apply::handle(call)))
        .reads("AppliedUserServicePermissionDTO")
        .fails(MtapiCode::AddAppliedPermissionsFailed)
        .gives("AppliedPermissions")
        .does("Grants a user the selected permissions of a service and takes the others named."),
];
