//! The shared engine: PostgreSQL, driven from the writer's and readers' own threads.

mod connection;
mod errors;
mod translate;
mod value;

pub(crate) use connection::PostgresConnection;
