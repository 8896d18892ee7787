//! Loads claimed call-backs from the ledger.

use waypost_core::id::MessageId;
use waypost_store::directory::{Directory, DirectoryHandle};
use waypost_store::work::WorkRow;
use waypost_store::{Ctx, Sql, StoreError};

use super::callback_item::{self, CallbackItem, Payload, parse_url};
use super::notification::{self, Subject};
use crate::records::{inbound, message, social_inbound, target};

/// The loader for the dispatcher's source: `None` where the subject or its service is gone.
pub fn loader(
    directory: DirectoryHandle,
) -> impl Fn(&mut dyn Sql, &[WorkRow]) -> Result<Vec<Option<CallbackItem>>, StoreError> + Send + Sync + 'static
{
    move |tx, rows| {
        let current = directory.current();
        rows.iter().map(|row| load(&current, tx, row)).collect()
    }
}

fn load(directory: &Directory, tx: &mut dyn Sql, row: &WorkRow) -> Result<Option<CallbackItem>, StoreError> {
    let ctx = Ctx::all("claimed call-back");
    match Payload::from_text(&row.payload) {
        Some(Payload::Delivery { outcome, at, parts, part }) => {
            let Some(found) = message::load(tx, &ctx, MessageId(row.subject))? else { return Ok(None) };
            let Some(service) = directory.service(found.request.service) else { return Ok(None) };
            let targets = match part {
                Some(_) => target::of_message(tx, &ctx, found.message.id)?,
                None => Vec::new(),
            };
            let target = part.and_then(|part| Some((part, targets.get(usize::from(part))?)));
            let subject = Subject { request: &found.request, message: &found.message, parts, target };
            let zone = directory.zone(found.request.tenant);
            Ok(callback_item::delivery(service, &subject, &outcome, at, zone))
        }
        Some(Payload::Inbound) => {
            let Some(found) = inbound::load(tx, &ctx, row.subject)? else { return Ok(None) };
            let Some(service) = found.service.and_then(|id| directory.service(id)) else { return Ok(None) };
            let Some(url) = service.inbound_url.as_deref() else { return Ok(None) };
            let body = notification::inbound(&found, directory.zone(service.tenant)).into();
            Ok(Some(CallbackItem { message: None, service: service.id, url: parse_url(url), body }))
        }
        Some(Payload::SocialInbound) => {
            let found = social_inbound::load(tx, &ctx, row.subject)?;
            Ok(found.and_then(|found| super::social_inbound::item(directory, &found)))
        }
        None => Err(StoreError::Corrupt("work.payload".to_owned())),
    }
}
