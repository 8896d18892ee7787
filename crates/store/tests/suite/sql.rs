//! Statements mean the same on both engines.

use waypost_store::testing::on_both_engines;
use waypost_store::{Param, Row, Sql, Store, StoreError, Value, query_one};

const SET: &str = "INSERT INTO setting (name, value) VALUES (?1, ?2)";

async fn settings(store: &Store) -> Vec<(String, String)> {
    let rows = store.read(|tx| tx.query("SELECT name, value FROM setting ORDER BY name", &[])).await.unwrap();
    let pair = |row: &Row| (row.text(0).unwrap().to_owned(), row.text(1).unwrap().to_owned());
    rows.iter().map(pair).collect()
}

#[tokio::test]
async fn every_type_comes_back_as_it_went_in() {
    on_both_engines(|store| async move {
        let bytes = [0_u8, 255, 1];
        let insert = move |tx: &mut dyn Sql| {
            tx.put(
                "INSERT INTO message (id, request, tenant, service, unit, dest_type, destination, correlation, state, \
                 code, progress, parts, updated_at) VALUES (?1, 1, 1, 1, -1, ?2, ?3, ?4, 1, ?5, ?6, 1, 0)",
                &[
                    i64::MAX.into(),
                    "msisdn".into(),
                    "'quoted' ?1 ünï".into(),
                    Option::<&str>::None.into(),
                    Param::Null,
                    (&bytes).into(),
                ],
            )
        };
        store.write(insert).await.unwrap();
        let rows = store
            .read(|tx| tx.query("SELECT id, destination, correlation, code, progress FROM message", &[]))
            .await
            .unwrap();
        let destination = Value::Text("'quoted' ?1 ünï".to_owned());
        let expected = vec![Value::Int(i64::MAX), destination, Value::Null, Value::Null, Value::Blob(bytes.to_vec())];
        assert_eq!(rows, vec![Row(expected)]);
    })
    .await;
}

#[tokio::test]
async fn counts_and_sums_are_integers() {
    on_both_engines(|store| async move {
        let row = store
            .read(|tx| {
                query_one(
                    tx,
                    "SELECT count(*), CAST(coalesce(sum(id), 0) AS BIGINT), max(id), CAST(?1 AS BIGINT) FROM message",
                    &[7_i64.into()],
                )
            })
            .await
            .unwrap();
        assert_eq!(row, Some(Row(vec![Value::Int(0), Value::Int(0), Value::Null, Value::Int(7)])));
    })
    .await;
}

#[tokio::test]
async fn an_upsert_and_the_number_of_touched_rows() {
    on_both_engines(|store| async move {
        let job = |tx: &mut dyn Sql| {
            let upsert = "INSERT INTO setting (name, value) VALUES (?1, ?2) \
                          ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            tx.put(upsert, &["a".into(), "1".into()])?;
            tx.put(upsert, &["a".into(), "2".into()])?;
            let touched =
                tx.exec("UPDATE setting SET value = ?1 WHERE name = ?2", &["3".into(), "b".into()])?;
            let removed = tx.query("DELETE FROM setting WHERE name = ?1 RETURNING value", &["a".into()])?;
            Ok((touched, removed))
        };
        let outcome = store.write(job).await;
        assert_eq!(outcome, Ok((0, vec![Row(vec![Value::Text("2".to_owned())])])));
    })
    .await;
}

#[tokio::test]
async fn a_text_with_a_nul_is_refused_by_both() {
    on_both_engines(|store| async move {
        let refused = store.write(|tx| tx.put(SET, &["a".into(), "\0".into()])).await;
        assert_eq!(refused, Err(StoreError::Constraint { detail: "a text contains U+0000".to_owned() }));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_number_of_parameters_is_an_error() {
    on_both_engines(|store| async move {
        let refused = store.write(|tx| tx.put(SET, &["a".into()])).await;
        assert_eq!(refused, Err(StoreError::Corrupt(format!("1 parameters given to: {SET}"))));
        assert_eq!(settings(&store).await, vec![]);
    })
    .await;
}

#[tokio::test]
async fn a_read_cannot_write() {
    on_both_engines(|store| async move {
        let refused = store.read(|tx| tx.exec(SET, &["a".into(), "1".into()])).await;
        assert!(refused.is_err(), "{refused:?}");
        assert_eq!(settings(&store).await, vec![]);
    })
    .await;
}

#[tokio::test]
async fn thousands_of_pipelined_writes_all_arrive() {
    on_both_engines(|store| async move {
        let job = |tx: &mut dyn Sql| {
            for n in 0..3_000 {
                let name = format!("{n:05}");
                tx.put(SET, &[(&name).into(), "x".into()])?;
            }
            Ok(())
        };
        store.write(job).await.unwrap();
        assert_eq!(settings(&store).await.len(), 3_000);
    })
    .await;
}
