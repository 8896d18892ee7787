//! A transaction that notes whether anything was written in it.

use waypost_store::{Engine, Memo, Param, Row, Sql, StoreError};

/// The transaction.
pub(super) struct Noting<'a> {
    inner: &'a mut dyn Sql,
    written: bool,
}

impl<'a> Noting<'a> {
    pub fn new(inner: &'a mut dyn Sql) -> Self {
        Self { inner, written: false }
    }

    pub const fn has_written(&self) -> bool {
        self.written
    }
}

impl Sql for Noting<'_> {
    fn put(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<(), StoreError> {
        self.written = true;
        self.inner.put(sql, params)
    }

    fn exec(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        self.written = true;
        self.inner.exec(sql, params)
    }

    fn query(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        // INSERT … RETURNING is a query that writes.
        self.written |= !sql.trim_start().starts_with("SELECT");
        self.inner.query(sql, params)
    }

    fn query_composed(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        self.inner.query_composed(sql, params)
    }

    fn engine(&self) -> Engine {
        self.inner.engine()
    }

    fn memo(&mut self) -> &mut Memo {
        self.inner.memo()
    }
}
