//! What holds for every call of the RT API: tokens and their end, limits, switches, a store that fails; and what devices
//! tell without a token.

use http::Method;
use serde_json::{Value, json};
use waypost_simulators::push::{Fault, PushSims};
use waypost_status::Api;
use waypost_store::Sql;
use waypost_suite::{
    Answer, CLIENT_KEY, Engine, Phone, RT_APP, Rt, on_both_engines, proof, rt_done, rt_listed, rt_refused,
    within,
};

on_both_engines!(
    a_token_that_has_ended_is_exchanged_once_and_the_pair_before_is_void,
    an_exchange_that_cannot_be_made_is_told_why,
    an_app_without_in_app_messages_answers_62_on_every_call,
    an_app_that_calls_too_often_is_told_so_and_others_are_not_held,
    a_store_that_fails_is_1_with_503_and_nothing_of_its_words,
    an_app_id_that_is_blank_is_14,
    a_service_that_asks_for_it_hears_of_devices_that_come_and_change,
    a_push_is_delivered_when_its_service_worker_says_so,
    a_push_whose_service_worker_is_faster_than_its_cloud_is_delivered_once,
    every_documented_path_has_its_methods_and_no_other,
);

async fn end_tokens(rt: &Rt, column: &'static str) {
    let job = move |tx: &mut dyn Sql| match column {
        "token" => tx.exec("UPDATE rt_session SET token_until = 1", &[]),
        _ => tx.exec("UPDATE rt_session SET refresh_until = 1", &[]),
    };
    rt.stage.desk.change("ending tokens", job).await;
}

async fn registered(rt: &Rt) -> (Phone, String) {
    let answer = rt_done(&rt.call("register", &json!({"userId": "ann", "deviceId": "d1"})).await);
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    assert_ne!(answer["accessToken"], answer["refreshToken"]);
    (
        Phone { client_id: text("clientId"), user: text("userId"), token: text("accessToken") },
        text("refreshToken"),
    )
}

async fn a_token_that_has_ended_is_exchanged_once_and_the_pair_before_is_void(engine: Engine) {
    let rt = Rt::with(engine, json!({"inbox": true}), json!({})).await;
    let (mut phone, refresh) = registered(&rt).await;
    let said = json!({"message": "x"});
    rt_done(&rt.call_as(&phone, "mo", said.clone()).await);
    end_tokens(&rt, "token").await;
    assert_eq!(rt_refused(&rt.call_as(&phone, "mo", said.clone()).await, 200, 40), "accessToken");
    let listed = rt.apps_as(&phone, Method::GET, "user/ann/threads", Value::Null).await;
    assert_eq!(rt_refused(&listed, 200, 40), "accessToken");
    let body = json!({"clientId": phone.client_id, "refreshToken": refresh});
    let answer = rt_done(&rt.call("refreshToken", &body).await);
    assert_eq!(answer["clientId"], phone.client_id);
    let old = std::mem::replace(&mut phone.token, answer["accessToken"].as_str().unwrap().to_owned());
    rt_done(&rt.call_as(&phone, "mo", said.clone()).await);
    rt_listed(&rt.apps_as(&phone, Method::GET, "user/ann/threads", Value::Null).await);
    let before = Phone { token: old, ..phone.clone() };
    assert_eq!(rt_refused(&rt.call_as(&before, "mo", said).await, 200, 38), "accessToken");
    assert_eq!(rt_refused(&rt.call("refreshToken", &body).await, 200, 38), "refreshToken");
}

async fn an_exchange_that_cannot_be_made_is_told_why(engine: Engine) {
    let rt = Rt::start(engine).await;
    let (phone, refresh) = registered(&rt).await;
    for (body, code, field) in [
        (json!({"refreshToken": refresh}), 3, "clientId"),
        (json!({"clientId": phone.client_id}), 3, "refreshToken"),
        (json!({"clientId": "MU9/ann/d1", "refreshToken": refresh}), 4, "clientId"),
        (json!({"clientId": format!("{RT_APP}/bob/d1"), "refreshToken": refresh}), 7, "clientId"),
        (json!({"clientId": phone.client_id, "refreshToken": phone.token}), 38, "refreshToken"),
    ] {
        assert_eq!(rt_refused(&rt.call("refreshToken", &body).await, 200, code), field, "{body}");
    }
    end_tokens(&rt, "refresh").await;
    let body = json!({"clientId": phone.client_id, "refreshToken": refresh});
    assert_eq!(rt_refused(&rt.call("refreshToken", &body).await, 200, 40), "refreshToken");
}

