//! What was said in threads of apps, users' sides of threads, and conversations nobody uses any more.

use waypost_core::id::MessageId;
use waypost_core::time::Micros;

use super::{DAY_MS, oldest_rows};
use crate::{Store, StoreError};

const MESSAGES: &str = "DELETE FROM rt_message WHERE id IN \
     (SELECT id FROM rt_message WHERE id < ?1 ORDER BY id LIMIT ?2)";
const SIDES: &str = "DELETE FROM rt_thread_user WHERE (app, user_id, thread) IN \
     (SELECT app, user_id, thread FROM rt_thread_user WHERE used_at < ?1 ORDER BY used_at LIMIT ?2)";
/// An announcement stays until its app goes: new users are told through it too.
const THREADS: &str = "DELETE FROM rt_thread WHERE id IN \
     (SELECT id FROM rt_thread WHERE kind = 'Conversation' AND used_at < ?1 ORDER BY used_at LIMIT ?2)";

/// Prunes what was said before `before`, and threads that were last used a day before it: their use is kept by its day.
pub(super) async fn old(store: &Store, before: Micros) -> Result<u64, StoreError> {
    let unused = before.sub_ms(DAY_MS);
    Ok(oldest_rows(store, MESSAGES, Micros(MessageId::floor(before).0)).await?
        + oldest_rows(store, SIDES, unused).await?
        + oldest_rows(store, THREADS, unused).await?)
}
