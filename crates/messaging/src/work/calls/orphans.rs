//! Calls that a server which died left behind. Their sockets died with it, so nobody hears how they end: they are ended
//! here, and never placed again.

use std::sync::Arc;

use waypost_core::outcome::MessageState;
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError};

use super::steps::{Due, Step, record};
use crate::records::{call, message};
use crate::work::emit::{self, Emitted};
use crate::work::runtime::Shared;

/// For the story.
const WHY: &str = "the server stopped during the call";

/// Ends what the last run of this node left behind: an answered call as dropped and disconnected, another as dropped and
/// failed (7404).
///
/// # Errors
/// Those of the store.
pub async fn close_orphans(shared: &Arc<Shared>) -> Result<(), StoreError> {
    let now = shared.clock.now();
    let job_shared = Arc::clone(shared);
    let emitted = shared.store.write_own(move |tx| close(&job_shared, tx, now)).await?;
    emit::release(shared, emitted);
    Ok(())
}

fn close(shared: &Shared, tx: &mut dyn Sql, now: Micros) -> Result<Vec<Emitted>, StoreError> {
    let ctx = Ctx::all("start");
    let mut emitted = Vec::new();
    for id in call::of_node(tx, &ctx, shared.node(now))? {
        let state = message::load(tx, &ctx, id)?.map(|row| row.state);
        let codes: &[u16] = match state {
            Some(MessageState::Submitted) => &[7409, 7404],
            Some(MessageState::Delivered) => &[7409, 7410],
            _ => &[],
        };
        let told = codes.iter().map(|code| Step::Told(*code, WHY.to_owned())).chain([Step::Over]);
        let due: Vec<Due> = told.map(|step| Due { message: id, step, at: now }).collect();
        emitted.extend(record(shared, tx, &due)?);
    }
    Ok(emitted)
}
