//! Calls: which trunk carries them, what they play, and what becomes of them.
//!
//! A hand-over ends when the call is placed or refused. Its later steps are told to a queue in memory, written by one
//! worker in their order, and only after the hand-over itself is written. A row of `voice_call` stands as long as the call
//! does: what a server that dies leaves behind is ended by its next start, never called again.

mod connector;
mod orphans;
mod sounds;
mod steps;
mod trunks;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use waypost_core::id::MessageId;

pub use connector::Caller;
pub use orphans::close_orphans;
pub use steps::run;
pub use trunks::{TrunkError, TrunkSpec, Trunks};

use sounds::Sounds;
use steps::Note;

/// The calls of this server.
#[derive(Debug)]
pub struct Calls {
    /// The trunks.
    pub trunks: Trunks,
    sounds: Sounds,
    notes: mpsc::UnboundedSender<Note>,
    inbox: Mutex<Option<mpsc::UnboundedReceiver<Note>>>,
}

impl Calls {
    /// None yet; speech is made by this program and its arguments.
    #[must_use]
    pub fn new(tts_command: Vec<String>) -> Self {
        // As many notes wait as calls make steps: the trunks' limits bound them.
        let (notes, inbox) = mpsc::unbounded_channel();
        let sounds = Sounds::new(tts_command);
        Self { trunks: Trunks::default(), sounds, notes, inbox: Mutex::new(Some(inbox)) }
    }

    /// The hand-over of a call is written: its steps may follow.
    pub fn known(&self, message: MessageId) {
        self.note(Note::Known(message));
    }

    /// The hand-over of a call could not be written: its steps are nobody's.
    pub fn lost(&self, message: MessageId) {
        self.note(Note::Lost(message));
    }

    /// Hangs up, and waits until the ends are written, at most `patience`.
    pub async fn close(&self, patience: Duration) {
        self.trunks.close(patience).await;
        let (done, written) = oneshot::channel();
        self.note(Note::Flush(done));
        if tokio::time::timeout(patience, written).await.is_err() {
            tracing::warn!("the ends of calls were not written in time; the next start ends them");
        }
    }

    fn note(&self, note: Note) {
        // The worker is gone only when the server ends; the next start finds the rows.
        let _ = self.notes.send(note);
    }

    fn take_inbox(&self) -> Option<mpsc::UnboundedReceiver<Note>> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
