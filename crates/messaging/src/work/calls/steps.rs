//! Writes what becomes of calls: state, story, call-back of each step, in order, many calls' steps in one transaction.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::sync::Arc;

use tokio::sync::oneshot;
use waypost_core::id::MessageId;
use waypost_core::outcome::{Event, apply};
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError};

use crate::records::message::{self, Standing};
use crate::records::story::{Entry, StoryKind, Teller};
use crate::records::{call, target};
use crate::work::emit::{self, Emitted};
use crate::work::notification::Subject;
use crate::work::runtime::Shared;

/// Notes taken up together.
const TOGETHER_MAX: usize = 256;

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A code, and words for the story.
    Told(u16, String),
    /// Digits, or a third party that was not reached: for the story alone.
    Noted(String),
    /// Nothing more comes.
    Over,
}

/// What the worker is told.
#[derive(Debug)]
pub(super) enum Note {
    /// A step of a call, and when.
    Step(MessageId, Step, Micros),
    /// The hand-over is written.
    Known(MessageId),
    /// The hand-over was not written.
    Lost(MessageId),
    /// Tell when everything before this is written.
    Flush(oneshot::Sender<()>),
}

/// One step that can be written.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub(super) message: MessageId,
    pub(super) step: Step,
    pub(super) at: Micros,
}

/// Where the hand-over of a call stands.
#[derive(Debug)]
enum Hand {
    /// Not written yet; these steps wait for it.
    Early(Vec<Due>),
    Known,
    Lost,
}

/// The calls that have not ended.
#[derive(Debug, Default)]
struct Open(HashMap<MessageId, Hand>);

impl Open {
    /// Takes a note; what can be written now.
    fn take(&mut self, message: MessageId, step: Step, at: Micros) -> Vec<Due> {
        let over = step == Step::Over;
        let due = Due { message, step, at };
        match self.0.entry(message) {
            Slot::Vacant(slot) => {
                slot.insert(Hand::Early(vec![due]));
                Vec::new()
            }
            Slot::Occupied(mut slot) => match slot.get_mut() {
                Hand::Early(waiting) => {
                    waiting.push(due);
                    Vec::new()
                }
                Hand::Known => {
                    if over {
                        slot.remove();
                    }
                    vec![due]
                }
                Hand::Lost => {
                    if over {
                        slot.remove();
                    }
                    Vec::new()
                }
            },
        }
    }

    fn known(&mut self, message: MessageId) -> Vec<Due> {
        match self.0.insert(message, Hand::Known) {
            Some(Hand::Early(waiting)) => {
                if waiting.iter().any(|due| due.step == Step::Over) {
                    self.0.remove(&message);
                }
                waiting
            }
            _ => Vec::new(),
        }
    }

    fn lost(&mut self, message: MessageId) {
        let is_over = match self.0.insert(message, Hand::Lost) {
            Some(Hand::Early(waiting)) => waiting.iter().any(|due| due.step == Step::Over),
            _ => false,
        };
        if is_over {
            self.0.remove(&message);
        }
    }
}

/// Runs until the server ends.
pub async fn run(shared: Arc<Shared>) {
    let Some(mut inbox) = shared.calls.take_inbox() else { return };
    let (mut open, mut notes) = (Open::default(), Vec::new());
    while inbox.recv_many(&mut notes, TOGETHER_MAX).await > 0 {
        let (mut due, mut asked) = (Vec::new(), Vec::new());
        for note in notes.drain(..) {
            match note {
                Note::Step(message, step, at) => due.extend(open.take(message, step, at)),
                Note::Known(message) => due.extend(open.known(message)),
                Note::Lost(message) => open.lost(message),
                Note::Flush(done) => asked.push(done),
            }
        }
        if !due.is_empty() {
            write(&shared, due).await;
        }
        for done in asked {
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
        }
    }
}

