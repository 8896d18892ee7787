//! Whether an in-app message has a place to go to, asked before anything is paid or sent: its thread, its topic.

use serde_json::Value;
use waypost_channels::connector::AppAccount;
use waypost_store::{Ctx, Sql, Store, StoreError, TenantId};

use super::inbox::{self, thread};
use super::topics;
use crate::rules::IdType;

/// There is no such topic, or the app has none.
pub(super) const TOPIC_INVALID: u16 = 7308;
/// Nobody follows the topic.
pub(super) const TOPIC_WITHOUT_SUBSCRIBERS: u16 = 7309;
/// Segments are not made here, so there is none of any name.
const SEGMENT_NOT_FOUND: u16 = 7310;
/// Neither thread nor topic, and the app keeps an inbox.
pub(super) const THREAD_REQUIRED: u16 = 7311;
/// The thread is unknown, or closed.
pub(super) const THREAD_INVALID: u16 = 7312;

/// Where a message wants to go.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The app's tenant.
    pub tenant: i64,
    /// The app.
    pub account: &'a AppAccount,
    /// The message's `channels.appmessaging` block.
    pub block: &'a Value,
    /// What the destination is.
    pub id_type: IdType,
    /// The destination.
    pub destination: &'a str,
}

/// The outcome of a message without such a place; `None` lets it pass.
///
/// # Errors
/// Those of the store.
pub async fn refused(store: &Store, place: Place<'_>) -> Result<Option<u16>, StoreError> {
    match place.id_type {
        IdType::Segment => return Ok(Some(SEGMENT_NOT_FOUND)),
        IdType::Topic => {
            if let Some(code) = topic(store, &place).await? {
                return Ok(Some(code));
            }
        }
        _ => {}
    }
    if inbox::is_on(place.account) { thread(store, &place).await } else { Ok(None) }
}

/// The topic is there and somebody follows it.
async fn topic(store: &Store, place: &Place<'_>) -> Result<Option<u16>, StoreError> {
    if !topics::is_on(place.account) {
        return Ok(Some(TOPIC_INVALID));
    }
    let (ctx, app, name) = (ctx(place.tenant), place.account.id, place.destination.to_owned());
    let look = move |tx: &mut dyn Sql| match topics::find(tx, &ctx, app, &name)? {
        None => Ok(Some(TOPIC_INVALID)),
        Some(row) => Ok((!topics::has_any(tx, &ctx, row)?).then_some(TOPIC_WITHOUT_SUBSCRIBERS)),
    };
    store.read(look).await
}

/// The thread is there, or a topic or stream is named in its place.
async fn thread(store: &Store, place: &Place<'_>) -> Result<Option<u16>, StoreError> {
    let member = |name: &str| place.block.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let Some(thread_id) = member("thread_id") else {
        let elsewhere = member("topic").or_else(|| member("streamname"));
        let is_homeless = elsewhere.is_none() && place.id_type != IdType::Topic;
        return Ok(is_homeless.then_some(THREAD_REQUIRED));
    };
    let (ctx, app, thread_id) = (ctx(place.tenant), place.account.id, thread_id.to_owned());
    let known = store.read(move |tx: &mut dyn Sql| thread::exists(tx, &ctx, app, &thread_id)).await?;
    Ok((!known).then_some(THREAD_INVALID))
}

fn ctx(tenant: i64) -> Ctx {
    Ctx::system(TenantId(tenant), "in-app message")
}
