//! The shared engine: PostgreSQL, driven from the writer's and readers' own threads.

mod bulk;
mod connection;
mod errors;
mod session;
mod translate;
mod value;

pub(crate) use connection::PostgresConnection;
