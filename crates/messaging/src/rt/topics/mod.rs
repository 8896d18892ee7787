//! Topics (spec 8.6): what users of an app follow. A message to a topic goes to every device of its subscribers.

mod fan;
mod record;
mod subscriber;

use std::sync::Arc;

use serde_json::Value;
use waypost_channels::connector::AppAccount;
use waypost_store::{Sql, StoreError};

use super::ledger::{Ledger, RtApp};
use super::threads::wire_id;
use crate::work::runtime::Shared;

pub(super) use fan::{Fanned, fan_out};
pub(super) use record::find;
pub use record::{Followed, NewTopic, Topic, TopicPage};
pub(super) use subscriber::has_any;

/// Topics of one app at most.
pub const TOPICS_MAX: i64 = 1_000;
/// Subscribers of one topic at most: one message is written to all of them within its attempt.
pub const SUBSCRIBERS_MAX: i64 = 10_000;
/// Users one call subscribes or removes at most.
pub const USERS_MAX: usize = 1_000;

/// Whether the app has topics (69 otherwise): its setting `topics`.
#[must_use]
pub fn is_on(account: &AppAccount) -> bool {
    account.config.get("topics").and_then(Value::as_bool).unwrap_or(false)
}

/// What came of making a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// It has this id.
    As(String),
    /// The app has one of this name.
    Exists,
    /// The app has [`TOPICS_MAX`] already.
    Full,
}

/// What came of subscribing or removing users, in the order of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Those for whom it was done, or was so already.
    pub done: Vec<String>,
    /// Those for whom it was not: unknown to the app, or one too many.
    pub failed: Vec<String>,
}

/// Which topics of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those the user follows.
    Subscribed,
    /// Those the user does not follow.
    Others,
    /// All of the app.
    Both,
}

impl Ledger {
    /// Makes a topic.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn make_topic(&self, shared: &Shared, app: &RtApp, new: NewTopic) -> Result<Made, StoreError> {
        let now = shared.clock.now();
        let (row, topic_id) = wire_id(shared, now);
        let (ctx, of) = (app.ctx(), app.app.id);
        let job = move |tx: &mut dyn Sql| {
            if record::count(tx, &ctx, of)? >= TOPICS_MAX {
                return Ok(Made::Full);
            }
            let is_new = record::insert(tx, &ctx, (of, row.0, &topic_id), &new, now)?;
            Ok(if is_new { Made::As(topic_id.clone()) } else { Made::Exists })
        };
        self.0.parts.store.write(job).await
    }

    /// The topics of an app, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn topics(&self, app: &RtApp, start: u32, limit: u32) -> Result<TopicPage, StoreError> {
        let (ctx, of) = (app.ctx(), app.app.id);
        self.0.parts.store.read(move |tx| record::of_app(tx, &ctx, of, start, limit)).await
    }

    /// The topics of an app as a user sees them, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn topics_of_user(
        &self,
        app: &RtApp,
        user: &str,
        wanted: Wanted,
        (start, limit): (u32, u32),
    ) -> Result<TopicPage, StoreError> {
        let (ctx, of, user) = (app.ctx(), app.app.id, user.to_owned());
        let look = move |tx: &mut dyn Sql| record::of_user(tx, &ctx, (of, &user), wanted, (start, limit));
        self.0.parts.store.read(look).await
    }

    /// Deletes a topic with its subscribers; false when the app has none of this id.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn delete_topic(&self, app: &RtApp, topic_id: &str) -> Result<bool, StoreError> {
        let (ctx, of, topic_id) = (app.ctx(), app.app.id, topic_id.to_owned());
        let job = move |tx: &mut dyn Sql| match record::find(tx, &ctx, of, &topic_id)? {
            None => Ok(false),
            Some(row) => record::delete(tx, &ctx, row).map(|()| true),
        };
        self.0.parts.store.write(job).await
    }

    /// Subscribes users to a topic; `None` when the app has none of this id.
    ///
    /// # Errors
    /// Those of the store; nobody is subscribed then.
    pub async fn subscribe(
        &self,
        app: &RtApp,
        topic_id: &str,
        users: Vec<String>,
    ) -> Result<Option<Done>, StoreError> {
        let (ctx, of, topic_id) = (app.ctx(), app.app.id, topic_id.to_owned());
        let (users, now) = (Arc::<[String]>::from(users), self.0.parts.clock.now());
        let job = move |tx: &mut dyn Sql| match record::find(tx, &ctx, of, &topic_id)? {
            None => Ok(None),
            Some(row) => subscriber::add(tx, &ctx, (of, row), &users, now).map(Some),
        };
        self.0.parts.store.write(job).await
    }

    /// Removes users from a topic; `None` when the app has none of this id.
    ///
    /// # Errors
    /// Those of the store; nobody is removed then.
    pub async fn unsubscribe(
        &self,
        app: &RtApp,
        topic_id: &str,
        users: Vec<String>,
    ) -> Result<Option<Done>, StoreError> {
        let (ctx, of, topic_id) = (app.ctx(), app.app.id, topic_id.to_owned());
        let job = move |tx: &mut dyn Sql| match record::find(tx, &ctx, of, &topic_id)? {
            None => Ok(None),
            Some(row) => subscriber::remove(tx, &ctx, row, &users).map(Some),
        };
        self.0.parts.store.write(job).await
    }

    /// The subscribers of a topic by name, and how many there are; `None` when the app has none of this id.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn subscribers(
        &self,
        app: &RtApp,
        topic_id: &str,
        (start, limit): (u32, u32),
    ) -> Result<Option<(i64, Vec<String>)>, StoreError> {
        let (ctx, of, topic_id) = (app.ctx(), app.app.id, topic_id.to_owned());
        let look = move |tx: &mut dyn Sql| match record::find(tx, &ctx, of, &topic_id)? {
            None => Ok(None),
            Some(row) => subscriber::list(tx, &ctx, row, start, limit).map(Some),
        };
        self.0.parts.store.read(look).await
    }
}
