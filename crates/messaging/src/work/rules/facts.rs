//! What rules see of a message from outside, of a receipt and of a changed customer.

use waypost_core::outcome::Outcome;
use waypost_core::time::Micros;
use waypost_store::directory::Happens;
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::desk::{Due, What};
use crate::records::happening;
use crate::records::inbound::Inbound;
use crate::records::social_inbound::SocialInbound;
use crate::rules::event::Facts;
use crate::rules::profile::Attributes;
use crate::work::notification::Subject;
use crate::work::runtime::Shared;

fn facts<const N: usize>(pairs: [(&str, &str); N]) -> Facts {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The first word of a text, in small letters: what rules on keywords compare.
fn keyword(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().to_lowercase()
}

/// An SMS from a customer: `from`, `to`, `text`, `keyword`, `channel`.
///
/// # Errors
/// Those of the store.
pub fn inbound(
    shared: &Shared,
    tx: &mut dyn Sql,
    (tenant, service): (i64, i64),
    message: &Inbound,
) -> Result<Vec<Due>, StoreError> {
    if !shared.rules.awaits(tenant, Happens::Inbound) {
        return Ok(Vec::new());
    }
    let known = facts([
        ("from", &message.source),
        ("to", &message.destination),
        ("text", &message.text),
        ("keyword", &keyword(&message.text)),
        ("channel", "sms"),
    ]);
    let what = of_inbound(tenant, service, known);
    shared.rules.happened(tx, &what, message.received_at)
}

/// A saying on a social channel: the same, and `event` and `postback`; `to` is the app asset.
///
/// # Errors
/// Those of the store.
pub fn said(
    shared: &Shared,
    tx: &mut dyn Sql,
    said: &SocialInbound,
    app_id: &str,
) -> Result<Vec<Due>, StoreError> {
    let Some(service) = said.service.filter(|_| shared.rules.awaits(said.tenant, Happens::Inbound)) else {
        return Ok(Vec::new());
    };
    let known = facts([
        ("from", &said.source),
        ("to", app_id),
        ("text", &said.text),
        ("keyword", &keyword(&said.text)),
        ("channel", &said.channel),
        ("event", &said.event),
        ("postback", said.postback.as_deref().unwrap_or_default()),
    ]);
    let what = of_inbound(said.tenant, service, known);
    shared.rules.happened(tx, &what, said.received_at)
}

const fn of_inbound(tenant: i64, service: i64, facts: Facts) -> What {
    What { tenant, service: Some(service), happens: Happens::Inbound, correlation: None, facts }
}

/// What became of a message, whether or not anybody is notified: `code`, `status`, `channel`, `destination`, `idtype`,
/// `transid`, `correlationid`. The receipts of what a rule on receipts sent wake none.
///
/// # Errors
/// Those of the store.
pub fn receipt(
    shared: &Shared,
    tx: &mut dyn Sql,
    subject: &Subject<'_>,
    outcome: &Outcome,
    at: Micros,
) -> Result<Vec<Due>, StoreError> {
    let (request, message) = (subject.request, subject.message);
    if !shared.rules.awaits(request.tenant, Happens::Receipt) {
        return Ok(Vec::new());
    }
    let ctx = Ctx::system(TenantId(request.tenant), "receipt");
    if happening::answers_a_receipt(tx, &ctx, request.id)? {
        return Ok(Vec::new());
    }
    let correlation = message.correlation.as_deref().unwrap_or_default();
    let known = facts([
        ("code", &outcome.code.to_string()),
        ("status", outcome.status.as_str()),
        ("channel", &request.channel),
        ("destination", &message.destination),
        ("idtype", &message.dest_type),
        ("transid", &request.transaction(message.unit).to_string()),
        ("correlationid", correlation),
    ]);
    let what = What {
        tenant: request.tenant,
        service: Some(request.service),
        happens: Happens::Receipt,
        correlation: message.correlation.clone(),
        facts: known,
    };
    shared.rules.happened(tx, &what, at)
}

/// How a customer changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Made.
    Created,
    /// Changed.
    Updated,
    /// Removed.
    Deleted,
}

impl Change {
    const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// A changed customer: `change`, `customerid`, and the customer's attributes by name as they are afterwards.
#[must_use]
pub fn customer(tenant: i64, id: &str, change: Change, attributes: &Attributes) -> What {
    let mut known: Facts = attributes.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    known.extend(facts([("change", change.word()), ("customerid", id)]));
    What { tenant, service: None, happens: Happens::Profile, correlation: None, facts: known }
}
