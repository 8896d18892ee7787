//! One PostgreSQL connection, with `put`s pipelined.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config, NoTls, Statement};

use super::errors::{connect_error, store_error};
use super::translate::numbered;
use crate::StoreError;
use crate::backend::Backend;
use crate::memo::Memo;
use crate::sql::{Engine, Param, Row, Sql, Value, check_text, query_one};

/// Statements under way at most.
const OUTSTANDING_MAX: usize = 256;
/// After so many statements the socket gets a turn, so that the server works while we prepare the next ones.
const SEND_EVERY: usize = 16;
/// Turns of the runtime after which a closed socket has been read to its end.
const TURNS: usize = 3;
/// A peer that acknowledges nothing for so long is gone.
const TCP_TIMEOUT_MS: u64 = 30_000;

type Pending<T> = Pin<Box<dyn Future<Output = Result<T, tokio_postgres::Error>> + Send>>;

/// A connection that is made again after it was lost, its prepared statements and its memory.
pub(crate) struct PostgresConnection {
    config: Config,
    memo: Memo,
    session: Option<Session>,
    /// Last, so that what runs on it is dropped first.
    runtime: Runtime,
}

struct Session {
    client: Arc<Client>,
    /// By the address of the statement's text: each text is prepared once for each place that uses it.
    statements: HashMap<(usize, usize), Statement>,
    pending: VecDeque<Pending<u64>>,
    unsent: usize,
}

impl PostgresConnection {
    /// Connects. Not inside a runtime: the connection has its own.
    pub fn open(url: &str, connect_timeout_ms: u64) -> Result<Self, StoreError> {
        let mut config: Config = url.parse().map_err(|error| connect_error(&error))?;
        config.connect_timeout(Duration::from_millis(connect_timeout_ms));
        config.tcp_user_timeout(Duration::from_millis(TCP_TIMEOUT_MS));
        if config.get_application_name().is_none() {
            config.application_name("waypost");
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut opened = Self { config, memo: Memo::default(), session: None, runtime };
        opened.connect()?;
        Ok(opened)
    }

    fn connect(&mut self) -> Result<(), StoreError> {
        self.session = None;
        let client = self.runtime.block_on(async {
            let (client, connection) = self.config.connect(NoTls).await?;
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::warn!(%error, "the connection to PostgreSQL was lost");
                }
            });
            // A commit must be on disk before it is answered, whatever the cluster's default.
            let durable = "SELECT set_config('synchronous_commit', 'on', false) \
                           WHERE current_setting('synchronous_commit') = 'off'";
            client.batch_execute(durable).await?;
            Ok(client)
        });
        let client = client.map_err(|error: tokio_postgres::Error| connect_error(&error))?;
        let (statements, pending) = (HashMap::new(), VecDeque::new());
        self.session = Some(Session { client: Arc::new(client), statements, pending, unsent: 0 });
        Ok(())
    }

    /// Connects again when the connection was lost, also while idle.
    fn revive(&mut self) -> Result<(), StoreError> {
        if self.session.is_some() {
            // What happened to the connection while nobody ran the runtime is seen only when it runs.
            self.runtime.block_on(async {
                for _ in 0..TURNS {
                    tokio::task::yield_now().await;
                }
            });
        }
        if self.session.as_ref().is_some_and(|session| !session.client.is_closed()) {
            return Ok(());
        }
        metrics::counter!("waypost_store_reconnects_total").increment(1);
        self.connect()
    }

    /// The session and the runtime it runs on.
    fn parts(&mut self) -> Result<(&mut Session, &Runtime), StoreError> {
        match &mut self.session {
            Some(session) => Ok((session, &self.runtime)),
            None => Err(StoreError::Unavailable("the connection to PostgreSQL was lost".to_owned())),
        }
    }

    /// Counts the keys in the tail once, so that a merge starts when it should after a restart.
    fn refresh_memo(&mut self) -> Result<(), StoreError> {
        if self.memo.counted {
            return Ok(());
        }
        let exists = query_one(self, "SELECT count(to_regclass('find_tail'))", &[])?;
        if exists.map_or(Ok(0), |row| row.int(0))? == 0 {
            return Ok(());
        }
        let count =
            query_one(self, "SELECT count(*) FROM find_tail", &[])?.map_or(Ok(0), |row| row.int(0))?;
        self.memo.keys_unmerged = count.unsigned_abs();
        self.memo.counted = true;
        Ok(())
    }
}

impl Session {
    fn statement(&mut self, runtime: &Runtime, sql: &'static str) -> Result<Statement, StoreError> {
        let key = (sql.as_ptr().addr(), sql.len());
        if let Some(statement) = self.statements.get(&key) {
            return Ok(statement.clone());
        }
        // An earlier failure must be reported as itself, not as "current transaction is aborted".
        self.flush(runtime, 0)?;
        let prepared = runtime.block_on(self.client.prepare(&numbered(sql)));
        let statement = prepared.map_err(|error| store_error(&error))?;
        self.statements.insert(key, statement.clone());
        Ok(statement)
    }

