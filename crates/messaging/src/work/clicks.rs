//! Somebody follows a short link: where it leads, and what is kept and told of it (7528).

use std::sync::Arc;

use waypost_core::channel::Channel;
use waypost_core::id::MessageId;
use waypost_core::outcome::{Event, code};
use waypost_core::time::Micros;
use waypost_store::directory::Link;
use waypost_store::{Ctx, Sql, StoreError, TenantId};

use super::block_content::StoredBlock;
use super::doors::Doors;
use super::emit::{self, Emitted};
use super::links::StoredLink;
use super::runtime::Shared;
use super::sms_content::StoredSms;
use super::social_receipts::advance;
use crate::api::{BoxFuture, Followed, Links};
use crate::records::message::{self, MessageRow};

impl Links for Doors {
    fn follow(&self, code: &str, counts: bool) -> BoxFuture<'static, Followed> {
        let shared = Arc::clone(self.shared());
        let read = shared.links.read(code);
        Box::pin(async move {
            let Some((message, place)) = read else { return Followed::Unknown };
            match follow(&shared, message, place, counts).await {
                Ok(followed) => followed,
                Err(error) => {
                    tracing::error!(%error, "a short link could not be followed");
                    Followed::Gone
                }
            }
        })
    }
}

async fn follow(
    shared: &Arc<Shared>,
    message: MessageId,
    place: usize,
    counts: bool,
) -> Result<Followed, StoreError> {
    let ctx = Ctx::all("short link");
    let Some(row) = shared.store.read(move |tx| message::load(tx, &ctx, message)).await? else {
        // Its code was ours: the message is past its retention.
        return Ok(Followed::Gone);
    };
    let now = shared.clock.now();
    let Some(link) = leads(shared, &row, place, now) else { return Ok(Followed::Gone) };
    if counts {
        count(shared, message, &link, now).await;
    }
    Ok(Followed::To(link.url.clone()))
}

/// The link at `place` of the message's request, while it leads on.
fn leads(shared: &Shared, row: &MessageRow, place: usize, now: Micros) -> Option<Arc<Link>> {
    let StoredLink { link, minutes } = links_of(row).into_iter().nth(place)?;
    let directory = shared.directory.current();
    let link = directory.link(row.request.tenant, link).filter(|link| link.enabled)?;
    let minutes = minutes.unwrap_or(link.validity_minutes);
    is_valid(row.request.accepted_at(), minutes, now).then(|| Arc::clone(link))
}

/// Whether a link that leads on for `minutes` after its message was accepted still does.
const fn is_valid(accepted: Micros, minutes: u32, now: Micros) -> bool {
    now.0 < accepted.add_ms(minutes as i64 * 60_000).0
}

fn links_of(row: &MessageRow) -> Vec<StoredLink> {
    let content = &row.request.content;
    if Channel::parse(&row.request.channel) == Some(Channel::Sms) {
        StoredSms::read(content).map(|stored| stored.links).unwrap_or_default()
    } else {
        StoredBlock::read(content).map(|stored| stored.links).unwrap_or_default()
    }
}

/// Keeps the call and moves the message. Whoever follows the link is not held up when it cannot be kept.
async fn count(shared: &Arc<Shared>, message: MessageId, link: &Arc<Link>, at: Micros) {
    let (job_shared, job_link) = (Arc::clone(shared), Arc::clone(link));
    let written = shared.store.write(move |tx| click(&job_shared, tx, message, &job_link, at)).await;
    metrics::counter!("waypost_link_clicks_total").increment(1);
    match written {
        Ok(emitted) => emit::release(shared, emitted),
        Err(error) => tracing::error!(%error, "a click was not kept"),
    }
}

fn click(
    shared: &Shared,
    tx: &mut dyn Sql,
    message: MessageId,
    link: &Link,
    at: Micros,
) -> Result<Option<Emitted>, StoreError> {
    let ctx = Ctx::system(TenantId(link.tenant), "short link");
    let Some(row) = message::load_to_change(tx, &ctx, message)? else { return Ok(None) };
    tx.put(
        "INSERT INTO link_click (id, tenant, link, message) VALUES (?1, ?2, ?3, ?4)",
        &[shared.ids.next_range(at, 1).0.into(), link.tenant.into(), link.id.into(), message.0.into()],
    )?;
    let detail = format!("link {} followed", link.id);
    advance(shared, tx, &row, &Event::Clicked, code::CLICKED, &detail, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_on_until_its_minutes_are_over() {
        let accepted = Micros::from_secs(1_000);
        assert!(is_valid(accepted, 1, Micros::from_secs(1_059)));
        assert!(!is_valid(accepted, 1, Micros::from_secs(1_060)));
        assert!(is_valid(accepted, u32::MAX, Micros::from_secs(1_000_000)));
    }
}
