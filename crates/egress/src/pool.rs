//! Idle connections, bounded for each host, in all, and in age.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// A connection. Dropping it ends it at once, whatever it was doing.
pub(crate) struct Conn {
    pub(crate) sender: SendRequest<Full<Bytes>>,
    pub(crate) _driver: Driver,
}

/// The task that drives a connection.
pub(crate) struct Driver(pub(crate) AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Idle {
    conn: Conn,
    since: Instant,
}

impl Idle {
    fn is_usable(&self, age_max: Duration) -> bool {
        !self.conn.sender.is_closed() && self.since.elapsed() < age_max
    }
}

/// The idle connections by origin (`scheme://host:port`). Every one of them was vetted when it was made.
pub(crate) struct Pool {
    idle: Mutex<Shelves>,
    per_host_max: usize,
    all_max: usize,
    age_max: Duration,
}

#[derive(Default)]
struct Shelves {
    by_origin: HashMap<String, Vec<Idle>>,
    count: usize,
}

impl Pool {
    pub(crate) fn new(per_host_max: usize, all_max: usize, age_ms_max: u64) -> Self {
        let age_max = Duration::from_millis(age_ms_max);
        Self { idle: Mutex::default(), per_host_max, all_max, age_max }
    }

    /// The connection that was used last, if it still can be.
    pub(crate) fn take(&self, origin: &str) -> Option<Conn> {
        let mut shelves = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let Shelves { by_origin, count } = &mut *shelves;
        let shelf = by_origin.get_mut(origin)?;
        while let Some(idle) = shelf.pop() {
            *count -= 1;
            if idle.is_usable(self.age_max) {
                return Some(idle.conn);
            }
        }
        by_origin.remove(origin);
        None
    }

    /// Keeps a connection for the next request, within the bounds; otherwise it is closed.
    pub(crate) fn put(&self, origin: &str, conn: Conn) {
        if conn.sender.is_closed() || self.per_host_max == 0 {
            return;
        }
        let mut shelves = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if shelves.count >= self.all_max {
            shelves.sweep(self.age_max);
        }
        let Shelves { by_origin, count } = &mut *shelves;
        if *count >= self.all_max {
            return;
        }
        let idle = Idle { conn, since: Instant::now() };
        match by_origin.get_mut(origin) {
            Some(shelf) if shelf.len() >= self.per_host_max => return,
            Some(shelf) => shelf.push(idle),
            None => {
                by_origin.insert(origin.to_owned(), vec![idle]);
            }
        }
        *count += 1;
    }

    /// Closes what is too old; the count of idle connections that are left.
    pub(crate) fn sweep(&self) -> usize {
        let mut shelves = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        shelves.sweep(self.age_max);
        shelves.count
    }
}

impl Shelves {
    fn sweep(&mut self, age_max: Duration) {
        self.by_origin.retain(|_, shelf| {
            shelf.retain(|idle| idle.is_usable(age_max));
            !shelf.is_empty()
        });
        self.count = self.by_origin.values().map(Vec::len).sum();
    }
}
