//! What a registered device says (spec 8.4): forwarded, kept in its thread, shown on the user's other devices.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError};

use super::device::Known;
use super::inbound::{self, Said};
use super::inbox::message::{self, NewHeld};
use super::inbox::{self, Thread, side};
use super::ledger::Ledger;
use super::media::Media;
use super::payload::payload;
use super::tell::{self, News};
use crate::work::emit;
use crate::work::runtime::Shared;

/// `payload_type` of what a user said, on the user's other devices and in the inbox.
const SENT_BY_USER: &str = "sentByUser";

impl Ledger {
    /// Keeps what a user said and forwards it; the user's other devices are told. Its number; `None` when it was said in a
    /// thread that the app's inbox has not, or has closed.
    ///
    /// # Errors
    /// Those of the store; nothing is kept then.
    pub async fn say(
        &self,
        shared: &Arc<Shared>,
        known: &Known,
        said: Said,
        at: Micros,
    ) -> Result<Option<i64>, StoreError> {
        let (job_shared, app, mine) = (Arc::clone(shared), known.app.clone(), known.profile.id);
        let (has_inbox, media) = (inbox::is_on(&app.account), self.0.parts.media.clone());
        let job = move |tx: &mut dyn Sql| {
            let ctx = app.ctx();
            let said = linked(tx, &ctx, app.app.id, &media, &said, at)?;
            let of = (app.app.id, said.client.user_id.as_str());
            let thread = match said.thread_id.as_deref().filter(|_| has_inbox) {
                None => None,
                Some(id) => match side::find(tx, &ctx, of, id)?.filter(|thread| !thread.is_closed()) {
                    None => return Ok(None),
                    found => found,
                },
            };
            let (id, emitted) = inbound::record(&job_shared, tx, &app, &said, at)?;
            let tid = inbound::tid(id);
            if let Some(thread) = &thread {
                hold(tx, &ctx, (app.app.id, id), thread, &said, at)?;
            }
            let mut told = Vec::new();
            if said.event == "MO" {
                let news = News {
                    user: &said.client.user_id,
                    except: Some(mine),
                    tid: &tid,
                    kind: SENT_BY_USER,
                    about_message: false,
                    more: echo(&said, thread.as_ref()),
                };
                told = tell::devices(tx, &job_shared.ids, &app, &news, at)?;
            }
            Ok(Some((id, emitted, told)))
        };
        let Some((id, emitted, told)) = self.0.parts.store.write(job).await? else { return Ok(None) };
        emit::release(shared, emitted);
        told.into_iter().for_each(|device| self.0.hub.wake(device));
        Ok(Some(id))
    }
}

/// What was said with links to the files it names, for the service and the user's other devices.
fn linked(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    app: i64,
    media: &Media,
    said: &Said,
    at: Micros,
) -> Result<Said, StoreError> {
    let mut said = said.clone();
    if let Some(mut items) = said.attachments.as_deref().and_then(|text| serde_json::from_str(text).ok()) {
        media.link(tx, ctx, app, &mut items, at)?;
        said.attachments = Some(items.to_string());
    }
    Ok(said)
}

/// Keeps it in its thread. Typing is nothing to be kept.
fn hold(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, id): (i64, i64),
    thread: &Thread,
    said: &Said,
    at: Micros,
) -> Result<(), StoreError> {
    if said.event == "TypingIndicator" {
        return Ok(());
    }
    let tid = inbound::tid(id);
    let mut whole = payload(&said.client, &tid, &json!({}), at);
    if let Value::Object(members) = &mut whole {
        members.extend(echo(said, Some(thread)));
        members.insert("payload_type".to_owned(), json!(SENT_BY_USER));
    }
    let of = (app, said.client.user_id.as_str());
    let new = NewHeld { id, thread: thread.row, tid: &tid, said: true, payload: &whole };
    message::insert(tx, ctx, of, &new)?;
    side::used(tx, ctx, of, thread.row, at)
}

/// What is shown of something said, beside what every message has.
fn echo(said: &Said, thread: Option<&Thread>) -> Map<String, Value> {
    let mut more = Map::new();
    more.insert("message".to_owned(), json!(said.text));
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    if let Some(media) = said.attachments.as_deref().and_then(parsed) {
        more.insert("media".to_owned(), media);
    }
    for name in ["extras", "interactiveData", "relatedTid"] {
        if let Some(value) = said.more.get(name) {
            // They travel to the service as texts; a device gets the JSON it sent.
            let json = value.as_str().and_then(parsed).filter(Value::is_object);
            more.insert(name.to_owned(), json.unwrap_or_else(|| value.clone()));
        }
    }
    if let Some(thread) = thread {
        more.insert("thread".to_owned(), thread.json());
    }
    more
}

/// Members of what a user said that travel on as texts: JSON stays JSON, in a text (spec 4.3).
#[must_use]
pub fn as_text(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text),
        other => json!(other.to_string()),
    }
}

/// The members `thread_id`, `thread_title` and `thread` of something said in a thread.
pub fn thread_members(thread: &Value, more: &mut Map<String, Value>) {
    for (name, from) in [("thread_id", "id"), ("thread_title", "title")] {
        if let Some(value) = thread.get(from) {
            more.insert(name.to_owned(), as_text(value));
        }
    }
    more.insert("thread".to_owned(), as_text(thread));
}