async fn write(shared: &Arc<Shared>, due: Vec<Due>) {
    let (done, written) = oneshot::channel();
    let (job_shared, after_shared) = (Arc::clone(shared), Arc::clone(shared));
    shared.store.write_outcome(
        move |tx| record(&job_shared, tx, &due),
        move |result| {
            match result {
                Ok(emitted) => emit::release(&after_shared, emitted),
                Err(error) => tracing::error!(%error, "steps of calls could not be written"),
            }
            let _ = done.send(());
        },
    );
    // Dropped only when the store is closed.
    let _ = written.await;
}

/// The write job of some steps; call-backs to release after the commit.
pub(super) fn record(shared: &Shared, tx: &mut dyn Sql, due: &[Due]) -> Result<Vec<Emitted>, StoreError> {
    let ctx = Ctx::all("call");
    let mut emitted = Vec::new();
    for Due { message, step, at } in due {
        match step {
            Step::Told(code, detail) => {
                emitted.extend(told(shared, tx, &ctx, *message, (*code, detail), *at)?);
            }
            Step::Noted(detail) => {
                let entry = Entry { message: *message, kind: StoryKind::Receipt, code: None, detail };
                Teller::new(&shared.ids, *at).tell(tx, &entry)?;
            }
            Step::Over => call::end(tx, &ctx, *message)?,
        }
    }
    Ok(emitted)
}

fn told(
    shared: &Shared,
    tx: &mut dyn Sql,
    ctx: &Ctx,
    id: MessageId,
    (code, detail): (u16, &str),
    at: Micros,
) -> Result<Option<Emitted>, StoreError> {
    let Some(row) = message::load_to_change(tx, ctx, id)? else { return Ok(None) };
    let Some(progress) = &row.progress else { return Ok(None) };
    let transition = apply(progress, &Event::CallStep { code });
    // Receivers order by time: a step is later than the one before it.
    let at = at.max(row.updated_at.add_ms(1));
    if !transition.late {
        let standing = Standing { connection: row.connection, parts: row.parts, now: at };
        message::save(tx, ctx, id, &transition.next, standing)?;
    }
    let kind = if transition.late { StoryKind::ReceiptIgnored } else { StoryKind::Receipt };
    Teller::new(&shared.ids, at).tell(tx, &Entry { message: id, kind, code: Some(code), detail })?;
    let Some(outcome) = transition.notify else { return Ok(None) };
    let targets = target::of_message(tx, ctx, id)?;
    let target = targets.first().map(|target| (0, target));
    let subject = Subject { request: &row.request, message: &row.message, parts: row.parts, target };
    emit::delivery(shared, tx, &subject, &outcome, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: MessageId = MessageId(7);

    fn codes(due: &[Due]) -> Vec<Option<u16>> {
        let code = |due: &Due| match due.step {
            Step::Told(code, _) => Some(code),
            Step::Noted(_) | Step::Over => None,
        };
        due.iter().map(code).collect()
    }

    fn told(open: &mut Open, code: u16) -> Vec<Option<u16>> {
        codes(&open.take(CALL, Step::Told(code, String::new()), Micros(1)))
    }

    #[test]
    fn steps_that_overtake_the_hand_over_wait_for_it_in_order() {
        let mut open = Open::default();
        assert!(told(&mut open, 7408).is_empty());
        assert!(told(&mut open, 7519).is_empty());
        assert_eq!(codes(&open.known(CALL)), [Some(7408), Some(7519)]);
        assert_eq!(told(&mut open, 7409), [Some(7409)]);
        assert_eq!(codes(&open.take(CALL, Step::Over, Micros(2))), [None]);
        assert!(open.0.is_empty());
    }

    #[test]
    fn a_call_that_was_over_before_its_hand_over_was_written_leaves_nothing() {
        let mut open = Open::default();
        told(&mut open, 7402);
        let _ = open.take(CALL, Step::Over, Micros(2));
        assert_eq!(codes(&open.known(CALL)), [Some(7402), None]);
        assert!(open.0.is_empty());
    }

    #[test]
    fn the_steps_of_a_lost_hand_over_are_dropped() {
        let mut open = Open::default();
        told(&mut open, 7408);
        open.lost(CALL);
        assert!(told(&mut open, 7519).is_empty());
        assert!(open.take(CALL, Step::Over, Micros(2)).is_empty());
        assert!(open.0.is_empty());
    }
}
