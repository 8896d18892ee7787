//! Messages from customers (MO): joined, kept, forwarded to the service that owns the number; STOP and START keep
//! the do-not-disturb list (spec 4.3).

use waypost_core::keyword::{Keyword, recognise};
use waypost_core::msisdn::{Msisdn, PlusRule};
use waypost_core::time::Micros;
use waypost_store::directory::{self, Service};
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::callback_item::{CallbackItem, Payload, parse_url};
use super::emit::{self, Emitted};
use super::notification;
use super::rules;
use super::runtime::Shared;
use crate::records::inbound::{self, Inbound, Part};

/// One inbound message or part, decoded.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The connection it came in on.
    pub connection: i64,
    /// The customer's number.
    pub source: String,
    /// Our number.
    pub destination: String,
    /// Its text; hexadecimal when binary.
    pub text: String,
    /// The data coding it came in.
    pub data_coding: u8,
    /// `(reference, total, number)` when it is one part of several.
    pub concat: Option<(u16, u8, u8)>,
    /// The tenant whose connection it is; `None` for a shared one.
    pub tenant: Option<i64>,
    /// Whether the connection belongs to the sandbox.
    pub sandbox: bool,
    /// When it came.
    pub at: Micros,
}

/// The write job of one arrival.
///
/// # Errors
/// Those of the store; the provider is then asked to send it again.
pub fn record(shared: &Shared, tx: &mut dyn Sql, arrival: &Arrival) -> Result<Vec<Emitted>, StoreError> {
    let Some((text, parts)) = whole_text(tx, arrival)? else { return Ok(Vec::new()) };
    let current = shared.directory.current();
    // What one tenant's own account or the sandbox brings stays there.
    let owner = current.owner_of_number(&arrival.destination).filter(|service| {
        arrival.tenant.is_none_or(|tenant| tenant == service.tenant)
            && current.tenant(service.tenant).is_some_and(|tenant| tenant.sandbox == arrival.sandbox)
    });
    let message = Inbound {
        id: shared.ids.next_range(arrival.at, 1).0,
        tenant: owner.map(|service| service.tenant),
        service: owner.map(|service| service.id),
        connection: arrival.connection,
        source: arrival.source.clone(),
        destination: arrival.destination.clone(),
        text,
        data_coding: arrival.data_coding,
        parts,
        received_at: arrival.at,
    };
    let ctx = Ctx::all("inbound message");
    inbound::insert(tx, &ctx, &message)?;
    metrics::counter!("waypost_inbound_messages_total", "owner" => if owner.is_some() { "known" } else { "unknown" })
        .increment(1);
    let Some(service) = owner else { return Ok(Vec::new()) };
    keep_preference(shared, tx, service, &message)?;
    let dues = rules::facts::inbound(shared, tx, (service.tenant, service.id), &message)?;
    let forwarded = forward(shared, tx, service, &message)?;
    Ok(forwarded.into_iter().chain(Emitted::of_rules(dues)).collect())
}

fn whole_text(tx: &mut dyn Sql, arrival: &Arrival) -> Result<Option<(String, u16)>, StoreError> {
    let Some((reference, total, number)) = arrival.concat else {
        return Ok(Some((arrival.text.clone(), 1)));
    };
    let part = Part {
        connection: arrival.connection,
        source: &arrival.source,
        destination: &arrival.destination,
        reference,
        total,
        number,
        data_coding: arrival.data_coding,
        text: &arrival.text,
        received_at: arrival.at,
    };
    let joined = inbound::join_part(tx, &Ctx::all("inbound part"), &part)?;
    Ok(joined.map(|text| (text, u16::from(total))))
}

fn keep_preference(
    shared: &Shared,
    tx: &mut dyn Sql,
    service: &Service,
    message: &Inbound,
) -> Result<(), StoreError> {
    let ctx = Ctx::system(TenantId(service.tenant), "inbound keyword");
    // A name or a short code cannot be a destination of ours: there is nothing to put on the list.
    let Ok(number) = Msisdn::parse(&message.source, PlusRule::Optional) else { return Ok(()) };
    match recognise(&message.text) {
        Some(Keyword::Stop) => {
            shared.dnd.add(service.tenant, &number);
            directory::dnd::add(tx, &ctx, number.as_str(), "keyword", message.received_at)
        }
        Some(Keyword::Start) => directory::dnd::remove(tx, &ctx, number.as_str()).map(|_| ()),
        None => Ok(()),
    }
}

fn forward(
    shared: &Shared,
    tx: &mut dyn Sql,
    service: &Service,
    message: &Inbound,
) -> Result<Option<Emitted>, StoreError> {
    let Some(item) = item(shared, service, message) else { return Ok(None) };
    emit::write(shared, tx, service.tenant, message.id, Payload::Inbound, item, message.received_at).map(Some)
}

/// The call-back that forwards `message`; `None` when the service has no inbound URL.
#[must_use]
pub fn item(shared: &Shared, service: &Service, message: &Inbound) -> Option<CallbackItem> {
    let url = service.inbound_url.as_deref()?;
    let directory = shared.directory.current();
    let body = notification::inbound(message, directory.zone(service.tenant));
    Some(CallbackItem { message: None, service: service.id, url: parse_url(url), body: body.into() })
}
