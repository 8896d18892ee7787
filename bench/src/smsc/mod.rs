//! A store-and-forward SMSC: marks each message on the board, answers it, and owes its receipts until they are taken.

mod pdu;
mod receipt;
mod script;
mod session;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::board::Board;
use crate::places::Place;

use receipt::Receipt;
pub use script::{Habit, Script};

/// A running SMSC; ends when dropped.
#[derive(Debug)]
pub struct Smsc {
    place: Place,
    shared: Arc<Shared>,
}

/// What the sessions share.
#[derive(Debug)]
struct Shared {
    board: Arc<Board>,
    script: Script,
    serial: AtomicU64,
    receivers: AtomicUsize,
    refused: AtomicU64,
    owed: Mutex<VecDeque<Receipt>>,
    wake: Notify,
}

impl Shared {
    fn owed(&self) -> MutexGuard<'_, VecDeque<Receipt>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens an SMSC on a free loopback port, on a thread of its own.
///
/// # Errors
/// When no port or thread is to be had.
pub fn start(board: Arc<Board>, script: Script) -> anyhow::Result<Smsc> {
    let shared = Arc::new(Shared {
        board,
        script,
        serial: AtomicU64::new(0),
        receivers: AtomicUsize::new(0),
        refused: AtomicU64::new(0),
        owed: Mutex::default(),
        wake: Notify::new(),
    });
    let sessions = shared.clone();
    let place = Place::open("smsc", move |listener| take_all(listener, sessions))?;
    Ok(Smsc { place, shared })
}

async fn take_all(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(session::serve(stream, shared.clone()));
    }
}

impl Smsc {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.place.addr()
    }

    /// Sessions that are bound and take receipts.
    #[must_use]
    pub fn receivers(&self) -> usize {
        self.shared.receivers.load(Relaxed)
    }

    /// Receipts nobody has taken yet.
    #[must_use]
    pub fn owed(&self) -> usize {
        self.shared.owed().len()
    }

    /// Receipts that were answered with an error and offered again.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.shared.refused.load(Relaxed)
    }
}
