//! A database with the schema, of which a test's is a copy: the schema is some hundred statements.

use waypost_core::time::Micros;

use super::{connect, with_database};
use crate::postgres::PostgresConnection;
use crate::{OpenMode, schema};

/// Test processes that start together make it once.
const LOCK: i64 = 875_311_491;

/// Its name on this server; it is made if it is not there.
pub(super) async fn made(server: &str) -> String {
    let name = format!("waypost_schema_{:016x}", schema::fingerprint());
    let (client, driver) = connect(&with_database(server, "postgres")).await;
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.expect("a lock");
    let there = "SELECT 1 FROM pg_database WHERE datname = $1";
    if client.query_opt(there, &[&name]).await.expect("an answer").is_none() {
        // Under its name only when it is whole: a process may be killed before.
        let draft = format!("{name}_draft");
        let drop_draft = format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)");
        client.batch_execute(&drop_draft).await.expect("an old draft goes");
        client.batch_execute(&format!("CREATE DATABASE {draft}")).await.expect("a new database");
        let url = with_database(server, &draft);
        let migrated = std::thread::spawn(move || {
            let mut db = PostgresConnection::open(&url, 30_000, None)?;
            schema::migrate(&mut db, OpenMode::Server, Micros(0))
        });
        let migrated = tokio::task::spawn_blocking(move || migrated.join()).await.expect("a thread");
        migrated.expect("no panic").expect("the schema is made");
        let rename = format!("ALTER DATABASE {draft} RENAME TO {name}");
        client.batch_execute(&rename).await.expect("nobody is in the draft");
    }
    // The lock goes with the connection.
    drop(client);
    let _ = driver.await;
    name
}
