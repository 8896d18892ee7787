//! Threads as they are stored and shown.

use serde_json::{Value, json};
use waypost_core::time::{Micros, rfc3339_utc};
use waypost_store::{Ctx, Row, Sql, StoreError, query_one};

use crate::records::profile::app_profile::day_of;

/// What a thread is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Both sides speak.
    Conversation,
    /// The service alone speaks.
    Announcement,
}

impl Kind {
    /// From the word of the wire.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Conversation, Self::Announcement].into_iter().find(|kind| kind.word() == word)
    }

    /// The word of the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Conversation => "Conversation",
            Self::Announcement => "Announcement",
        }
    }
}

/// Where a thread stands for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Open.
    Active,
    /// Nothing more is said in it.
    Closed,
}

impl Standing {
    /// From the word of the wire.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Closed].into_iter().find(|standing| standing.word() == word)
    }

    /// The word of the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Closed => "Closed",
        }
    }
}

/// A thread to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewThread {
    /// What it is for.
    pub kind: Kind,
    /// The client's own id of it.
    pub external_id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// What the client keeps with it, JSON.
    pub extras: Option<String>,
}

/// What is to be different for a user; `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadChange {
    /// The client's own id of it.
    pub external_id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// What the client keeps with it, JSON.
    pub extras: Option<String>,
    /// Where it stands.
    pub standing: Option<Standing>,
    /// Why it stands there.
    pub reason: Option<String>,
}

/// A thread as an app or a user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its row.
    pub row: i64,
    /// Its id on the wire.
    pub thread_id: String,
    /// What it is for.
    pub kind: String,
    /// The client's own id of it.
    pub external_id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// What the client keeps with it, JSON.
    pub extras: Option<String>,
    /// `Active` or `Closed`.
    pub standing: String,
    /// When it was made.
    pub created_at: Micros,
    /// When something was last said or changed.
    pub updated_at: Micros,
    /// Messages to the user that were not read; `None` when nobody asked.
    pub unread: Option<i64>,
}

/// A page of threads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadPage {
    /// How many there are in all.
    pub total: i64,
    /// Those of the page.
    pub threads: Vec<Thread>,
}

impl Thread {
    /// Whether nothing more may be said in it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.standing == Standing::Closed.word()
    }

    /// The object of the wire (spec 8.4).
    #[must_use]
    pub fn json(&self) -> Value {
        let text = |text: &Option<String>| text.as_deref().unwrap_or_default().to_owned();
        let extras = self.extras.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let mut json = json!({
            "id": self.thread_id, "type": self.kind, "title": text(&self.title), "category": text(&self.category),
            "status": self.standing, "externalid": text(&self.external_id), "extras": extras.unwrap_or(json!({})),
            "created_on": rfc3339_utc(self.created_at), "updated_on": rfc3339_utc(self.updated_at)
        });
        if let (Some(unread), Some(members)) = (self.unread, json.as_object_mut()) {
            members.insert("unread_msg_count".to_owned(), json!(unread));
        }
        json
    }
}

/// Makes a thread of `ctx`'s tenant.
///
/// # Errors
/// See [`Sql::put`].
pub fn insert(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, row, thread_id): (i64, i64, &str),
    new: &NewThread,
    now: Micros,
) -> Result<(), StoreError> {
    tx.put(
        "INSERT INTO rt_thread (id, tenant, app, thread_id, kind, external_id, title, category, extras, created_at, \
         used_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        &[
            row.into(),
            ctx.tenant.0.into(),
            app.into(),
            thread_id.into(),
            new.kind.word().into(),
            new.external_id.as_deref().into(),
            new.title.as_deref().into(),
            new.category.as_deref().into(),
            new.extras.as_deref().into(),
            now.into(),
            day_of(now).into(),
        ],
    )
}

/// Reads the columns of [`columns`], in their order.
pub(super) fn read(row: &Row) -> Result<Thread, StoreError> {
    let text = |column| row.opt_text(column).map(|text| text.map(str::to_owned));
    Ok(Thread {
        row: row.int(0)?,
        thread_id: row.text(1)?.to_owned(),
        kind: row.text(2)?.to_owned(),
        external_id: text(3)?,
        title: text(4)?,
        category: text(5)?,
        extras: text(6)?,
        standing: row.text(7)?.to_owned(),
        created_at: row.time(8)?,
        updated_at: row.time(9)?,
        unread: None,
    })
}

/// Whether the app has a thread of this id.
///
/// # Errors
/// See [`Sql::query`].
pub fn exists(tx: &mut dyn Sql, ctx: &Ctx, app: i64, thread_id: &str) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM rt_thread WHERE tenant = ?1 AND app = ?2 AND thread_id = ?3";
    Ok(query_one(tx, sql, &[ctx.tenant.0.into(), app.into(), thread_id.into()])?.is_some())
}

/// The threads of an app, newest first.
///
/// # Errors
/// See [`Sql::query`].
pub fn of_app(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    app: i64,
    start: u32,
    limit: u32,
) -> Result<ThreadPage, StoreError> {
    let of = [ctx.tenant.0.into(), app.into()];
    let total = query_one(tx, "SELECT COUNT(*) FROM rt_thread WHERE tenant = ?1 AND app = ?2", &of)?;
    let rows = tx.query(
        "SELECT id, thread_id, kind, external_id, title, category, extras, 'Active', created_at, created_at \
         FROM rt_thread WHERE tenant = ?1 AND app = ?2 ORDER BY id DESC LIMIT ?3 OFFSET ?4",
        &[ctx.tenant.0.into(), app.into(), limit.into(), start.into()],
    )?;
    let threads = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(ThreadPage { total: total.map_or(Ok(0), |row| row.int(0))?, threads })
}
