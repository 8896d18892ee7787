//! `POST /api/v1/account/initiate-recovery`.

use serde::Serialize;
use waypost_mail::Reason;
use waypost_mail::email::Mailbox;
use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::codes::{code, guid};
use crate::api::mailing;
use crate::records::Scope;
use crate::records::mailed_code::{self, Purpose, RECOVERY_DAYS, RecoveryAbout};
use crate::records::request::{self, Request, RequestKind};
use crate::records::user::{self, User, UserType};
use crate::rules::contact::is_web_address;
use crate::rules::time::show_utc;
use crate::rules::words::{self, Opening};
use crate::rules::{Fault, Refusal, RequestStatus};

/// People who share an address, at most.
const PEOPLE_MAX: usize = 20;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    account_recovery_id: i64,
    recovery_code: Option<String>,
    expiry_date_utc: String,
    account_recoveries: Vec<PersonBody>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PersonBody {
    account_recovery_id: i64,
    user_id: i64,
    first_name: String,
    last_name: String,
}

/// Makes a recovery request for the one external person with the address; where several share it, a parent and one for
/// each. The code is mailed to the address; the answer holds it outside production only, and where there is no mail.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let email = call.text("email")?;
    if call.opt_text("returnUrl").is_some_and(|url| !is_web_address(&url)) {
        return Err(Refusal::argument("returnUrl", "an absolute address with http or https").into());
    }
    let (english, back) = (call.flag("isEnglish", true), call.opt_text("returnUrl"));
    let to: Option<Mailbox> = email.parse().ok().map(|address| Mailbox::new(None, address));
    let outbox = call.app().outbox().cloned();
    let about = RecoveryAbout { mbun: call.text("mbun")?, issuer: call.opt_text("issuer") };
    let mut guids = Vec::new();
    for _ in 0..=PEOPLE_MAX {
        guids.push(guid(&call)?);
    }
    let (code, expires_at) = (code(&call)?, call.now().add_ms(RECOVERY_DAYS * 86_400_000));
    let secret = code.clone();
    let made = call.write(move |tx, scope| {
        let people = whose(tx, scope, &email)?;
        // Kept by other rules than a relay's: a code that reaches nobody is worse than a refusal.
        if outbox.is_some() && to.is_none() {
            return Err(Refusal::argument("email", mailing::MAILABLE).into());
        }
        let (first, each) = requests(tx, scope, &people, &guids)?;
        mailed_code::issue(tx, scope, (Purpose::Recovery, first), &about, (&secret, expires_at))?;
        if let Some(to) = &to {
            let (number, until) = (first.to_string(), show_utc(expires_at));
            let more = [("accountRecoveryId", number.as_str()), ("code", secret.as_str())];
            let link = back.as_deref().map(|url| words::link(url, &more));
            let opening = Opening { code: &secret, until: &until, link: link.as_deref() };
            let letter = words::recovery(english, first, opening);
            let letter = (to.clone(), letter, Some(mailing::language(english)));
            mailing::enqueue(tx, scope, outbox.as_ref(), (Reason::Recovery, first), letter)?;
        }
        Ok((first, each))
    });
    let (account_recovery_id, account_recoveries) = made.await?;
    mailing::release(&call);
    Reply::json(&Body {
        account_recovery_id,
        recovery_code: mailing::shows_codes(&call).then_some(code),
        expiry_date_utc: show_utc(expires_at),
        account_recoveries,
    })
}

fn whose(tx: &mut dyn Sql, scope: &Scope, email: &str) -> Result<Vec<User>, Fault> {
    let mut people = user::by_email(tx, scope, email)?;
    people.retain(|own| own.kind != UserType::Internal);
    people.truncate(PEOPLE_MAX);
    if people.is_empty() {
        let refusal = Refusal::from(MtapiCode::UserNotFound).in_input();
        return Err(refusal.at("email", "the e-mail address of an external user").into());
    }
    Ok(people)
}

fn requests(
    tx: &mut dyn Sql,
    scope: &Scope,
    people: &[User],
    guids: &[String],
) -> Result<(i64, Vec<PersonBody>), Fault> {
    let mut guids = guids.iter();
    let mut add = |tx: &mut dyn Sql, user: i64, parent: Option<i64>| {
        let new = Request {
            guid: guids.next().cloned().unwrap_or_default(),
            kind: RequestKind::Recovery,
            name_en: "Account recovery".to_owned(),
            name_fr: "Récupération de compte".to_owned(),
            status: RequestStatus::Initiated,
            parent,
            ..mailed_code::blank(user, 0, scope.now)
        };
        Ok::<_, Fault>(request::create(tx, scope, &new)?.ok_or(MtapiCode::InternalError)?)
    };
    let owner = people.first().map_or(0, |own| own.id);
    let parent = if people.len() > 1 { Some(add(tx, owner, None)?) } else { None };
    let mut each = Vec::new();
    for own in people {
        each.push(PersonBody {
            account_recovery_id: add(tx, own.id, parent)?,
            user_id: own.id,
            first_name: own.first_name.clone(),
            last_name: own.last_name.clone(),
        });
    }
    let first = parent.or(each.first().map(|own| own.account_recovery_id));
    Ok((first.ok_or(MtapiCode::InternalError)?, each))
}
