//! The questions of a broker, asked one by one.

use http::Method;
use serde_json::{Value, json};
use waypost_suite::{Answer, CLIENT_KEY, Phone, RT_APP, Rt, rt_done, rt_refused};

use super::ask::ASKS_WITH;
use super::broker::{Emqx, PASSWORD, USER};

async fn ask_with(rt: &Rt, key: &str, question: &str, body: &Value) -> Answer {
    let path = format!("/realtime/broker/v1/{question}");
    let bearer = format!("Bearer {key}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    rt.stage.http.send(Method::POST, &path, &headers, body.to_string()).await
}

async fn ask(rt: &Rt, question: &str, body: &Value) -> Answer {
    ask_with(rt, ASKS_WITH, question, body).await
}

fn who(phone: &Phone, key: &str) -> Value {
    let client_id = format!("{}/at_{}", phone.client_id, phone.token);
    json!({"clientid": client_id, "username": format!("{RT_APP}/{}", phone.user), "password": key})
}

/// An answer that says no, with its code and field.
fn denied(answer: &Answer, code: u16, field: &str) {
    assert_eq!(rt_refused(answer, 200, code), field);
    assert_eq!(answer.json()["result"], "deny");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_is_vouched_for_with_its_rights_and_the_end_of_its_token() {
    let emqx = Emqx::start().await;
    let rt = emqx.beside().await;
    let phone = rt.register("ann", "d1").await;
    let mut told = rt_done(&ask(&rt, "authenticate", &who(&phone, CLIENT_KEY)).await);
    let until = told.as_object_mut().unwrap().remove("expire_at").unwrap().as_u64().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!((now + 89 * 86_400..=now + 90 * 86_400).contains(&until), "{until}");
    let expected = json!({
        "code": "0", "description": told["description"], "result": "allow", "is_superuser": false, "acl": [
            {"permission": "allow", "action": "subscribe", "topic": format!("eq {RT_APP}/ann")},
            {"permission": "deny", "action": "subscribe", "topic": format!("eq {RT_APP}/Updates/#")},
            {"permission": "allow", "action": "subscribe", "topic": format!("{RT_APP}/Updates/+")},
            {"permission": "deny", "action": "all", "topic": "#"}
        ]
    });
    assert_eq!(told, expected);
    let ours = json!({"clientid": "any", "username": USER, "password": PASSWORD});
    let told = rt_done(&ask(&rt, "authenticate", &ours).await);
    let description = told["description"].clone();
    let expected = json!({"code": "0", "description": description, "result": "allow", "is_superuser": true});
    assert_eq!(told, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_the_server_does_not_know_is_denied_with_the_reason() {
    let emqx = Emqx::start().await;
    let rt = emqx.beside().await;
    let phone = rt.register("ann", "d1").await;
    let with = |change: fn(&mut Phone)| {
        let mut other = phone.clone();
        change(&mut other);
        who(&other, CLIENT_KEY)
    };
    denied(&ask(&rt, "authenticate", &who(&phone, "wrong")).await, 26, "secretKey");
    let other_name = {
        let mut body = who(&phone, CLIENT_KEY);
        body["username"] = json!(format!("{RT_APP}/bob"));
        body
    };
    denied(&ask(&rt, "authenticate", &other_name).await, 26, "secretKey");
    denied(&ask(&rt, "authenticate", &with(|phone| phone.token = "0".repeat(48))).await, 38, "accessToken");
    let stranger = with(|phone| phone.client_id = format!("{RT_APP}/ann/d9"));
    denied(&ask(&rt, "authenticate", &stranger).await, 7, "clientId");
    // A client that gave nothing, as the broker tells it.
    let nothing = json!({"clientid": "mqttjs_1", "username": null, "password": null});
    denied(&ask(&rt, "authenticate", &nothing).await, 7, "clientId");
    let half = json!({"clientid": "any", "username": USER, "password": "wrong"});
    denied(&ask(&rt, "authenticate", &half).await, 7, "clientId");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_is_given_for_the_devices_own_topics_and_for_nothing_else() {
    let emqx = Emqx::start().await;
    let rt = emqx.beside().await;
    let phone = rt.register("ann", "d1").await;
    let about = |action: &str, topic: &str| {
        let mut body = who(&phone, CLIENT_KEY);
        let members = body.as_object_mut().unwrap();
        members.remove("password");
        members.insert("action".to_owned(), json!(action));
        members.insert("topic".to_owned(), json!(topic));
        members.insert("qos".to_owned(), json!("1"));
        body
    };
    for topic in [format!("{RT_APP}/ann"), format!("{RT_APP}/Updates/web")] {
        let told = rt_done(&ask(&rt, "authorize", &about("subscribe", &topic)).await);
        assert_eq!(told["result"], "allow", "{topic}");
        denied(&ask(&rt, "authorize", &about("publish", &topic)).await, 62, "topic");
    }
    for topic in
        [&format!("{RT_APP}/bob"), "#", &format!("{RT_APP}/+"), "$SYS/#", &format!("{RT_APP}/Updates/#")]
    {
        denied(&ask(&rt, "authorize", &about("subscribe", topic)).await, 62, "topic");
    }
    // Who only says that it is the device, or ourselves, has no right: a broker that starts may have let it in unasked.
    let mut forged = about("subscribe", &format!("{RT_APP}/ann"));
    forged["clientid"] = json!(format!("{RT_APP}/ann/d1/at_{}", "0".repeat(48)));
    denied(&ask(&rt, "authorize", &forged).await, 38, "accessToken");
    forged["clientid"] = json!(format!("{RT_APP}/ann/d9/at_{}", phone.token));
    denied(&ask(&rt, "authorize", &forged).await, 7, "clientId");
    let ours = |action: &str| json!({"clientid": "any", "username": USER, "action": action, "topic": "any"});
    denied(&ask(&rt, "authorize", &ours("publish")).await, 62, "topic");
    denied(&ask(&rt, "authorize", &ours("subscribe")).await, 7, "clientId");
    assert_eq!(rt_refused(&ask(&rt, "authorize", &about("dance", "any")).await, 400, 4), "action");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_cannot_be_read_or_is_a_strangers_is_never_answered_with_a_success() {
    let emqx = Emqx::start().await;
    let rt = emqx.beside().await;
    let phone = rt.register("ann", "d1").await;
    for question in ["authenticate", "authorize"] {
        for key in ["", "wrong", &ASKS_WITH[1..]] {
            let answer = ask_with(&rt, key, question, &who(&phone, CLIENT_KEY)).await;
            assert_eq!(rt_refused(&answer, 401, 26), "authorization");
            assert_eq!(answer.json().get("result"), None);
        }
        let path = format!("/realtime/broker/v1/{question}");
        let json_type = ("content-type", "application/json");
        let bare = rt.stage.http.send(Method::POST, &path, &[json_type], "{}").await;
        assert_eq!(rt_refused(&bare, 401, 26), "authorization");
        assert_eq!(rt_refused(&ask(&rt, question, &json!({})).await, 400, 3), "clientid");
        assert_eq!(rt_refused(&ask(&rt, question, &json!({"clientid": 7})).await, 400, 4), "clientid");
        assert_eq!(rt_refused(&ask(&rt, question, &json!([])).await, 400, 4), "body");
        let bearer = format!("Bearer {ASKS_WITH}");
        let bearer = ("authorization", bearer.as_str());
        let form = [("content-type", "application/x-www-form-urlencoded"), bearer];
        let answer = rt.stage.http.send(Method::POST, &path, &form, "clientid=x").await;
        assert_eq!(rt_refused(&answer, 415, 36), "content-type");
        let answer = rt.stage.http.send(Method::POST, &path, &[json_type, bearer], "{").await;
        assert_eq!(rt_refused(&answer, 400, 4), "body");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_asks_a_server_whose_broker_is_inside() {
    let rt = Box::pin(Rt::start(waypost_suite::Engine::Sqlite)).await;
    let phone = rt.register("ann", "d1").await;
    for question in ["authenticate", "authorize"] {
        assert_eq!(ask(&rt, question, &who(&phone, CLIENT_KEY)).await.http, 404);
    }
}
