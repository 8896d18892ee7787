//! One SQLite connection.

use std::path::Path;
use std::sync::mpsc::SyncSender;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OpenFlags, ToSql};

use super::errors::store_error;
use crate::StoreError;
use crate::backend::Backend;
use crate::keys::Tail;
use crate::memo::Memo;
use crate::sql::{Engine, Param, Row, Sql, Value, check_text, query_one};

/// How long a statement waits for another process's write transaction.
const BUSY_TIMEOUT_MS: u64 = 5_000;
/// Page cache of a reader.
const READER_CACHE_BYTES: u64 = 16 << 20;
/// Distinct statements of the whole program, with room.
const STATEMENTS_MAX: usize = 512;

/// What a connection is for.
pub(crate) enum Role {
    /// The server's one write connection; the sender wakes the checkpointer.
    Writer { cache_bytes: u64, wake: SyncSender<()> },
    /// The write connection of an operator's command.
    Admin,
    /// A read-only connection.
    Reader,
}

/// A connection, its prepared statements and its memory.
pub(crate) struct SqliteConnection {
    db: Connection,
    memo: Memo,
    role: Role,
    /// `PRAGMA data_version` when the memory was built; it moves when another connection commits.
    data_version: Option<i64>,
}

impl SqliteConnection {
    pub fn open(path: &Path, role: Role) -> Result<Self, StoreError> {
        let access = match role {
            Role::Reader => OpenFlags::SQLITE_OPEN_READ_ONLY,
            _ => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        };
        let db = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
        db.busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS)).map_err(store_error)?;
        db.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        // A statement keeps its plan whatever is bound to it; otherwise some are prepared anew at every execution.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(store_error)?;
        db.execute_batch(&pragmas(&role)).map_err(store_error)?;
        Ok(Self { db, memo: Memo::default(), role, data_version: None })
    }

    /// A statement ready to run, with its parameters bound.
    fn statement(&self, sql: &str, params: &[Param<'_>]) -> Result<CachedStatement<'_>, StoreError> {
        let mut statement = self.db.prepare_cached(sql).map_err(store_error)?;
        if statement.parameter_count() != params.len() {
            return Err(StoreError::Corrupt(format!("{} parameters given to: {sql}", params.len())));
        }
        for (index, param) in params.iter().enumerate() {
            if let Param::Text(text) = param {
                check_text(text)?;
            }
            statement.raw_bind_parameter(index + 1, param).map_err(store_error)?;
        }
        Ok(statement)
    }

    /// Rebuilds the key tail when this is the first transaction or another process has written since the last.
    fn refresh_memo(&mut self) -> Result<(), StoreError> {
        if !matches!(self.role, Role::Writer { .. }) {
            return Ok(());
        }
        let version = query_one(self, "PRAGMA data_version", &[])?.map_or(Ok(0), |row| row.int(0))?;
        if self.data_version == Some(version) || !self.has_tail_table()? {
            return Ok(());
        }
        self.memo.tail = None;
        let tail = Tail::load(self)?;
        self.memo.keys_unmerged = tail.len();
        self.memo.tail = Some(tail);
        self.data_version = Some(version);
        Ok(())
    }

    /// False only in the transaction that creates the schema.
    fn has_tail_table(&mut self) -> Result<bool, StoreError> {
        let row = query_one(self, "SELECT count(*) FROM sqlite_master WHERE name = 'find_tail'", &[])?;
        Ok(row.map_or(Ok(0), |row| row.int(0))? > 0)
    }
}

fn pragmas(role: &Role) -> String {
    let common = "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA foreign_keys = ON;";
    let cache = |bytes: u64| format!("PRAGMA cache_size = -{};", bytes / 1024);
    match role {
        Role::Reader => format!("{common} PRAGMA query_only = ON; {}", cache(READER_CACHE_BYTES)),
        Role::Admin => format!("{common} PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"),
        // 16,000 pages is the backstop; the checkpoint thread normally empties the log long before.
        Role::Writer { cache_bytes, .. } => format!(
            "{common} PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 16000; {}",
            cache(*cache_bytes)
        ),
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Int(int) => ValueRef::Integer(int),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value(column: ValueRef<'_>) -> Result<Value, StoreError> {
    Ok(match column {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(int) => Value::Int(int),
        ValueRef::Real(real) => return Err(StoreError::Corrupt(format!("a real number in a row: {real}"))),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => return Err(StoreError::Corrupt("a text in a row is not UTF-8".to_owned())),
        },
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}

impl Sql for SqliteConnection {
    fn put(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<(), StoreError> {
        self.exec(sql, params).map(|_| ())
    }

    fn exec(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        let touched = self.statement(sql, params)?.raw_execute().map_err(store_error)?;
        Ok(touched as u64)
    }

    fn query(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        self.query_composed(sql, params)
    }

    fn query_composed(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.statement(sql, params)?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let mut result = Vec::new();
        while let Some(row) = rows.next().map_err(store_error)? {
            let mut values = Vec::with_capacity(columns);
            for column in 0..columns {
                values.push(value(row.get_ref(column).map_err(store_error)?)?);
            }
            result.push(Row(values));
        }
        Ok(result)
    }

    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    fn memo(&mut self) -> &mut Memo {
        &mut self.memo
    }
}

impl Backend for SqliteConnection {
    fn begin_write(&mut self) -> Result<(), StoreError> {
        // IMMEDIATE: a transaction that starts by reading could not become a writer beside another process.
        self.exec("BEGIN IMMEDIATE", &[])?;
        self.refresh_memo().inspect_err(|_| self.rollback_statement())
    }

    fn begin_read(&mut self) -> Result<(), StoreError> {
        self.exec("BEGIN", &[]).map(|_| ())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.exec("COMMIT", &[])?;
        self.memo.committed();
        Ok(())
    }

    fn rollback(&mut self) {
        self.rollback_statement();
        self.memo.rolled_back();
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.db.execute_batch(sql).map_err(store_error)
    }

    fn after_commit(&mut self) {
        if let Role::Writer { wake, .. } = &self.role {
            // Full means that it is awake already.
            let _ = wake.try_send(());
        }
    }
}

impl SqliteConnection {
    fn rollback_statement(&self) {
        // Fails only when SQLite has rolled back by itself already, for example on a full disk.
        if let Ok(mut statement) = self.db.prepare_cached("ROLLBACK") {
            let _ = statement.raw_execute();
        }
    }
}
