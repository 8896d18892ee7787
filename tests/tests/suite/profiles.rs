//! Profiles over the whole server: written over HTTP, used by messages, not lost by a kill.

use http::Method;
use serde_json::{Value, json};
use waypost_core::time::{Clock, SystemClock};
use waypost_simulators::smsc::SmscConfig;
use waypost_status::Api;
use waypost_store::directory::admin;
use waypost_store::{Ctx, TenantId};
use waypost_suite::{Answer, Backstage, Engine, Stage, on_both_engines, proof, sms};

use crate::SERVER;

on_both_engines!(
    an_sms_to_a_customer_goes_to_the_number_of_the_profile,
    a_large_batch_is_queued_and_done_by_the_running_server,
    a_batch_that_was_queued_when_the_server_was_killed_is_done_afterwards,
);

const CUSTOMERS: &str = "/resources/v2/customerprofile";

async fn profile_key(backstage: &Backstage) -> String {
    let tenant = backstage.login().tenant;
    let job = move |tx: &mut dyn waypost_store::Sql| {
        admin::create_key(tx, &Ctx::operator(TenantId(tenant)), SystemClock.now(), None)
    };
    backstage.desk().change("a profile key", job).await.text
}

async fn call(stage: &Stage, method: Method, path: &str, key: &str, body: &Value) -> Answer {
    let headers = [("key", key), ("content-type", "application/json")];
    let answer = stage.http.send(method, path, &headers, body.to_string()).await;
    let json = answer.json();
    let text = json["description"].as_str().unwrap_or("SUCCESS");
    proof::seen(Api::Profile, json["code"].as_str().unwrap(), text);
    answer
}

fn customers(count: usize) -> Value {
    let one = |n| json!({"customerId": format!("C{n}"), "Attributes": {"msisdn": format!("4477009{n:05}")}});
    json!({"Records": (0..count).map(one).collect::<Vec<_>>()})
}

async fn an_sms_to_a_customer_goes_to_the_number_of_the_profile(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let key = profile_key(&backstage).await;
    let stage = backstage.start().await;
    let answer = call(&stage, Method::POST, CUSTOMERS, &key, &customers(2)).await;
    assert_eq!((answer.http, &answer.json()["code"]), (200, &json!("1000")));
    let mut request = sms("Hi", "unused");
    request["destination"] = json!([{"customerid": ["C1"]}]);
    stage.post(&request).await.queued();
    stage.hook.wait("an outcome", |_| (!stage.hook.notifications().is_empty()).then_some(())).await;
    let sent: Vec<String> = stage.smsc().received().into_iter().map(|message| message.dest.digits).collect();
    assert_eq!(sent, ["447700900001"]);
}

/// Waits until the batch is done, of which the server tells nobody, and asks for its results.
async fn results(stage: &Stage, key: &str, transid: &str) -> Value {
    const DONE: &str = "SELECT id FROM profile_request WHERE done_at IS NOT NULL";
    let look = |tx: &mut dyn waypost_store::Sql| Ok(tx.query(DONE, &[])?.pop());
    stage.desk.until("the batch to be done", look).await;
    let path = format!("/resources/v2/profile/status/{transid}");
    call(stage, Method::GET, &path, key, &Value::Null).await.json()
}

fn assert_all_done(told: &Value, transid: &str) {
    let results: Vec<Value> = (0..100)
        .map(|n| json!({"customerId": format!("C{n}"), "code": "1000", "description": "SUCCESS"}))
        .collect();
    let expected = json!({"TotalCount": 100, "SuccessCount": 100, "FailureCount": 0, "code": "1000",
        "description": "SUCCESS", "transid": transid, "Results": results});
    assert_eq!(told, &expected);
}

async fn queued(stage: &Stage, key: &str) -> String {
    let answer = call(stage, Method::POST, CUSTOMERS, key, &customers(100)).await.json();
    assert_eq!((&answer["code"], &answer["description"]), (&json!("1000"), &json!("QUEUED")));
    answer["transid"].as_str().unwrap().to_owned()
}

async fn a_large_batch_is_queued_and_done_by_the_running_server(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let key = profile_key(&backstage).await;
    let stage = backstage.start().await;
    let transid = queued(&stage, &key).await;
    assert_all_done(&results(&stage, &key, &transid).await, &transid);
}

async fn a_batch_that_was_queued_when_the_server_was_killed_is_done_afterwards(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let key = profile_key(&backstage).await;
    let mut stage = backstage.start_process(SERVER).await;
    let transid = queued(&stage, &key).await;
    stage.kill().await;
    stage.run_again(SERVER).await;
    assert_all_done(&results(&stage, &key, &transid).await, &transid);
}
