//! One session: its prepared statements, and what is under way on it.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::runtime::Runtime;
use tokio_postgres::types::{BorrowToSql, ToSql};
use tokio_postgres::{Client, Error, Statement};

use super::bulk::{self, Inserts};
use super::errors::store_error;
use super::translate::numbered;
use crate::StoreError;
use crate::sql::{Param, Row, Value, check_text};

/// Statements under way at most.
const OUTSTANDING_MAX: usize = 256;
/// After so many statements the socket gets a turn, so that the server works while we prepare the next ones.
const SEND_EVERY: usize = 16;

type Pending<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

pub(super) struct Session {
    client: Arc<Client>,
    /// By the address of the statement's text: each text is prepared once for each place that uses it.
    statements: HashMap<(usize, usize), Prepared>,
    inserts: Inserts,
    pending: VecDeque<Pending<u64>>,
    unsent: usize,
}

#[derive(Clone)]
struct Prepared {
    one: Statement,
    /// The same for many rows: its text, and the statement once it was needed.
    many: Option<(Arc<str>, Option<Statement>)>,
}

fn address(sql: &'static str) -> (usize, usize) {
    (sql.as_ptr().addr(), sql.len())
}

impl Session {
    pub fn new(client: Client) -> Self {
        Self {
            client: Arc::new(client),
            statements: HashMap::new(),
            inserts: Inserts::default(),
            pending: VecDeque::new(),
            unsent: 0,
        }
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Forgets what was not sent or answered; the caller rolls back.
    pub fn give_up(&mut self) {
        self.pending.clear();
        self.inserts.take();
    }

    /// A write whose result nobody waits for.
    pub fn put(
        &mut self,
        runtime: &Runtime,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> Result<(), StoreError> {
        let prepared = self.prepared(runtime, sql)?;
        let values = values(sql, &prepared.one, params)?;
        if prepared.many.is_none() {
            self.send_inserts(runtime)?;
            return self.start(runtime, prepared.one, values);
        }
        if self.inserts.push(sql, values) {
            self.send_inserts(runtime)?;
        }
        Ok(())
    }

    /// A write; the number of rows it touched.
    pub fn exec(
        &mut self,
        runtime: &Runtime,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> Result<u64, StoreError> {
        self.send_inserts(runtime)?;
        let statement = self.prepared(runtime, sql)?.one;
        let values = values(sql, &statement, params)?;
        let sent = send(self.execution(statement, values))?;
        self.flush(runtime, 0)?;
        runtime.block_on(sent).map_err(|error| store_error(&error))
    }

    /// A statement with rows.
    pub fn query(
        &mut self,
        runtime: &Runtime,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        self.send_inserts(runtime)?;
        let statement = self.prepared(runtime, sql)?.one;
        self.rows(runtime, (sql, statement), params)
    }

    /// A statement with rows that is prepared for this once.
    pub fn query_composed(
        &mut self,
        runtime: &Runtime,
        sql: &str,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        self.send_inserts(runtime)?;
        let statement = self.prepare(runtime, &numbered(sql))?;
        self.rows(runtime, (sql, statement), params)
    }

    fn rows(
        &mut self,
        runtime: &Runtime,
        (sql, statement): (&str, Statement),
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let values = values(sql, &statement, params)?;
        let client = Arc::clone(&self.client);
        let rows = send(Box::pin(async move {
            let refs: Vec<_> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
            client.query(&statement, &refs).await
        }))?;
        self.flush(runtime, 0)?;
        let rows = runtime.block_on(rows).map_err(|error| store_error(&error))?;
        rows.iter().map(row).collect()
    }

    /// Several statements without parameters.
    pub fn batch(&mut self, runtime: &Runtime, sql: &str) -> Result<(), StoreError> {
        self.send_inserts(runtime)?;
        self.flush(runtime, 0)?;
        runtime.block_on(self.client.batch_execute(sql)).map_err(|error| store_error(&error))
    }

    fn prepared(&mut self, runtime: &Runtime, sql: &'static str) -> Result<Prepared, StoreError> {
        let key = address(sql);
        if let Some(prepared) = self.statements.get(&key) {
            return Ok(prepared.clone());
        }
        let one = self.prepare(runtime, &numbered(sql))?;
        let many = bulk::many(sql, one.params()).map(|text| (Arc::from(text), None));
        let prepared = Prepared { one, many };
        self.statements.insert(key, prepared.clone());
        Ok(prepared)
    }

    fn prepare(&mut self, runtime: &Runtime, sql: &str) -> Result<Statement, StoreError> {
        // An earlier failure must be reported as itself, not as "current transaction is aborted".
        self.flush(runtime, 0)?;
        runtime.block_on(self.client.prepare(sql)).map_err(|error| store_error(&error))
    }

    /// The statement for many rows of `sql`.
    fn prepared_many(&mut self, runtime: &Runtime, sql: &'static str) -> Result<Statement, StoreError> {
        let key = address(sql);
        let text = match self.prepared(runtime, sql)?.many {
            Some((_, Some(statement))) => return Ok(statement),
            Some((text, None)) => text,
            None => return Err(StoreError::Corrupt(format!("not a plain insert: {sql}"))),
        };
        let statement = self.prepare(runtime, &text)?;
        if let Some(prepared) = self.statements.get_mut(&key) {
            prepared.many = Some((text, Some(statement.clone())));
        }
        Ok(statement)
    }

    /// Sends the inserts that were kept back.
    fn send_inserts(&mut self, runtime: &Runtime) -> Result<(), StoreError> {
        if self.inserts.is_empty() {
            return Ok(());
        }
        for (sql, mut rows) in self.inserts.take() {
            if rows.len() == 1 {
                let statement = self.prepared(runtime, sql)?.one;
                self.start(runtime, statement, rows.pop().unwrap_or_default())?;
            } else {
                let statement = self.prepared_many(runtime, sql)?;
                let columns = bulk::columns(statement.params(), rows)?;
                self.start(runtime, statement, columns)?;
            }
        }
        Ok(())
    }

    /// Starts a statement without waiting for it.
    fn start<P>(&mut self, runtime: &Runtime, statement: Statement, params: Vec<P>) -> Result<(), StoreError>
    where
        P: BorrowToSql + Send + 'static,
    {
        let future = self.execution(statement, params);
        self.pending.push_back(send(future)?);
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

    fn execution<P>(&self, statement: Statement, params: Vec<P>) -> Pending<u64>
    where
        P: BorrowToSql + Send + 'static,
    {
        let client = Arc::clone(&self.client);
        Box::pin(async move { client.execute_raw(&statement, params).await })
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
        outcome.map_err(|error: Error| {
            self.pending.clear();
            store_error(&error)
        })
    }
}

/// Sends a statement behind those under way: its first poll puts it on the connection's queue.
fn send<T: Send + 'static>(mut future: Pending<T>) -> Result<Pending<T>, StoreError> {
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Pending => Ok(future),
        // A statement cannot have been answered yet: this is a failure to encode or a lost connection.
        Poll::Ready(Err(error)) => Err(store_error(&error)),
        Poll::Ready(Ok(value)) => Ok(Box::pin(std::future::ready(Ok(value)))),
    }
}

/// Copies of the parameters, for a statement that is sent while the caller goes on.
fn values(sql: &str, statement: &Statement, params: &[Param<'_>]) -> Result<Vec<Value>, StoreError> {
    if statement.params().len() != params.len() {
        return Err(StoreError::Corrupt(format!("{} parameters given to: {sql}", params.len())));
    }
    let mut values = Vec::with_capacity(params.len());
    for param in params {
        if let Param::Text(text) = param {
            check_text(text)?;
        }
        values.push(param.to_value());
    }
    Ok(values)
}

fn row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let values = (0..row.len()).map(|column| row.try_get::<_, Value>(column));
    Ok(Row(values.collect::<Result<_, _>>().map_err(|error| store_error(&error))?))
}
