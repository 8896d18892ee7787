//! Opening, versions, the server's lock, losing the connection.

use waypost_store::testing::{Place, on_both_places};
use waypost_store::{KNOWN_VERSION, Sql, Store, StoreError};

async fn write_version(store: &Store, version: i64) {
    let job = move |tx: &mut dyn Sql| {
        tx.put("INSERT INTO schema_version (version, applied_at) VALUES (?1, 0)", &[version.into()])
    };
    store.write(job).await.unwrap();
}

#[tokio::test]
async fn a_store_opens_again_with_what_was_committed() {
    on_both_places(|config| async move {
        let store = Store::open(&config).unwrap();
        store.write(|tx| tx.put("INSERT INTO setting (name, value) VALUES ('a', 'b')", &[])).await.unwrap();
        store.close().await;
        let store = Store::open(&config).unwrap();
        let rows = store.read(|tx| tx.query("SELECT value FROM setting", &[])).await.unwrap();
        assert_eq!(rows[0].text(0), Ok("b"));
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    on_both_places(|config| async move {
        let store = Store::open(&config).unwrap();
        write_version(&store, KNOWN_VERSION + 1).await;
        store.close().await;
        let refused = Store::open(&config).map(|_| ()).unwrap_err();
        assert!(
            matches!(refused, StoreError::Schema { found, known, .. } if found == known + 1),
            "{refused:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_command_of_the_operator_works_beside_a_running_server() {
    on_both_places(|config| async move {
        let server = Store::open(&config).unwrap();
        let admin = Store::open(&config.clone().admin()).unwrap();
        admin.write(|tx| tx.put("INSERT INTO setting (name, value) VALUES ('a', 'b')", &[])).await.unwrap();
        let seen = server.write(|tx| tx.query("SELECT value FROM setting", &[])).await.unwrap();
        assert_eq!(seen[0].text(0), Ok("b"));
        admin.close().await;
        server.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_command_may_create_an_empty_store() {
    on_both_places(|config| async move {
        Store::open(&config.clone().admin()).unwrap().close().await;
        Store::open(&config).unwrap().close().await;
    })
    .await;
}

#[tokio::test]
async fn a_second_server_on_one_sqlite_file_is_refused_until_the_first_ends() {
    let place = Place::sqlite();
    let first = place.open();
    let refused = Store::open(&place.config()).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("one SQLite file serves one server"), "{refused}");
    first.close().await;
    Store::open(&place.config()).unwrap().close().await;
}

#[tokio::test]
async fn servers_share_a_postgres_store() {
    let place = Place::postgres().await;
    let (first, second) = (place.open(), place.open());
    first.write(|tx| tx.put("INSERT INTO setting (name, value) VALUES ('a', 'b')", &[])).await.unwrap();
    let seen = second.read(|tx| tx.query("SELECT value FROM setting", &[])).await.unwrap();
    assert_eq!(seen[0].text(0), Ok("b"));
    first.close().await;
    second.close().await;
}

#[tokio::test]
async fn a_lost_connection_fails_the_jobs_in_hand_and_is_made_again() {
    let place = Place::postgres().await;
    let store = place.open();
    let cut =
        store.write(|tx| tx.query("SELECT pg_terminate_backend(pg_backend_pid())", &[]).map(|_| ())).await;
    assert!(matches!(cut, Err(StoreError::Unavailable(_))), "{cut:?}");
    let job = |tx: &mut dyn Sql| tx.exec("INSERT INTO setting (name, value) VALUES ('a', 'b')", &[]);
    assert_eq!(store.write(job).await, Ok(1));
    store.close().await;
}

#[tokio::test]
async fn a_connection_lost_while_idle_is_made_again_before_the_next_job() {
    let place = Place::postgres().await;
    let store = place.open();
    let pid = store.write(|tx| tx.query("SELECT pg_backend_pid()", &[])).await.unwrap()[0].int(0).unwrap();
    let end = move |tx: &mut dyn Sql| {
        let sql = "SELECT pg_terminate_backend(CAST(CAST(?1 AS BIGINT) AS INTEGER), 10000)";
        tx.query(sql, &[pid.into()])
    };
    assert_eq!(store.read(end).await.unwrap()[0].flag(0), Ok(true));
    let job = |tx: &mut dyn Sql| tx.exec("INSERT INTO setting (name, value) VALUES ('a', 'b')", &[]);
    assert_eq!(store.write(job).await, Ok(1));
    store.close().await;
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_unavailable() {
    let config = waypost_store::StoreConfig::postgres("host=/nonexistent user=waypost");
    let refused = Store::open(&config).map(|_| ()).unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
}

#[tokio::test]
async fn a_backup_is_a_store_with_the_same_rows() {
    let place = Place::sqlite();
    let store = place.open();
    store.write(|tx| tx.put("INSERT INTO setting (name, value) VALUES ('a', 'b')", &[])).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    let refused = store.backup(&copy).await.unwrap_err();
    assert!(refused.to_string().contains("exists"), "{refused}");
    let copied = Store::open(&waypost_store::StoreConfig::sqlite(&copy)).unwrap();
    let rows = copied.read(|tx| tx.query("SELECT name, value FROM setting", &[])).await.unwrap();
    assert_eq!((rows[0].text(0), rows[0].text(1)), (Ok("a"), Ok("b")));
    copied.close().await;
    store.close().await;
}

#[tokio::test]
async fn a_backup_of_postgres_names_the_tool() {
    let place = Place::postgres().await;
    let store = place.open();
    let refused = store.backup("copy.db".as_ref()).await.unwrap_err();
    assert!(refused.to_string().contains("pg_dump"), "{refused}");
    store.close().await;
}
