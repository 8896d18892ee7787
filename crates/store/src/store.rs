//! The handle everybody holds.

use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::backend::Backend;
use crate::postgres::PostgresConnection;
use crate::readers::Readers;
use crate::sql::{Engine, Sql};
use crate::sqlite::{self, Checkpointer, Role, ServerLock, SqliteConnection};
use crate::writer::{Bounds, TypedJob, Urgency, Writer, panicked};
use crate::{Location, OpenMode, StoreConfig, StoreError, schema};

/// The store: writes go to one thread in order, reads to a few others. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writer: Writer,
    readers: Readers,
    location: Location,
    threads: Mutex<Vec<JoinHandle<()>>>,
    reader_count: usize,
}

/// Connections and what must live as long as the writer.
struct Opened {
    writer: Box<dyn Backend + Send>,
    readers: Vec<Box<dyn Backend + Send>>,
    lock: Option<ServerLock>,
    checkpointer: Option<JoinHandle<()>>,
}

impl Store {
    /// Opens the store, creates or migrates its schema, and starts its threads. Blocks; not for a runtime's thread
    /// once the server serves.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the engine cannot be reached or another server owns the file,
    /// [`StoreError::Schema`] when this program cannot use what is stored.
    pub fn open(cfg: &StoreConfig) -> Result<Self, StoreError> {
        let opened = match &cfg.location {
            Location::Sqlite(path) => open_sqlite(cfg, path)?,
            // The connections have runtimes of their own, which cannot start on a thread that is in one.
            Location::Postgres(url) => std::thread::scope(|scope| {
                let opened = scope.spawn(|| open_postgres(cfg, url)).join();
                opened.unwrap_or_else(|panic| Err(panicked(&*panic)))
            })?,
        };
        let bounds = Bounds {
            jobs_max: cfg.group_jobs_max.max(1),
            work_max: Duration::from_micros(cfg.group_work_us_max),
        };
        let clock = Arc::clone(&cfg.clock);
        let (writer, thread) = Writer::start(opened.writer, clock, bounds, cfg.write_queue_max, opened.lock)?;
        let reader_count = opened.readers.len();
        let (readers, mut threads) = Readers::start(opened.readers, cfg.read_queue_max)?;
        threads.push(thread);
        threads.extend(opened.checkpointer);
        let location = cfg.location.clone();
        Ok(Self {
            inner: Arc::new(Inner { writer, readers, location, threads: Mutex::new(threads), reader_count }),
        })
    }

