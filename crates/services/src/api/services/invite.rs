//! `POST /api/v1/services/{serviceId}/initiate-invite`.

use serde::Serialize;
use waypost_mail::Reason;
use waypost_mail::email::Mailbox;
use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::codes::{code, guid};
use crate::api::operation::Place;
use crate::api::{lookup, mailing};
use crate::records::mailed_code::{self, INVITE_DAYS, InviteAbout, Purpose};
use crate::records::request::{self, Request, RequestKind};
use crate::records::user::{self, UserType};
use crate::records::{Scope, service};
use crate::rules::contact::{is_email, is_web_address};
use crate::rules::time::show_utc;
use crate::rules::words::{self, Opening};
use crate::rules::{Fault, Refusal, RequestStatus};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    service_request_id: i64,
    invitation_code: Option<String>,
    service_id: i64,
    organization_id: Option<i64>,
    email: String,
    is_english: bool,
    return_url: Option<String>,
    expiry_date_utc: String,
}

#[derive(Clone)]
struct Asked {
    inviter: i64,
    service: i64,
    organization: Option<i64>,
    about: InviteAbout,
}

/// Makes an invite: a service request that whoever is invited completes with its code, which is mailed to them. The answer holds
/// it outside production only, and where there is no mail.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let asked = Asked {
        inviter: call.id("userId")?,
        service: call.id("serviceId")?,
        organization: call.opt_id("organizationId"),
        about: InviteAbout {
            email: call.text("email")?,
            is_english: call.flag("isEnglish", true),
            return_url: call.opt_text("returnUrl"),
        },
    };
    if !is_email(&asked.about.email) {
        return Err(Refusal::argument("email", "an e-mail address").into());
    }
    let outbox = call.app().outbox().cloned();
    let to: Option<Mailbox> = asked.about.email.parse().ok().map(|address| Mailbox::new(None, address));
    if outbox.is_some() && to.is_none() {
        return Err(Refusal::argument("email", mailing::MAILABLE).into());
    }
    if asked.about.return_url.as_deref().is_some_and(|url| !is_web_address(url)) {
        let rule = "an absolute address with http or https";
        return Err(Refusal::from(MtapiCode::InvalidReturnUrl).at("returnUrl", rule).into());
    }
    let (code, guid, kept) = (code(&call)?, guid(&call)?, asked.clone());
    let (secret, expires_at) = (code.clone(), call.now().add_ms(INVITE_DAYS * 86_400_000));
    let id = call
        .write(move |tx, scope| {
            let request = draft(tx, scope, &kept, &guid)?;
            let by = Scope { user: scope.user.or(Some(kept.inviter)), ..scope.clone() };
            let id = request::create(tx, &by, &request)?.ok_or(MtapiCode::InternalError)?;
            mailed_code::issue(tx, &by, (Purpose::Invite, id), &kept.about, (&secret, expires_at))?;
            let Some(to) = &to else { return Ok(id) };
            let until = show_utc(expires_at);
            let letter = letter(tx, scope, &kept, id, (&secret, &until))?;
            let language = Some(mailing::language(kept.about.is_english));
            mailing::enqueue(
                tx,
                scope,
                outbox.as_ref(),
                (Reason::Invite, id),
                (to.clone(), letter, language),
            )?;
            Ok(id)
        })
        .await?;
    mailing::release(&call);
    Reply::json(&Body {
        service_request_id: id,
        invitation_code: mailing::shows_codes(&call).then_some(code),
        service_id: asked.service,
        organization_id: asked.organization,
        email: asked.about.email,
        is_english: asked.about.is_english,
        return_url: asked.about.return_url,
        expiry_date_utc: show_utc(expires_at),
    })
}

fn letter(
    tx: &mut dyn Sql,
    scope: &Scope,
    asked: &Asked,
    id: i64,
    (code, until): (&str, &str),
) -> Result<words::Words, Fault> {
    let to = lookup::service(tx, scope, (Place::Path, "serviceId"), asked.service)?;
    let name = if asked.about.is_english { to.name_en } else { to.name_fr };
    let number = id.to_string();
    let link = asked
        .about
        .return_url
        .as_deref()
        .map(|url| words::link(url, &[("serviceRequestId", number.as_str()), ("invitationCode", code)]));
    let opening = Opening { code, until, link: link.as_deref() };
    Ok(words::invite(asked.about.is_english, &name, id, opening))
}

fn draft(tx: &mut dyn Sql, scope: &Scope, asked: &Asked, guid: &str) -> Result<Request, Fault> {
    let to: service::Service = lookup::service(tx, scope, (Place::Path, "serviceId"), asked.service)?;
    lookup::person(tx, scope, (Place::Query, "userId"), asked.inviter)?;
    if let Some(organization) = asked.organization {
        lookup::organization(tx, scope, (Place::Query, "organizationId"), organization)?;
        let invited = user::by_email(tx, scope, &asked.about.email)?;
        if invited.iter().any(|own| own.kind == UserType::Internal) {
            return Err(internal("email").into());
        }
    }
    Ok(Request {
        guid: guid.to_owned(),
        kind: RequestKind::Invite,
        organization: asked.organization,
        status: RequestStatus::Initiated,
        name_en: format!("Invite to {}", to.name_en),
        name_fr: format!("Invitation à {}", to.name_fr),
        ..mailed_code::blank(asked.inviter, asked.service, scope.now)
    })
}

/// An employee represents no organization.
pub(super) fn internal(field: &'static str) -> Refusal {
    Refusal::from(MtapiCode::InviteWithInternalUserFailed)
        .at(field, "no internal user, where there is an organization")
}
