//! Topics as they are stored.

use waypost_core::time::Micros;
use waypost_store::{Ctx, Row, Sql, StoreError, query_one};

use super::Wanted;

/// A topic to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name, once in the app.
    pub name: String,
    /// The client's own id of it.
    pub reference: Option<String>,
    /// What it belongs to.
    pub group: Option<String>,
    /// What it is about.
    pub description: String,
}

/// Whether a user follows a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// Nobody asked.
    Unasked,
    /// The user does.
    Yes,
    /// The user does not.
    No,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its id on the wire.
    pub topic_id: String,
    /// What it is.
    pub of: NewTopic,
    /// When it was made.
    pub created_at: Micros,
    /// Whether the user who was asked about follows it.
    pub followed: Followed,
}

/// A page of topics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicPage {
    /// How many there are in all.
    pub total: i64,
    /// Those of the page.
    pub topics: Vec<Topic>,
}

/// How many topics an app has.
pub(super) fn count(tx: &mut dyn Sql, ctx: &Ctx, app: i64) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM rt_topic WHERE tenant = ?1 AND app = ?2";
    number(tx, sql, &[ctx.tenant.0.into(), app.into()])
}

pub(super) fn number(
    tx: &mut dyn Sql,
    sql: &'static str,
    of: &[waypost_store::Param<'_>],
) -> Result<i64, StoreError> {
    query_one(tx, sql, of)?.map_or(Ok(0), |row| row.int(0))
}

/// Stores a topic; false when the app has one of this name.
pub(super) fn insert(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, row, topic_id): (i64, i64, &str),
    new: &NewTopic,
    now: Micros,
) -> Result<bool, StoreError> {
    let written = tx.exec(
        "INSERT INTO rt_topic (id, tenant, app, topic_id, name, ref, topic_group, description, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (app, name) DO NOTHING",
        &[
            row.into(),
            ctx.tenant.0.into(),
            app.into(),
            topic_id.into(),
            (&new.name).into(),
            new.reference.as_deref().into(),
            new.group.as_deref().into(),
            (&new.description).into(),
            now.into(),
        ],
    )?;
    Ok(written > 0)
}

/// The row of a topic, by its id or by its name.
pub(in crate::rt) fn find(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    app: i64,
    topic: &str,
) -> Result<Option<i64>, StoreError> {
    // An id is a UUID; a name may look like that of another topic, and then the id counts.
    let sql = "SELECT id FROM rt_topic WHERE tenant = ?1 AND app = ?2 AND (topic_id = ?3 OR name = ?3) \
               ORDER BY CASE WHEN topic_id = ?3 THEN 0 ELSE 1 END LIMIT 1";
    query_one(tx, sql, &[ctx.tenant.0.into(), app.into(), topic.into()])?.map(|row| row.int(0)).transpose()
}

/// Removes a topic and who follows it.
pub(super) fn delete(tx: &mut dyn Sql, ctx: &Ctx, row: i64) -> Result<(), StoreError> {
    tx.put("DELETE FROM rt_subscriber WHERE topic = ?1 AND tenant = ?2", &[row.into(), ctx.tenant.0.into()])?;
    tx.put("DELETE FROM rt_topic WHERE id = ?1 AND tenant = ?2", &[row.into(), ctx.tenant.0.into()])
}

/// The topics of an app, newest first.
pub(super) fn of_app(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    app: i64,
    start: u32,
    limit: u32,
) -> Result<TopicPage, StoreError> {
    let rows = tx.query(
        "SELECT topic_id, name, ref, topic_group, description, created_at FROM rt_topic \
         WHERE tenant = ?1 AND app = ?2 ORDER BY id DESC LIMIT ?3 OFFSET ?4",
        &[ctx.tenant.0.into(), app.into(), limit.into(), start.into()],
    )?;
    let topics = rows.iter().map(|row| read(row, Followed::Unasked)).collect::<Result<_, _>>()?;
    Ok(TopicPage { total: count(tx, ctx, app)?, topics })
}

macro_rules! follows {
    ($not:literal) => {
        concat!(
            $not,
            " EXISTS (SELECT 1 FROM rt_subscriber s WHERE s.topic = t.id AND s.user_id = ?3 AND s.tenant = t.tenant)"
        )
    };
}

macro_rules! of_user {
    ($which:expr) => {
        (
            concat!("SELECT COUNT(*) FROM rt_topic t WHERE t.tenant = ?1 AND t.app = ?2 AND ", $which),
            concat!(
                "SELECT t.topic_id, t.name, t.ref, t.topic_group, t.description, t.created_at, \
                 (SELECT COUNT(*) FROM rt_subscriber s WHERE s.topic = t.id AND s.user_id = ?3) \
                 FROM rt_topic t WHERE t.tenant = ?1 AND t.app = ?2 AND ",
                $which,
                " ORDER BY t.id DESC LIMIT ?4 OFFSET ?5"
            ),
        )
    };
}

/// The topics of an app as a user sees them, newest first. At most [`super::TOPICS_MAX`] are looked at.
pub(super) fn of_user(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, user): (i64, &str),
    wanted: Wanted,
    (start, limit): (u32, u32),
) -> Result<TopicPage, StoreError> {
    let (count, page) = match wanted {
        Wanted::Subscribed => of_user!(follows!("")),
        Wanted::Others => of_user!(follows!("NOT")),
        // The user is named in each, so that the parameters are the same.
        Wanted::Both => of_user!("?3 = ?3"),
    };
    let total = number(tx, count, &[ctx.tenant.0.into(), app.into(), user.into()])?;
    let of = [ctx.tenant.0.into(), app.into(), user.into(), limit.into(), start.into()];
    let rows = tx.query(page, &of)?;
    let topics = rows
        .iter()
        .map(|row| read(row, if row.int(6)? > 0 { Followed::Yes } else { Followed::No }))
        .collect::<Result<_, _>>()?;
    Ok(TopicPage { total, topics })
}

fn read(row: &Row, followed: Followed) -> Result<Topic, StoreError> {
    Ok(Topic {
        topic_id: row.text(0)?.to_owned(),
        of: NewTopic {
            name: row.text(1)?.to_owned(),
            reference: row.opt_text(2)?.map(str::to_owned),
            group: row.opt_text(3)?.map(str::to_owned),
            description: row.text(4)?.to_owned(),
        },
        created_at: row.time(5)?,
        followed,
    })
}