async fn an_app_without_in_app_messages_answers_62_on_every_call(engine: Engine) {
    let rt = Rt::closed(engine).await;
    let phone =
        Phone { client_id: format!("{RT_APP}/ann/d1"), user: "ann".to_owned(), token: "0".repeat(48) };
    let answer = rt.call("register", &json!({"userId": "ann", "deviceId": "d1"})).await;
    assert_eq!(rt_refused(&answer, 200, 62), "appid");
    assert_eq!(rt_refused(&rt.call_as(&phone, "mo", json!({"message": "x"})).await, 200, 62), "appid");
    let path = format!("/rtmsAPI/api/v3/{RT_APP}/verifyPolicy?secretKey={CLIENT_KEY}");
    assert_eq!(rt_refused(&rt.stage.http.get(&path).await, 200, 62), "appid");
    let answer = rt.apps(Method::GET, "threads", Value::Null).await;
    assert_eq!(answer.json()["code"], 62);
    assert_eq!(rt_refused(&answer, 200, 62), "appid");
}

async fn an_app_that_calls_too_often_is_told_so_and_others_are_not_held(engine: Engine) {
    let rt = Rt::with(engine, json!({"inbox": true, "topics": true, "threads_tps": 1}), json!({})).await;
    rt_listed(&rt.apps(Method::GET, "threads", Value::Null).await);
    // The clock goes on: of several calls at once all but one or two are too many.
    let mut refused = 0;
    for _ in 0..20 {
        let answer = rt.apps(Method::GET, "threads", Value::Null).await;
        let body = answer.json();
        if body["code"] == 7020 {
            refused += 1;
            proof::seen(Api::Messaging, "7020", body["description"].as_str().unwrap());
            assert_eq!((answer.http, &body["detail"]["field"]), (200, &json!("secretKey")));
        } else {
            rt_listed(&answer);
        }
    }
    assert!(refused >= 10, "{refused}");
    rt.topic("news").await;
    rt.register("ann", "d1").await;
}

async fn a_store_that_fails_is_1_with_503_and_nothing_of_its_words(engine: Engine) {
    let rt = Rt::with(engine, json!({"inbox": true}), json!({})).await;
    let phone = rt.register("ann", "d1").await;
    let job = |tx: &mut dyn Sql| {
        tx.exec("ALTER TABLE rt_thread RENAME TO rt_thread_gone", &[])?;
        tx.exec("ALTER TABLE rt_session RENAME TO rt_session_gone", &[])
    };
    rt.stage.desk.change("breaking the store", job).await;
    let body = json!({"type": "Conversation"});
    for answer in [
        rt.apps(Method::POST, "threads", body).await,
        rt.apps(Method::GET, "threads", Value::Null).await,
        rt.call_as(&phone, "mo", json!({"message": "x"})).await,
        rt.call("register", &json!({"userId": "ann", "deviceId": "d1"})).await,
    ] {
        assert_eq!(rt_refused(&answer, 503, 1), "");
        assert!(!answer.text().contains("rt_"), "{}", answer.text());
    }
}

async fn an_app_id_that_is_blank_is_14(engine: Engine) {
    let rt = Rt::start(engine).await;
    for path in [
        format!("/rtmsAPI/api/v3/%20/verifyPolicy?secretKey={CLIENT_KEY}"),
        format!("/rtmsAPI/api/v3/{RT_APP}/trackDeliveryRequest?tid=x"),
        format!("/rtmsAPI/api/v3/{RT_APP}/trackDeliveryRequest?tid=x&appId="),
    ] {
        assert_eq!(rt_refused(&rt.stage.http.get(&path).await, 200, 14), "appid", "{path}");
    }
}

async fn a_service_that_asks_for_it_hears_of_devices_that_come_and_change(engine: Engine) {
    let rt = Rt::with(engine, json!({"profile_events": true}), json!({})).await;
    let phone = rt.register("ann", "d1").await;
    // A known device that registers again has not come.
    let phone = Phone { token: rt.register("ann", "d1").await.token, ..phone };
    let update = json!({"data": {"update": {"language": "fr"}}});
    rt_done(&rt.call_as(&phone, "profileupdate", update).await);
    let heard = rt.stage.hook.inbound(2).await;
    let mut events: Vec<&str> = heard.iter().map(|body| body["event"].as_str().unwrap()).collect();
    events.sort_unstable();
    assert_eq!(events, ["OnProfileCreate", "OnProfileUpdate"]);
    for body in &heard {
        let expected = json!({
            "userId": "ann", "channel": "Rtm", "appId": RT_APP, "event": body["event"], "message": "",
            "ts": body["ts"], "timeStamp": body["timeStamp"], "tid": body["tid"], "attachments": "", "replyTo": "",
            "clientId": phone.client_id
        });
        assert_eq!(body, &expected);
    }
}