    /// Queues a write job now; the order of calls is the order of jobs. The future resolves after the job's
    /// transaction is durably committed. Dropping the future does not take the job back.
    ///
    /// The job may run more than once, so it must not have effects outside the transaction.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the queue is full, [`StoreError::Closed`] after [`Store::close`], otherwise what the
    /// job or its commit said; nothing is stored then, save after [`StoreError::Unavailable`], when it is unknown.
    pub fn write<T: Send + 'static>(
        &self,
        job: impl FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + 'static {
        self.answered(job, Urgency::NewWork)
    }

    /// Like [`Store::write`], for the server's own upkeep: taking up work, giving it back, what a start finds. Nobody could
    /// be told to come again, so it is not refused because new work fills the queue.
    ///
    /// # Errors
    /// See [`Store::write`].
    pub fn write_own<T: Send + 'static>(
        &self,
        job: impl FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + 'static {
        self.answered(job, Urgency::Outcome)
    }

    fn answered<T: Send + 'static>(
        &self,
        job: impl FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
        urgency: Urgency,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + 'static {
        let (answer, answered) = oneshot::channel();
        let after = move |outcome| {
            // Whoever asked may have gone; the job is done all the same.
            let _ = answer.send(outcome);
        };
        self.inner.writer.push(Box::new(TypedJob::new(job, after)), urgency);
        async move { answered.await.unwrap_or(Err(StoreError::Closed)) }
    }

    /// Like [`Store::write`], without a future: `after` runs on the writer's thread right after the commit, in the order
    /// of the jobs. It must be cheap and must not block; what waits for the writer waits for it.
    pub fn write_then<T: Send + 'static>(
        &self,
        job: impl FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
        after: impl FnOnce(Result<T, StoreError>) + Send + 'static,
    ) {
        self.inner.writer.push(Box::new(TypedJob::new(job, after)), Urgency::NewWork);
    }

    /// Like [`Store::write_then`], for what has already happened outside: an answer of a provider, of an endpoint. It is
    /// not refused because new work fills the queue, since what is not recorded would be done again.
    pub fn write_outcome<T: Send + 'static>(
        &self,
        job: impl FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
        after: impl FnOnce(Result<T, StoreError>) + Send + 'static,
    ) {
        self.inner.writer.push(Box::new(TypedJob::new(job, after)), Urgency::Outcome);
    }

    /// Runs a read on a reader's thread, in one consistent view of what is committed. It sees every write whose future
    /// has resolved.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::Closed`], or what the job said.
    pub async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.readers.read(job).await
    }

    /// Copies the whole store to the new file `to` while it is in use (SQLite).
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] on PostgreSQL, naming the tool; [`StoreError::Unavailable`] when `to` cannot be written.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let Location::Sqlite(from) = self.inner.location.clone() else {
            let text = "a PostgreSQL store is backed up with its own tools: run pg_dump --format=custom";
            return Err(StoreError::Unsupported(text.to_owned()));
        };
        let to = to.to_owned();
        blocking(move || sqlite::backup(&from, &to)).await?
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.inner.location {
            Location::Sqlite(_) => Engine::Sqlite,
            Location::Postgres(_) => Engine::Postgres,
        }
    }

    /// Finishes the queued jobs, then ends every thread and closes every connection. Later calls on clones of this
    /// handle get [`StoreError::Closed`].
    pub async fn close(self) {
        let inner = self.inner;
        let ended = blocking(move || {
            inner.writer.stop();
            (0..inner.reader_count).for_each(|_| inner.readers.stop_one());
            let mut threads = inner.threads.lock().unwrap_or_else(PoisonError::into_inner);
            for thread in threads.drain(..) {
                if thread.join().is_err() {
                    tracing::error!("a store thread panicked");
                }
            }
        });
        if ended.await.is_err() {
            tracing::error!("the store could not be closed in order");
        }
    }
}

async fn blocking<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(job).await.map_err(|_| StoreError::Closed)
}

fn open_sqlite(cfg: &StoreConfig, path: &Path) -> Result<Opened, StoreError> {
    let (lock, role, woken) = match cfg.mode {
        OpenMode::Server => {
            let (wake, woken) = Checkpointer::channel();
            let role = Role::Writer { cache_bytes: cfg.sqlite_cache_bytes, wake };
            (Some(ServerLock::take(path)?), role, Some(woken))
        }
        OpenMode::Admin => (None, Role::Admin, None),
    };
    let mut writer = SqliteConnection::open(path, role)?;
    schema::migrate(&mut writer, cfg.mode, cfg.clock.now())?;
    let mut readers: Vec<Box<dyn Backend + Send>> = Vec::new();
    for _ in 0..cfg.readers.max(1) {
        readers.push(Box::new(SqliteConnection::open(path, Role::Reader)?));
    }
    let checkpointer = woken.map(|woken| Checkpointer::start(path, woken)).transpose()?;
    Ok(Opened { writer: Box::new(writer), readers, lock, checkpointer })
}

fn open_postgres(cfg: &StoreConfig, url: &str) -> Result<Opened, StoreError> {
    let connect = || PostgresConnection::open(url, cfg.connect_timeout_ms, cfg.ca_file.as_deref());
    let mut writer = connect()?;
    if let (OpenMode::Server, Some(node)) = (cfg.mode, cfg.node) {
        writer.take_node(node, Duration::from_millis(cfg.connect_timeout_ms))?;
    }
    schema::migrate(&mut writer, cfg.mode, cfg.clock.now())?;
    let mut readers: Vec<Box<dyn Backend + Send>> = Vec::new();
    for _ in 0..cfg.readers.max(1) {
        readers.push(Box::new(connect()?));
    }
    Ok(Opened { writer: Box::new(writer), readers, lock: None, checkpointer: None })
}
