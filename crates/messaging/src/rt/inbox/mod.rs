//! The server side inbox (spec 8.5): threads, what was said in them, what of it is unread.
//!
//! A thread is an app's. A user's side of it begins with the first message, or the first change for the user, and has the
//! user's own title, category and status over those of the thread.

pub(super) mod message;
pub(super) mod side;
pub(super) mod thread;

use serde_json::Value;
use waypost_channels::connector::AppAccount;
use waypost_store::{Ctx, Sql, StoreError};

pub use message::{Held, HeldPage};
pub use thread::{Kind, NewThread, Standing, Thread, ThreadChange, ThreadPage};

/// Threads and messages one call returns at most.
pub const PAGE_MAX: u32 = 100;

/// Whether the app keeps messages to be read back (67 otherwise): its setting `inbox`.
#[must_use]
pub fn is_on(account: &AppAccount) -> bool {
    account.config.get("inbox").and_then(Value::as_bool).unwrap_or(false)
}

/// Removes what an app keeps of a user: messages, sides of threads, subscriptions.
///
/// # Errors
/// See [`Sql::put`].
pub(crate) fn erase(tx: &mut dyn Sql, ctx: &Ctx, (app, user): side::Of<'_>) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM rt_message WHERE app = ?1 AND user_id = ?2 AND tenant = ?3",
        "DELETE FROM rt_thread_user WHERE app = ?1 AND user_id = ?2 AND tenant = ?3",
        "DELETE FROM rt_subscriber WHERE app = ?1 AND user_id = ?2 AND tenant = ?3",
    ] {
        tx.put(sql, &[app.into(), user.into(), ctx.tenant.0.into()])?;
    }
    Ok(())
}
