//! Which of PostgreSQL's errors is which of ours.

use std::error::Error as _;

use tokio_postgres::Error;

use crate::StoreError;

pub(super) fn store_error(error: &Error) -> StoreError {
    let Some(db) = error.as_db_error() else {
        let io = error.source().is_some_and(|source| source.is::<std::io::Error>());
        let text = describe(error);
        return if io || error.is_closed() {
            StoreError::Unavailable(text)
        } else {
            StoreError::Corrupt(text)
        };
    };
    let text = format!("{} ({})", db.message(), db.code().code());
    match db.code().code() {
        // Serialization failure, deadlock, lock not available.
        "40001" | "40P01" | "55P03" => StoreError::Conflict(text),
        code => match code.get(..2) {
            // Data exception, integrity constraint.
            Some("22" | "23") => StoreError::Constraint { detail: text },
            // Connection, authorization, no such database, resources, operator intervention, system.
            Some("08" | "28" | "3D" | "53" | "57" | "58") => StoreError::Unavailable(text),
            _ => StoreError::Corrupt(text),
        },
    }
}

/// A failed attempt to connect: whatever the reason, the store is not there.
pub(super) fn connect_error(error: &Error) -> StoreError {
    StoreError::Unavailable(describe(error))
}

/// The error with its cause; the crate's own text is only its kind.
fn describe(error: &Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(db), _) => format!("{} ({})", db.message(), db.code().code()),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}
