//! Letters of this family: who gets them, and how they are handed to the outbox.

use waypost_mail::email::{Language, Mailbox};
use waypost_mail::{Draft, Outbox, Reason};
use waypost_status::MtapiCode;
use waypost_store::{Sql, TenantId};

use super::call::Call;
use crate::records::Scope;
use crate::records::user::User;
use crate::rules::words::Words;
use crate::rules::{Fault, Refusal};

/// The outbox of an operation that does nothing but send.
///
/// # Errors
/// `code` with HTTP 503 where no relay is set up.
pub(super) fn outbox(call: &Call, code: MtapiCode) -> Result<Outbox, Refusal> {
    let none = || Refusal::from(code).at("body", "a server with a mail relay (email.relay)").with_http(503);
    call.app().outbox().cloned().ok_or_else(none)
}

/// Whether the answer holds the code besides the letter: outside production, and where there is no letter.
pub(super) fn shows_codes(call: &Call) -> bool {
    call.app().settings.shows_codes || !call.application.is_live || call.app().outbox().is_none()
}

/// The rule on an address that a code is mailed to: the relay is not asked for `SMTPUTF8`.
pub(super) const MAILABLE: &str = "an address in ASCII, so that a letter can go to it";

/// Writes a letter, if there is an outbox, in the transaction of what it tells of.
pub(super) fn enqueue(
    tx: &mut dyn Sql,
    scope: &Scope,
    outbox: Option<&Outbox>,
    (reason, about): (Reason, i64),
    (to, words, language): (Mailbox, Words, Option<Language>),
) -> Result<(), Fault> {
    let Some(outbox) = outbox else { return Ok(()) };
    let draft =
        Draft { language, ..Draft::of(tenant(scope), (reason, about), to, words.subject, words.text) };
    outbox.enqueue(tx, &draft, scope.now)?;
    Ok(())
}

/// After the commit: the letter leaves at once.
pub(super) fn release(call: &Call) {
    if let Some(outbox) = call.app().outbox() {
        outbox.release(tenant(&call.scope), call.now());
    }
}

/// Whose letters they are.
pub(super) const fn tenant(scope: &Scope) -> TenantId {
    scope.ctx.tenant
}

/// The first address of a person that letters can go to, the primary ones in front.
pub(super) fn address_of(person: &User) -> Option<Mailbox> {
    let name = format!("{} {}", person.first_name, person.last_name);
    let mut own: Vec<_> = person.coordinates.iter().filter(|one| one.email().is_some()).collect();
    own.sort_by_key(|one| !one.is_primary);
    own.iter().find_map(|one| Some(Mailbox::new(Some(&name), one.email()?.parse().ok()?)))
}

/// The language of a flag `isEnglish`.
pub(super) const fn language(is_english: bool) -> Language {
    if is_english { Language::En } else { Language::Fr }
}
