//! Threads of the server side inbox, made, changed and listed over the ledger (spec 8.5).

use serde_json::{Map, json};
use waypost_core::id::{MessageId, TransactionId};
use waypost_core::time::Micros;
use waypost_store::{Sql, StoreError};

use super::inbox::{HeldPage, NewThread, Standing, Thread, ThreadChange, ThreadPage, message, side, thread};
use super::ledger::{Ledger, RtApp};
use super::tell::{self, News};
use crate::records::profile::app_profile::{self, By};
use crate::work::runtime::Shared;

/// What came of a change of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is as it was asked for.
    Done(Box<Thread>),
    /// The app has no such thread.
    NoThread,
    /// The app knows no device of the user.
    NoUser,
}

impl Ledger {
    /// Makes a thread of an app; its id on the wire and its moment.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn make_thread(
        &self,
        shared: &Shared,
        app: &RtApp,
        new: NewThread,
    ) -> Result<(String, Micros), StoreError> {
        let now = shared.clock.now();
        let (row, thread_id) = wire_id(shared, now);
        let (ctx, of, wire) = (app.ctx(), app.app.id, thread_id.clone());
        let job = move |tx: &mut dyn Sql| thread::insert(tx, &ctx, (of, row.0, &wire), &new, now);
        self.0.parts.store.write(job).await?;
        Ok((thread_id, now))
    }

    /// Changes a thread for a user and tells the user's devices.
    ///
    /// # Errors
    /// Those of the store; nothing is changed then.
    pub async fn change_thread(
        &self,
        shared: &Shared,
        app: &RtApp,
        (user, thread_id): (&str, &str),
        change: ThreadChange,
    ) -> Result<Changed, StoreError> {
        let now = shared.clock.now();
        let (app, user, thread_id) = (app.clone(), user.to_owned(), thread_id.to_owned());
        let ids = std::sync::Arc::clone(&self.0.parts.ids);
        let job = move |tx: &mut dyn Sql| {
            let (ctx, of) = (app.ctx(), (app.app.id, user.as_str()));
            let Some(before) = side::find(tx, &ctx, of, &thread_id)? else {
                return Ok((Changed::NoThread, Vec::new()));
            };
            if app_profile::find(tx, &ctx, app.app.id, By::User(&user))?.is_empty() {
                return Ok((Changed::NoUser, Vec::new()));
            }
            side::change(tx, &ctx, of, before.row, &change, now)?;
            let after = side::find(tx, &ctx, of, &thread_id)?.unwrap_or_else(|| before.clone());
            let mut more = Map::new();
            more.insert("thread".to_owned(), after.json());
            if let Some(reason) = &change.reason {
                more.insert("reasonForStatusChange".to_owned(), json!(reason));
            }
            let tid = super::inbound::tid(ids.next_range(now, 1).0);
            let kind = kind_of(&before, change.standing);
            let news = News { user: &user, except: None, tid: &tid, kind, about_message: false, more };
            let woken = tell::devices(tx, &ids, &app, &news, now)?;
            Ok((Changed::Done(Box::new(after)), woken))
        };
        let (changed, woken) = self.0.parts.store.write(job).await?;
        woken.into_iter().for_each(|device| self.0.hub.wake(device));
        Ok(changed)
    }

    /// The threads of an app, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn threads_of_app(
        &self,
        app: &RtApp,
        start: u32,
        limit: u32,
    ) -> Result<ThreadPage, StoreError> {
        let (ctx, of) = (app.ctx(), app.app.id);
        self.0.parts.store.read(move |tx| thread::of_app(tx, &ctx, of, start, limit)).await
    }

    /// The threads of a user, the last used first: all, or those with something unread.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn threads_of_user(
        &self,
        app: &RtApp,
        user: &str,
        asked: AskedThreads,
    ) -> Result<ThreadPage, StoreError> {
        let (ctx, app, user) = (app.ctx(), app.app.id, user.to_owned());
        let look = move |tx: &mut dyn Sql| {
            let of = (app, user.as_str());
            let mut page = side::list(tx, &ctx, of, (asked.start, asked.limit), asked.only_unread)?;
            if asked.count_unread || asked.only_unread {
                for thread in &mut page.threads {
                    thread.unread = Some(side::unread(tx, &ctx, of, thread.row)?);
                }
            }
            Ok(page)
        };
        self.0.parts.store.read(look).await
    }

    /// The messages of a user's thread, newest first; `None` when the app has no such thread.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn messages(
        &self,
        app: &RtApp,
        (user, thread_id): (&str, &str),
        from: u32,
        limit: u32,
    ) -> Result<Option<HeldPage>, StoreError> {
        let (ctx, app) = (app.ctx(), app.app.id);
        let (user, thread_id) = (user.to_owned(), thread_id.to_owned());
        let (media, now) = (self.0.parts.media.clone(), self.0.parts.clock.now());
        let look = move |tx: &mut dyn Sql| {
            let of = (app, user.as_str());
            let Some(thread) = side::find(tx, &ctx, of, &thread_id)? else { return Ok(None) };
            let mut page = message::list(tx, &ctx, of, thread.row, (from, limit))?;
            for items in page.messages.iter_mut().filter_map(|held| held.payload.get_mut("media")) {
                // Links end; who reads the message later gets ones that are good.
                media.link(tx, &ctx, app, items, now)?;
            }
            Ok(Some(page))
        };
        self.0.parts.store.read(look).await
    }
}

/// Which threads of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedThreads {
    /// How many are passed over.
    pub start: u32,
    /// How many at most, up to [`PAGE_MAX`](super::inbox::PAGE_MAX).
    pub limit: u32,
    /// Whether what is unread is counted.
    pub count_unread: bool,
    /// Whether only threads with something unread are meant.
    pub only_unread: bool,
}

/// A number and the id on the wire that carries it: UUIDs, as the contract's are.
pub(super) fn wire_id(shared: &Shared, now: Micros) -> (MessageId, String) {
    let row = shared.ids.next_range(now, 1);
    (row, TransactionId::from_id(row, shared.entropy()).to_string())
}

/// What devices are told of a change (spec 8.4).
fn kind_of(before: &Thread, wanted: Option<Standing>) -> &'static str {
    match wanted {
        Some(Standing::Closed) if !before.is_closed() => "closeThread",
        Some(Standing::Active) if before.is_closed() => "reopenThread",
        _ => "updateThread",
    }
}
