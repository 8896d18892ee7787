//! How a store is opened.

use std::path::PathBuf;
use std::sync::Arc;

use waypost_core::time::{Clock, SystemClock};

use crate::StoreError;

/// Where the rows live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file; it is created when absent, its folder is not.
    Sqlite(PathBuf),
    /// A PostgreSQL connection string: `postgres://user:password@host/database` or key-value pairs.
    Postgres(String),
}

impl Location {
    /// `postgres://…` or `postgresql://…` is PostgreSQL; `sqlite:<path>` or a bare path is SQLite.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] for another scheme or an empty path.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let path = match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => return Ok(Self::Postgres(text.to_owned())),
            Some(("sqlite", path)) => path,
            Some((scheme, _)) => {
                return Err(StoreError::Unsupported(format!(
                    "no store for {scheme}://; use sqlite: or postgres://"
                )));
            }
            None => text.strip_prefix("sqlite:").unwrap_or(text),
        };
        if path.is_empty() {
            return Err(StoreError::Unsupported("the path of the SQLite file is empty".to_owned()));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

/// Who opens the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// The server: creates and migrates the schema. Only one server may own a SQLite file.
    Server,
    /// A command of the operator, possibly beside a running server: never migrates, takes no lock.
    Admin,
}

/// Everything [`crate::Store::open`] needs.
#[derive(Clone)]
pub struct StoreConfig {
    /// Where the rows live.
    pub location: Location,
    /// Who opens.
    pub mode: OpenMode,
    /// Jobs that may wait for the writer; over it `StoreError::Busy`.
    pub write_queue_max: usize,
    /// Reads that may wait; over it `StoreError::Busy`.
    pub read_queue_max: usize,
    /// Jobs in one transaction at most.
    pub group_jobs_max: usize,
    /// After this much work no further job joins the transaction.
    pub group_work_us_max: u64,
    /// Read-only connections, each on a thread of its own.
    pub readers: usize,
    /// Page cache of the SQLite writer.
    pub sqlite_cache_bytes: u64,
    /// How long to wait for PostgreSQL to answer a connection attempt.
    pub connect_timeout_ms: u64,
    /// PEM file with the authorities that vouch for a PostgreSQL spoken to with TLS (`sslmode=require`); `None`: the public ones.
    pub ca_file: Option<PathBuf>,
    /// The server's number, which no other server on the same PostgreSQL may have; `None` for what makes no ids.
    pub node: Option<u8>,
    /// Time for key generations.
    pub clock: Arc<dyn Clock>,
}

impl StoreConfig {
    /// The defaults, as server.
    #[must_use]
    pub fn new(location: Location) -> Self {
        Self {
            location,
            mode: OpenMode::Server,
            write_queue_max: 10_000,
            read_queue_max: 1_000,
            group_jobs_max: 1_000,
            group_work_us_max: 4_000,
            readers: 2,
            sqlite_cache_bytes: 64 << 20,
            connect_timeout_ms: 5_000,
            ca_file: None,
            node: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// The defaults on a SQLite file.
    #[must_use]
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self::new(Location::Sqlite(path.into()))
    }

    /// The defaults on PostgreSQL.
    #[must_use]
    pub fn postgres(url: impl Into<String>) -> Self {
        Self::new(Location::Postgres(url.into()))
    }

    /// The same, opened as an operator's command.
    #[must_use]
    pub fn admin(mut self) -> Self {
        self.mode = OpenMode::Admin;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_read_from_its_scheme() {
        let sqlite = |path: &str| Ok(Location::Sqlite(PathBuf::from(path)));
        assert_eq!(Location::parse("waypost.db"), sqlite("waypost.db"));
        assert_eq!(Location::parse("sqlite:/var/lib/w.db"), sqlite("/var/lib/w.db"));
        assert_eq!(Location::parse("sqlite:///var/lib/w.db"), sqlite("/var/lib/w.db"));
        let url = "postgresql://w@db/waypost";
        assert_eq!(Location::parse(url), Ok(Location::Postgres(url.to_owned())));
        assert!(matches!(Location::parse("mysql://db"), Err(StoreError::Unsupported(_))));
        assert!(matches!(Location::parse("sqlite:"), Err(StoreError::Unsupported(_))));
    }
}
