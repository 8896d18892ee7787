//! Plain inserts in one statement a table.
//!
//! Each statement on the wire costs the server a turn, and an accepted message is five of them. A `put` of the form
//! `INSERT INTO t (…) VALUES (…)` is therefore kept back until something else is said, or the transaction ends, and then
//! sent with all others of the same text as one `INSERT … SELECT … FROM unnest(…)`. Nothing can tell the difference:
//! plain inserts commute, and whatever could look at them is sent after them.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::StoreError;
use crate::sql::Value;

/// Rows kept back at most.
pub(super) const ROWS_MAX: usize = 1_000;

/// Inserts kept back, by statement in the order of their first row.
#[derive(Default)]
pub(super) struct Inserts {
    queues: Vec<(&'static str, Vec<Vec<Value>>)>,
    rows: usize,
}

impl Inserts {
    /// Keeps a row; true when it is time to send.
    pub fn push(&mut self, sql: &'static str, row: Vec<Value>) -> bool {
        match self.queues.iter_mut().find(|(queued, _)| std::ptr::eq(*queued, sql)) {
            Some((_, rows)) => rows.push(row),
            None => self.queues.push((sql, vec![row])),
        }
        self.rows += 1;
        self.rows >= ROWS_MAX
    }

    /// Takes everything.
    pub fn take(&mut self) -> Vec<(&'static str, Vec<Vec<Value>>)> {
        self.rows = 0;
        std::mem::take(&mut self.queues)
    }

    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }
}

/// The statement that inserts many rows; `None` when `sql` is not a plain insert of one row. `types` are those of its
/// parameters.
pub(super) fn many(sql: &str, types: &[Type]) -> Option<String> {
    let (head, values) = sql.split_once(" VALUES (")?;
    let values = values.strip_suffix(')')?;
    if !head.starts_with("INSERT INTO ") || types.is_empty() || values.contains(['(', ')']) {
        return None;
    }
    let arrays: Option<Vec<_>> =
        (1..).zip(types).map(|(n, ty)| Some(format!("${n}::{}[]", array_of(ty)?))).collect();
    let columns: Vec<_> = (1..=types.len()).map(|n| format!("c{n}")).collect();
    let (arrays, columns) = (arrays?.join(", "), columns.join(", "));
    Some(format!("{head} SELECT {} FROM unnest({arrays}) AS u({columns})", by_column(values)))
}

const fn array_of(ty: &Type) -> Option<&'static str> {
    match *ty {
        Type::INT8 => Some("bigint"),
        Type::TEXT => Some("text"),
        Type::BYTEA => Some("bytea"),
        _ => None,
    }
}

/// `?1` to `u.c1`, outside of quotes.
fn by_column(values: &str) -> String {
    let mut quoted = false;
    let mut text = String::with_capacity(values.len() * 2);
    for c in values.chars() {
        quoted ^= c == '\'';
        if c == '?' && !quoted { text.push_str("u.c") } else { text.push(c) }
    }
    text
}

/// One parameter of many rows.
#[derive(Debug)]
pub(super) enum Column {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
    Blobs(Vec<Option<Vec<u8>>>),
}

/// Rows to columns of the statement's types.
pub(super) fn columns(types: &[Type], rows: Vec<Vec<Value>>) -> Result<Vec<Column>, StoreError> {
    let count = rows.len();
    let mut columns: Vec<_> = types.iter().map(|ty| Column::new(ty, count)).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value)?;
        }
    }
    Ok(columns)
}

impl Column {
    fn new(ty: &Type, rows: usize) -> Self {
        match *ty {
            Type::BYTEA | Type::BYTEA_ARRAY => Self::Blobs(Vec::with_capacity(rows)),
            Type::TEXT | Type::TEXT_ARRAY => Self::Texts(Vec::with_capacity(rows)),
            _ => Self::Ints(Vec::with_capacity(rows)),
        }
    }

    fn push(&mut self, value: Value) -> Result<(), StoreError> {
        match (self, value) {
            (Self::Ints(column), Value::Int(int)) => column.push(Some(int)),
            (Self::Ints(column), Value::Null) => column.push(None),
            (Self::Texts(column), Value::Text(text)) => column.push(Some(text)),
            (Self::Texts(column), Value::Null) => column.push(None),
            (Self::Blobs(column), Value::Blob(bytes)) => column.push(Some(bytes)),
            (Self::Blobs(column), Value::Null) => column.push(None),
            (_, other) => return Err(StoreError::Corrupt(format!("a parameter of another type: {other:?}"))),
        }
        Ok(())
    }
}

impl ToSql for Column {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Ints(column) => column.to_sql(ty, out),
            Self::Texts(column) => column.to_sql(ty, out),
            Self::Blobs(column) => column.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8_ARRAY | Type::TEXT_ARRAY | Type::BYTEA_ARRAY)
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_insert_becomes_one_of_many_rows() {
        let sql = "INSERT INTO t (a, b, c, d) VALUES (?1, '?2', NULL, ?2)";
        assert_eq!(
            many(sql, &[Type::INT8, Type::TEXT]).as_deref(),
            Some(
                "INSERT INTO t (a, b, c, d) SELECT u.c1, '?2', NULL, u.c2 \
                 FROM unnest($1::bigint[], $2::text[]) AS u(c1, c2)"
            )
        );
    }

    #[test]
    fn anything_else_is_sent_as_it_is() {
        let check = |sql: &str, types: &[Type]| assert_eq!(many(sql, types), None, "{sql}");
        check("INSERT INTO t (a) VALUES (?1) ON CONFLICT DO NOTHING", &[Type::INT8]);
        check("INSERT INTO t (a) VALUES (?1) RETURNING id", &[Type::INT8]);
        check("INSERT INTO t (a) VALUES (lower(?1))", &[Type::TEXT]);
        check("INSERT INTO t (a) VALUES (?1), (?2)", &[Type::INT8, Type::INT8]);
        check("INSERT INTO t (a) VALUES (?1)", &[Type::BOOL]);
        check("INSERT INTO t (a) VALUES (1)", &[]);
        check("UPDATE t SET a = ?1", &[Type::INT8]);
    }
}
