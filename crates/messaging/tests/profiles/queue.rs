//! Batches of more than ten records.

use serde_json::{Value, json};
use waypost_core::id::TransactionId;
use waypost_store::testing::on_both_engines;

use crate::server::{Server, records};

const PATH: &str = "/customerprofile";

fn batch(count: usize) -> Value {
    let one = |n| json!({"customerId": format!("C{n}"), "Attributes": {"msisdn": format!("4477009{n:05}")}});
    records(&(0..count).map(one).collect::<Vec<_>>().into())
}

async fn queued(server: &Server, body: &Value) -> String {
    let answer = server.post(PATH, body).await;
    let count = body["Records"].as_array().unwrap().len();
    let expected = json!({"TotalCount": count, "SuccessCount": 0, "FailureCount": 0, "code": "1000",
        "description": "QUEUED", "transid": "<id>", "Results": []});
    assert_eq!((answer.http.as_u16(), answer.masked()), (200, expected));
    answer.json()["transid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn ten_are_done_at_once_and_eleven_are_queued_and_told_later() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        assert_eq!(server.post(PATH, &batch(10)).await.counts(), [10, 10, 0]);
        let transid = queued(&server, &batch(11)).await;
        let status = format!("/profile/status/{transid}");
        assert_eq!(server.get(&status).await.refusal(), "7600 No results found", "not done yet");
        assert_eq!(server.get(&format!("{PATH}/C10")).await.refusal(), "7014 Customer not found");

        assert_eq!(server.desk.do_waiting().await, Ok(1));
        let told = server.get(&status).await;
        assert_eq!((told.code().1.as_str(), told.counts()), ("1002", [11, 1, 10]));
        assert_eq!(told.json()["transid"], transid);
        assert_eq!(told.results()[9..], ["C9 7015 Customer already exists", "C10 1000 SUCCESS"]);
        assert_eq!(server.get(&format!("{PATH}/C10")).await.code().1, "1000");
        assert_eq!(server.desk.do_waiting().await, Ok(0));
        let left = "SELECT count(*) FROM profile_request WHERE body IS NOT NULL";
        assert_eq!(server.store.read(move |tx| tx.query(left, &[])?[0].int(0)).await, Ok(0));
    })
    .await;
}

#[tokio::test]
async fn what_waits_is_sealed_and_another_tenants_or_guessed_id_is_unknown() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let transid = queued(&server, &batch(12)).await;
        let body = server
            .store
            .read(|tx| Ok(tx.query("SELECT body FROM profile_request", &[])?[0].blob(0)?.to_vec()));
        assert!(!String::from_utf8_lossy(&body.await.unwrap()).contains("4477009"));
        server.desk.do_waiting().await.unwrap();
        let first = transid.parse::<TransactionId>().unwrap().first_id().unwrap();
        let guessed = TransactionId::from_id(first, 1);
        assert_eq!(
            server.get(&format!("/profile/status/{guessed}")).await.refusal(),
            "7600 No results found"
        );
        let move_away = "UPDATE profile_request SET tenant = tenant + 1";
        server.operate(move |tx, _| tx.exec(move_away, &[])).await;
        assert_eq!(
            server.get(&format!("/profile/status/{transid}")).await.refusal(),
            "7600 No results found"
        );
    })
    .await;
}

#[tokio::test]
async fn a_batch_older_than_a_day_is_not_done_any_more() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let transid = queued(&server, &batch(11)).await;
        server.clock.advance_ms(24 * 3_600_000 + 1_000);
        assert_eq!(server.desk.do_waiting().await, Ok(1));
        let told = server.get(&format!("/profile/status/{transid}")).await;
        assert_eq!((told.code().1.as_str(), told.counts()), ("1002", [11, 0, 11]));
        assert_eq!(told.results()[0], "C0 7019 Request expired");
        assert_eq!(server.get(&format!("{PATH}/C0")).await.refusal(), "7014 Customer not found");
    })
    .await;
}

#[tokio::test]
async fn what_was_queued_before_a_crash_is_done_after_it() {
    on_both_engines(|store| async move {
        let server = Server::on(store.clone()).await;
        let transid = queued(&server, &batch(100)).await;
        // Another process on the same store knows nothing but what is stored.
        let other = waypost_messaging::work::profile::ProfileDesk::new(
            store,
            server.directory.clone(),
            server.clock.clone(),
        );
        assert_eq!(other.do_waiting().await, Ok(1));
        assert_eq!(server.get(&format!("/profile/status/{transid}")).await.counts(), [100, 100, 0]);
    })
    .await;
}
