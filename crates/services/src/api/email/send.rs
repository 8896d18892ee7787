//! `POST /api/v1/notifications`.

use waypost_mail::email::{Language, Mailbox};
use waypost_mail::{Ask, Draft, Outbox, Reason};
use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::operation::Place;
use crate::api::requests::named;
use crate::api::{lookup, mailing};
use crate::records::email_template::{self, EmailTemplate};
use crate::records::{Scope, service, setting, user};
use crate::rules::fill::{Style, fill, plain};
use crate::rules::{Fault, Refusal};
use crate::wire::notification::{Notification, read};

/// The setting of a service that diverts its letters (spec 4.4).
const TEST_MODE: &str = "IsEmailNotificationTestModeEnabled";

/// Fills the template and writes one letter to each recipient; they leave after the commit. Without `To` it goes to the user.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let overridden = call.flag("overrideEmailRecipientsSafeguard", false);
    let asked = read(&call.fields(MtapiCode::ArgumentError).await?)?;
    let outbox = mailing::outbox(&call, MtapiCode::SendNotificationFailed)?;
    call.write(move |tx, scope| write(tx, scope, &outbox, &asked, overridden)).await?;
    mailing::release(&call);
    Ok(Reply::empty())
}

fn write(
    tx: &mut dyn Sql,
    scope: &Scope,
    outbox: &Outbox,
    asked: &Notification,
    overridden: bool,
) -> Result<(), Fault> {
    let template = template(tx, scope, &asked.template)?;
    let service = about(tx, scope, asked, &template)?;
    let on = service.map_or(Ok(false), |service| is_test_mode(tx, scope, service))?;
    let draft = draft(scope, asked, &template, Ask { on, overridden })?;
    if draft.bytes() > outbox.letter_bytes_max() {
        let rule = format!("a letter of at most {} bytes with its files", outbox.letter_bytes_max());
        return Err(Refusal::argument("Attachements", rule).into());
    }
    for to in recipients(tx, scope, asked)? {
        outbox.enqueue(tx, &Draft { to, ..draft.clone() }, scope.now)?;
    }
    Ok(())
}

fn template(tx: &mut dyn Sql, scope: &Scope, name: &str) -> Result<EmailTemplate, Fault> {
    let found = email_template::find(tx, scope, name)?.filter(|own| !own.is_deleted);
    Ok(found.ok_or_else(|| {
        let refusal = Refusal::from(MtapiCode::NotificationTemplateNotFound).in_input();
        refusal.at("NotificationTemplateName", "the name of a template")
    })?)
}

/// The service the letter is about: that of the request, else the template's.
fn about(
    tx: &mut dyn Sql,
    scope: &Scope,
    asked: &Notification,
    template: &EmailTemplate,
) -> Result<Option<i64>, Fault> {
    if let Some(id) = asked.request {
        return Ok(Some(named(tx, scope, "ServiceRequestId", id)?.service));
    }
    let Some(name) = &template.service_name else { return Ok(None) };
    let all = service::list(tx, scope)?;
    let found = all
        .iter()
        .find(|own| own.short_name.eq_ignore_ascii_case(name) || own.name_en.eq_ignore_ascii_case(name));
    Ok(found.map(|own| own.id))
}

fn is_test_mode(tx: &mut dyn Sql, scope: &Scope, service: i64) -> Result<bool, Fault> {
    let own = setting::list(tx, scope, Some(service))?;
    let found = own.iter().find(|one| one.key.eq_ignore_ascii_case(TEST_MODE));
    Ok(found.is_some_and(|one| one.value.trim().eq_ignore_ascii_case("true")))
}

fn recipients(tx: &mut dyn Sql, scope: &Scope, asked: &Notification) -> Result<Vec<Mailbox>, Fault> {
    let person = match asked.user {
        None => None,
        Some(id) => {
            lookup::person(tx, scope, (Place::Query, "UserId"), id)?;
            user::find(tx, scope, id)?
        }
    };
    if !asked.to.is_empty() {
        return Ok(asked.to.clone());
    }
    let address = person.as_ref().and_then(mailing::address_of);
    let none = || Refusal::argument("To", "an e-mail address, or a UserId of somebody who has one");
    Ok(vec![address.ok_or_else(none)?])
}

/// The letter; who gets it is put in afterwards.
fn draft(scope: &Scope, asked: &Notification, template: &EmailTemplate, ask: Ask) -> Result<Draft, Refusal> {
    let (subject, body) = match asked.language {
        Language::En => (&template.subjects.0, &template.bodies.0),
        Language::Fr => (&template.subjects.1, &template.bodies.1),
    };
    let style = if asked.is_html { Style::Html } else { Style::Plain };
    let filled = |text: &str, has_parameters: bool, style: Style| {
        if !has_parameters {
            return Ok(text.to_owned());
        }
        fill(text, &asked.parameters, style).map_err(|name| {
            let rule = format!("a value for {{{name}}}, which the template asks for");
            Refusal::argument("Parameters", rule)
        })
    };
    let subject = filled(subject, template.subject_parameters, Style::Plain)?;
    let body =
        filled(&body.join(if asked.is_html { "\n" } else { "\n\n" }), template.body_parameters, style)?;
    let (text, html) = if asked.is_html { (plain(&body), Some(body)) } else { (body, None) };
    let nobody = Mailbox::new(None, EMPTY.parse().map_err(|_| MtapiCode::InternalError)?);
    let about = (Reason::Notification, asked.request.unwrap_or(0));
    Ok(Draft {
        from: asked.from.clone(),
        language: Some(asked.language),
        html,
        attachments: asked.files.clone(),
        ask,
        ..Draft::of(mailing::tenant(scope), about, nobody, subject, text)
    })
}

/// Stands where the recipient will.
const EMPTY: &str = "nobody@localhost";
