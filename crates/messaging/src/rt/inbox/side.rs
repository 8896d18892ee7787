//! A user's side of a thread.

use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError, query_one};

use super::thread::{Thread, ThreadChange, ThreadPage, read};
use crate::records::profile::app_profile::day_of;

/// Whose side: the app's row and the user.
pub type Of<'a> = (i64, &'a str);

macro_rules! columns {
    () => {
        "t.id, t.thread_id, t.kind, COALESCE(u.external_id, t.external_id), COALESCE(u.title, t.title), \
         COALESCE(u.category, t.category), COALESCE(u.extras, t.extras), COALESCE(u.status, 'Active'), \
         t.created_at, COALESCE(u.updated_at, t.created_at)"
    };
}

/// A thread of the app as the user sees it, whether or not the user has a side of it yet.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, user): Of<'_>,
    thread_id: &str,
) -> Result<Option<Thread>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM rt_thread t LEFT JOIN rt_thread_user u ON u.app = t.app AND u.user_id = ?3 AND u.thread = t.id ",
        "WHERE t.tenant = ?1 AND t.app = ?2 AND t.thread_id = ?4"
    );
    let of = [ctx.tenant.0.into(), app.into(), user.into(), thread_id.into()];
    query_one(tx, SQL, &of)?.as_ref().map(read).transpose()
}

/// The user's threads, the last used first; `unread` alone where asked, and always counted then.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, user): Of<'_>,
    (start, limit): (u32, u32),
    only_unread: bool,
) -> Result<ThreadPage, StoreError> {
    macro_rules! of_user {
        ($select:expr, $end:expr) => {
            concat!(
                "SELECT ",
                $select,
                " FROM rt_thread_user u JOIN rt_thread t ON t.id = u.thread ",
                "WHERE u.app = ?2 AND u.user_id = ?3 AND u.tenant = ?1",
                $end
            )
        };
    }
    macro_rules! unread {
        ($end:expr) => {
            concat!(
                " AND EXISTS (SELECT 1 FROM rt_message m WHERE m.app = u.app AND m.user_id = u.user_id ",
                "AND m.thread = u.thread AND m.said = 0 AND m.read_at IS NULL)",
                $end
            )
        };
    }
    let whole = [ctx.tenant.0.into(), app.into(), user.into()];
    let page = [ctx.tenant.0.into(), app.into(), user.into(), limit.into(), start.into()];
    let (count, rows) = if only_unread {
        let count = query_one(tx, of_user!("COUNT(*)", unread!("")), &whole)?;
        let sql =
            of_user!(columns!(), unread!(" ORDER BY u.updated_at DESC, u.thread DESC LIMIT ?4 OFFSET ?5"));
        (count, tx.query(sql, &page)?)
    } else {
        let count = query_one(tx, of_user!("COUNT(*)", ""), &whole)?;
        let sql = of_user!(columns!(), " ORDER BY u.updated_at DESC, u.thread DESC LIMIT ?4 OFFSET ?5");
        (count, tx.query(sql, &page)?)
    };
    let threads = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(ThreadPage { total: count.map_or(Ok(0), |row| row.int(0))?, threads })
}

/// Counts what is unread in a thread.
///
/// # Errors
/// See [`Sql::query`].
pub fn unread(tx: &mut dyn Sql, ctx: &Ctx, (app, user): Of<'_>, thread: i64) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM rt_message WHERE app = ?2 AND user_id = ?3 AND thread = ?4 AND tenant = ?1 \
               AND said = 0 AND read_at IS NULL";
    let row = query_one(tx, sql, &[ctx.tenant.0.into(), app.into(), user.into(), thread.into()])?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// Something was said in it: the user's side is there from now on, and moves to the top.
///
/// # Errors
/// See [`Sql::put`].
pub fn used(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (app, user): Of<'_>,
    thread: i64,
    now: Micros,
) -> Result<(), StoreError> {
    let day = day_of(now);
    tx.put(
        "INSERT INTO rt_thread_user (app, user_id, thread, tenant, status, updated_at, used_at) \
         VALUES (?1, ?2, ?3, ?4, 'Active', ?5, ?6) ON CONFLICT (app, user_id, thread) \
         DO UPDATE SET updated_at = excluded.updated_at, used_at = excluded.used_at",
        &[app.into(), user.into(), thread.into(), ctx.tenant.0.into(), now.into(), day.into()],
    )?;
    tx.put(
        "UPDATE rt_thread SET used_at = ?3 WHERE id = ?1 AND tenant = ?2 AND used_at < ?3",
        &[thread.into(), ctx.tenant.0.into(), day.into()],
    )
}

/// Changes the user's side.
///
/// # Errors
/// See [`Sql::put`].
pub fn change(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    of: Of<'_>,
    thread: i64,
    change: &ThreadChange,
    now: Micros,
) -> Result<(), StoreError> {
    used(tx, ctx, of, thread, now)?;
    tx.put(
        "UPDATE rt_thread_user SET external_id = COALESCE(?5, external_id), title = COALESCE(?6, title), \
         category = COALESCE(?7, category), extras = COALESCE(?8, extras), status = COALESCE(?9, status), \
         reason = COALESCE(?10, reason) WHERE app = ?1 AND user_id = ?2 AND thread = ?3 AND tenant = ?4",
        &[
            of.0.into(),
            of.1.into(),
            thread.into(),
            ctx.tenant.0.into(),
            change.external_id.as_deref().into(),
            change.title.as_deref().into(),
            change.category.as_deref().into(),
            change.extras.as_deref().into(),
            change.standing.map(|standing| standing.word()).into(),
            change.reason.as_deref().into(),
        ],
    )
}