async fn push_to(rt: &Rt, clouds: &PushSims, browsers: &[&str]) -> String {
    let ids: Vec<String> = browsers.iter().map(|browser| clouds.web.subscription(browser)).collect();
    let body = json!({
        "deliverychannel": "push", "channels": {"push": {"web": {"title": "T", "text": "Hello"}}},
        "destination": [{"chrome_pushid": ids}]
    });
    rt.stage.http.post(&rt.login.key, &body).await.queued()
}

async fn track(rt: &Rt, query: &str) -> Answer {
    rt.stage.http.get(&format!("/rtmsAPI/api/v3/{RT_APP}/trackDeliveryRequest?{query}")).await
}

async fn a_push_is_delivered_when_its_service_worker_says_so(engine: Engine) {
    let clouds = PushSims::start().await.unwrap();
    let rt = Rt::with_push(engine, &clouds).await;
    let track = async |query: String| track(&rt, &query).await;
    let unknown = "0194fdc2-fa2f-7cc0-81d3-ff12045b73c8";
    for (query, code, field) in [
        (format!("appId={RT_APP}"), 3, "tid"),
        (format!("appId={RT_APP}&tid=x"), 4, "tid"),
        (format!("appId={RT_APP}&tid={unknown}"), 5, "tid"),
        (format!("appId=MU9&tid={unknown}"), 5, "appid"),
    ] {
        assert_eq!(rt_refused(&track(query.clone()).await, 200, code), field, "{query}");
    }
    let push = async |browsers: &[&str]| push_to(&rt, &clouds, browsers).await;
    let one = push(&["mine"]).await;
    assert_eq!(within("the push", clouds.web.wait_for(1)).await[0].address, "mine");
    let heard = rt.stage.hook.notification("of the push", |_| true).await;
    assert!(["Submitted", "Delivered"].contains(&heard.status()), "{}", heard.json);
    // Twice, as a worker that had no answer asks again.
    for _ in 0..2 {
        assert_eq!(rt_done(&track(format!("appId={RT_APP}&tid={one}")).await)["applied"], true);
    }
    let records = rt.stage.http.status(&rt.login.key, &one).await.json();
    assert_eq!(records[0]["status"], "delivered", "{records}");
    // The id of several browsers does not say which of them it was, whether they are recorded yet or not.
    let two = push(&["a", "b"]).await;
    for _ in 0..2 {
        assert_eq!(rt_done(&track(format!("appId={RT_APP}&tid={two}")).await)["applied"], false);
        within("the pushes", clouds.web.wait_for(3)).await;
    }
}

async fn a_push_whose_service_worker_is_faster_than_its_cloud_is_delivered_once(engine: Engine) {
    let clouds = PushSims::start().await.unwrap();
    let rt = Rt::with_push(engine, &clouds).await;
    clouds.web.fail_next(Fault::Late);
    let tid = push_to(&rt, &clouds, &["mine"]).await;
    within("the push", clouds.web.wait_for(1)).await;
    // Twice, as a worker that had no answer asks again; and of a destination the request does not have.
    for _ in 0..2 {
        assert_eq!(rt_done(&track(&rt, &format!("appId={RT_APP}&tid={tid}")).await)["applied"], false);
    }
    assert_eq!(rt_refused(&track(&rt, &format!("appId={RT_APP}&tid={tid}_1")).await, 200, 5), "tid");
    clouds.web.answer_late();
    let heard = rt.stage.hook.notification("7500", |heard| heard.code() == 7500).await;
    assert_eq!(heard.status(), "Delivered", "{}", heard.json);
    assert_eq!(rt_done(&track(&rt, &format!("appId={RT_APP}&tid={tid}")).await)["applied"], true);
    let job = |tx: &mut dyn Sql| {
        let rows = tx.query("SELECT COUNT(*), COUNT(matched_at) FROM receipt_held", &[])?;
        Ok((rows[0].int(0)?, rows[0].int(1)?))
    };
    assert_eq!(rt.stage.desk.read(job).await, (1, 1));
}

async fn every_documented_path_has_its_methods_and_no_other(engine: Engine) {
    let rt = Rt::start(engine).await;
    let document = rt.stage.http.get("/openapi.json").await.json();
    let mut looked = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/rtmsAPI") {
            continue;
        }
        looked += 1;
        let example = path.replace(['{', '}'], "");
        let answer = rt.stage.http.send(Method::PATCH, &example, &[], "").await;
        assert_eq!(answer.http, 405, "{path}");
        let mut served: Vec<String> =
            answer.headers["allow"].to_str().unwrap().split(',').map(str::to_lowercase).collect();
        served.retain(|name| name != "head");
        served.sort();
        let mut described: Vec<String> = operations.as_object().unwrap().keys().cloned().collect();
        described.sort();
        assert_eq!(described, served, "{path}");
    }
    assert!(looked > 20, "{looked}");
}
