//! The one interface to both engines.
//!
//! Statements are written once, in `?1` style. What makes that hold: every integer column is BIGINT, times are unix
//! microseconds, booleans 0 or 1, parameters are numbered, and a parameter whose type PostgreSQL cannot infer from
//! its place is written `CAST(?1 AS BIGINT)`. `SUM` of a BIGINT is NUMERIC there: cast it too.

use waypost_core::time::Micros;

use crate::StoreError;
use crate::memo::Memo;

/// Which engine runs the statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, one file, one server.
    Sqlite,
    /// PostgreSQL, shared by several nodes.
    Postgres,
}

/// One bound parameter. Text must not contain U+0000: PostgreSQL cannot hold it, so both engines refuse it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param<'a> {
    /// SQL NULL.
    Null,
    /// A BIGINT; times as unix microseconds, booleans as 0 or 1.
    Int(i64),
    /// A TEXT.
    Text(&'a str),
    /// A BLOB or BYTEA.
    Blob(&'a [u8]),
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// An integer of any width.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Int(_) => "integer",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        }
    }

    /// The same value as a parameter.
    #[must_use]
    pub fn as_param(&self) -> Param<'_> {
        match self {
            Self::Null => Param::Null,
            Self::Int(int) => Param::Int(*int),
            Self::Text(text) => Param::Text(text),
            Self::Blob(bytes) => Param::Blob(bytes),
        }
    }
}

/// One row of a result; columns are counted from 0 in the order of the SELECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(pub Vec<Value>);

impl Row {
    fn at(&self, column: usize) -> Result<&Value, StoreError> {
        self.0.get(column).ok_or_else(|| StoreError::Corrupt(format!("no column {column} in the row")))
    }

    fn mismatch(column: usize, wanted: &str, found: &Value) -> StoreError {
        StoreError::Corrupt(format!("column {column} is {}, not {wanted}", found.kind()))
    }

    /// An integer that is not null.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] on any other type, as for every method here.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        match self.at(column)? {
            Value::Int(int) => Ok(*int),
            other => Err(Self::mismatch(column, "an integer", other)),
        }
    }

    /// An integer or null.
    ///
    /// # Errors
    /// See [`Row::int`].
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.at(column)? {
            Value::Null => Ok(None),
            _ => self.int(column).map(Some),
        }
    }

    /// A boolean stored as 0 or 1.
    ///
    /// # Errors
    /// See [`Row::int`].
    pub fn flag(&self, column: usize) -> Result<bool, StoreError> {
        self.int(column).map(|int| int != 0)
    }

    /// A time stored as unix microseconds.
    ///
    /// # Errors
    /// See [`Row::int`].
    pub fn time(&self, column: usize) -> Result<Micros, StoreError> {
        self.int(column).map(Micros)
    }

    /// A time or null.
    ///
    /// # Errors
    /// See [`Row::int`].
    pub fn opt_time(&self, column: usize) -> Result<Option<Micros>, StoreError> {
        self.opt_int(column).map(|int| int.map(Micros))
    }

    /// A text that is not null.
    ///
    /// # Errors
    /// See [`Row::int`].
    pub fn text(&self, column: usize) -> Result<&str, StoreError> {
        match self.at(column)? {
            Value::Text(text) => Ok(text),
            other => Err(Self::mismatch(column, "a text", other)),
        }
    }

    /// A text or null.
    ///
    /// # Errors
    /// See [`Row::int`].
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.at(column)? {
            Value::Null => Ok(None),
            _ => self.text(column).map(Some),
        }
    }

    /// Bytes that are not null.
    ///
    /// # Errors
    /// See [`Row::int`].
    pub fn blob(&self, column: usize) -> Result<&[u8], StoreError> {
        match self.at(column)? {
            Value::Blob(bytes) => Ok(bytes),
            other => Err(Self::mismatch(column, "bytes", other)),
        }
    }

    /// Bytes or null.
    ///
    /// # Errors
    /// See [`Row::int`].
    pub fn opt_blob(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        match self.at(column)? {
            Value::Null => Ok(None),
            _ => self.blob(column).map(Some),
        }
    }

    /// Takes a text out of the row without copying it; the column is null afterwards.
    ///
    /// # Errors
    /// See [`Row::int`].
    pub fn take_text(&mut self, column: usize) -> Result<String, StoreError> {
        self.text(column)?;
        match self.0.get_mut(column).map(|value| std::mem::replace(value, Value::Null)) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(StoreError::Corrupt(format!("column {column} is no text"))),
        }
    }
}