    /// Waits for the oldest statements until `keep` are left. After an error the rest are given up: the server has
    /// aborted the transaction.
    fn flush(&mut self, runtime: &Runtime, keep: usize) -> Result<(), StoreError> {
        if self.pending.len() <= keep {
            return Ok(());
        }
        let pending = &mut self.pending;
        let outcome = runtime.block_on(async {
            while pending.len() > keep {
                let Some(oldest) = pending.pop_front() else { break };
                oldest.await?;
            }
            Ok(())
        });
        outcome.map_err(|error: tokio_postgres::Error| {
            self.pending.clear();
            store_error(&error)
        })
    }

    /// Sends a statement behind those under way; its first poll puts it on the connection's queue.
    fn send<T: Send + 'static>(mut future: Pending<T>) -> Result<Pending<T>, StoreError> {
        let mut context = Context::from_waker(Waker::noop());
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Pending => Ok(future),
            // A statement cannot have been answered yet: this is a failure to encode or a lost connection.
            std::task::Poll::Ready(Err(error)) => Err(store_error(&error)),
            std::task::Poll::Ready(Ok(value)) => Ok(Box::pin(std::future::ready(Ok(value)))),
        }
    }

    fn put(&mut self, runtime: &Runtime, sql: &'static str, params: &[Param<'_>]) -> Result<(), StoreError> {
        let future = self.execution(runtime, sql, params)?;
        self.pending.push_back(Self::send(future)?);
        self.unsent += 1;
        if self.unsent >= SEND_EVERY {
            self.unsent = 0;
            runtime.block_on(tokio::task::yield_now());
        }
        if self.pending.len() >= OUTSTANDING_MAX {
            self.flush(runtime, OUTSTANDING_MAX / 2)?;
        }
        Ok(())
    }

    fn execution(
        &mut self,
        runtime: &Runtime,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> Result<Pending<u64>, StoreError> {
        let (statement, params) = (self.statement(runtime, sql)?, values(params)?);
        check_count(sql, &statement, &params)?;
        let client = Arc::clone(&self.client);
        Ok(Box::pin(async move { client.execute_raw(&statement, params).await }))
    }

    fn exec(
        &mut self,
        runtime: &Runtime,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> Result<u64, StoreError> {
        let sent = Self::send(self.execution(runtime, sql, params)?)?;
        self.flush(runtime, 0)?;
        runtime.block_on(sent).map_err(|error| store_error(&error))
    }

    fn query(
        &mut self,
        runtime: &Runtime,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let (statement, params) = (self.statement(runtime, sql)?, values(params)?);
        check_count(sql, &statement, &params)?;
        let client = Arc::clone(&self.client);
        let rows = Self::send(Box::pin(async move {
            let refs: Vec<_> =
                params.iter().map(|value| value as &(dyn tokio_postgres::types::ToSql + Sync)).collect();
            client.query(&statement, &refs).await
        }))?;
        self.flush(runtime, 0)?;
        let rows = runtime.block_on(rows).map_err(|error| store_error(&error))?;
        rows.iter().map(row).collect()
    }
}

fn values(params: &[Param<'_>]) -> Result<Vec<Value>, StoreError> {
    let mut values = Vec::with_capacity(params.len());
    for param in params {
        if let Param::Text(text) = param {
            check_text(text)?;
        }
        values.push(param.to_value());
    }
    Ok(values)
}

fn check_count(sql: &str, statement: &Statement, params: &[Value]) -> Result<(), StoreError> {
    if statement.params().len() == params.len() {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!("{} parameters given to: {sql}", params.len())))
}

fn row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let values = (0..row.len()).map(|column| row.try_get::<_, Value>(column));
    Ok(Row(values.collect::<Result<_, _>>().map_err(|error| store_error(&error))?))
}

impl Sql for PostgresConnection {
    fn put(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<(), StoreError> {
        let (session, runtime) = self.parts()?;
        session.put(runtime, sql, params)
    }

    fn exec(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        let (session, runtime) = self.parts()?;
        session.exec(runtime, sql, params)
    }

    fn query(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        let (session, runtime) = self.parts()?;
        session.query(runtime, sql, params)
    }

    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    fn memo(&mut self) -> &mut Memo {
        &mut self.memo
    }
}

impl Backend for PostgresConnection {
    fn begin_write(&mut self) -> Result<(), StoreError> {
        self.revive()?;
        self.put("BEGIN", &[])?;
        self.refresh_memo()
    }

    fn begin_read(&mut self) -> Result<(), StoreError> {
        self.revive()?;
        self.put("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", &[])
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        // Sent behind the pending statements: after a failure among them the server turns it into a rollback, and
        // waiting for them in order reports that failure.
        self.exec("COMMIT", &[])?;
        self.memo.committed();
        Ok(())
    }

    fn rollback(&mut self) {
        self.memo.rolled_back();
        if let Ok((session, runtime)) = self.parts() {
            session.pending.clear();
            if session.exec(runtime, "ROLLBACK", &[]).is_err() {
                // The state of the session is unknown: begin again with a new one.
                self.session = None;
            }
        }
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let (session, runtime) = self.parts()?;
        session.flush(runtime, 0)?;
        runtime.block_on(session.client.batch_execute(sql)).map_err(|error| store_error(&error))
    }
}
