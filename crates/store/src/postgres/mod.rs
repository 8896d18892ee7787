//! The shared engine: PostgreSQL, driven from the writer's and readers' own threads.

mod bulk;
mod connection;
mod errors;
mod node;
mod session;
mod tls;
mod translate;
mod value;

pub(crate) use connection::PostgresConnection;