/// A connection inside a transaction. Statements are `'static`, because each is prepared once per connection.
pub trait Sql {
    /// A write whose result nobody waits for. On PostgreSQL it is pipelined, so its error may surface at the next
    /// `exec`, `query` or at the commit; either way the job fails.
    ///
    /// # Errors
    /// Any [`StoreError`] of this statement or of an earlier `put`.
    fn put(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<(), StoreError>;

    /// A write; returns the number of rows it touched.
    ///
    /// # Errors
    /// See [`Sql::put`].
    fn exec(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, StoreError>;

    /// A statement that returns rows; the caller bounds their number with LIMIT.
    ///
    /// # Errors
    /// See [`Sql::put`].
    fn query(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError>;

    /// A statement with rows whose text was composed at run time, of constant parts only: every value is a parameter.
    ///
    /// # Errors
    /// See [`Sql::put`].
    fn query_composed(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError>;

    /// The engine, for the few statements that need two texts.
    fn engine(&self) -> Engine;

    /// What this connection remembers between transactions, to save statements. Used by `keys` and `work`.
    fn memo(&mut self) -> &mut Memo;
}

/// The first row of a result, if any.
///
/// # Errors
/// See [`Sql::put`].
pub fn query_one(
    tx: &mut dyn Sql,
    sql: &'static str,
    params: &[Param<'_>],
) -> Result<Option<Row>, StoreError> {
    Ok(tx.query(sql, params)?.into_iter().next())
}

/// Refuses a text that only one of the engines could store.
pub(crate) fn check_text(text: &str) -> Result<(), StoreError> {
    if text.as_bytes().contains(&0) {
        return Err(StoreError::Constraint { detail: "a text contains U+0000".to_owned() });
    }
    Ok(())
}

impl From<i64> for Param<'_> {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<u32> for Param<'_> {
    fn from(int: u32) -> Self {
        Self::Int(i64::from(int))
    }
}

impl From<bool> for Param<'_> {
    fn from(flag: bool) -> Self {
        Self::Int(i64::from(flag))
    }
}

impl From<Micros> for Param<'_> {
    fn from(at: Micros) -> Self {
        Self::Int(at.0)
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Param<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Param<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_refuses_a_value_of_another_type_and_a_missing_column() {
        let row = Row(vec![Value::Int(1), Value::Null, Value::Text("a".to_owned())]);
        assert_eq!((row.int(0), row.opt_int(1), row.text(2)), (Ok(1), Ok(None), Ok("a")));
        assert_eq!(row.text(0), Err(StoreError::Corrupt("column 0 is integer, not a text".to_owned())));
        assert_eq!(row.int(1), Err(StoreError::Corrupt("column 1 is null, not an integer".to_owned())));
        assert_eq!(row.opt_blob(2), Err(StoreError::Corrupt("column 2 is text, not bytes".to_owned())));
        assert_eq!(row.int(3), Err(StoreError::Corrupt("no column 3 in the row".to_owned())));
    }

    #[test]
    fn taking_a_text_leaves_null() {
        let mut row = Row(vec![Value::Text("a".to_owned())]);
        assert_eq!(row.take_text(0), Ok("a".to_owned()));
        assert_eq!(row.opt_text(0), Ok(None));
    }
}
