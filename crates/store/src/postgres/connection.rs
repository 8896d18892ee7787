//! One PostgreSQL connection, with `put`s pipelined.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Runtime;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Connection, NoTls};

use super::errors::connect_error;
use super::node;
use super::session::Session;
use super::tls::Tls;
use crate::StoreError;
use crate::backend::Backend;
use crate::memo::Memo;
use crate::sql::{Engine, Param, Row, Sql, query_one};

/// Turns of the runtime after which a closed socket has been read to its end.
const TURNS: usize = 3;
/// A peer that acknowledges nothing for so long is gone.
const TCP_TIMEOUT_MS: u64 = 30_000;

/// A connection that is made again after it was lost, its prepared statements and its memory.
pub(crate) struct PostgresConnection {
    config: Config,
    /// The authorities that vouch for a server with TLS; `None`: the public ones.
    ca_file: Option<PathBuf>,
    memo: Memo,
    session: Option<Session>,
    /// The server's number, which this connection holds.
    node: Option<u8>,
    /// Last, so that what runs on it is dropped first.
    runtime: Runtime,
}

impl PostgresConnection {
    /// Connects; with TLS where `url` says `sslmode=require`, and then to nobody whom no authority of `ca_file` vouches for.
    /// Not inside a runtime: the connection has its own.
    pub fn open(url: &str, connect_timeout_ms: u64, ca_file: Option<&Path>) -> Result<Self, StoreError> {
        let mut config: Config = url.parse().map_err(|error| connect_error(&error))?;
        config.connect_timeout(Duration::from_millis(connect_timeout_ms));
        config.tcp_user_timeout(Duration::from_millis(TCP_TIMEOUT_MS));
        if config.get_application_name().is_none() {
            config.application_name("waypost");
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let ca_file = ca_file.map(Path::to_owned);
        let mut opened = Self { config, ca_file, memo: Memo::default(), session: None, node: None, runtime };
        opened.connect()?;
        Ok(opened)
    }

    /// Takes a number for this server, and for as long as the connection lasts; again whenever it was lost.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when another server has it and does not give it up in time.
    pub fn take_node(&mut self, node: u8, within: Duration) -> Result<(), StoreError> {
        node::take(self, node, within)?;
        self.node = Some(node);
        Ok(())
    }

    fn connect(&mut self) -> Result<(), StoreError> {
        self.session = None;
        let tls = match self.config.get_ssl_mode() {
            SslMode::Require => Some(
                Tls::new(self.ca_file.as_deref())
                    .map_err(|error| StoreError::Unavailable(format!("TLS to PostgreSQL: {error}")))?,
            ),
            // What is preferred and not required would protect from nobody.
            _ => None,
        };
        let client = self.runtime.block_on(async {
            let client = match tls {
                Some(tls) => driven(self.config.connect(tls).await?),
                None => driven(self.config.connect(NoTls).await?),
            };
            // A commit must be on disk before it is answered, whatever the cluster's default.
            let durable = "SELECT set_config('synchronous_commit', 'on', false) \
                           WHERE current_setting('synchronous_commit') = 'off'";
            client.batch_execute(durable).await?;
            Ok(client)
        });
        let client = client.map_err(|error: tokio_postgres::Error| connect_error(&error))?;
        self.session = Some(Session::new(client));
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
        if self.session.as_ref().is_some_and(|session| !session.is_closed()) {
            return Ok(());
        }
        metrics::counter!("waypost_store_reconnects_total").increment(1);
        self.connect()?;
        if let Some(number) = self.node
            && !node::try_take(self, number)?
        {
            // Most likely our own connection before, whose end PostgreSQL has not seen yet: no reason to stop.
            tracing::warn!(node = number, "another connection holds this server's number on PostgreSQL");
        }
        Ok(())
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

/// Has a connection carry what its client says, until the client is dropped.
fn driven<S, T>((client, connection): (Client, Connection<S, T>)) -> Client
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "the connection to PostgreSQL was lost");
        }
    });
    client
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

    fn query_composed(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        let (session, runtime) = self.parts()?;
        session.query_composed(runtime, sql, params)
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
            session.give_up();
            if session.exec(runtime, "ROLLBACK", &[]).is_err() {
                // The state of the session is unknown: begin again with a new one.
                self.session = None;
            }
        }
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let (session, runtime) = self.parts()?;
        session.batch(runtime, sql)
    }
}
