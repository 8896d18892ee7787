//! Topics of an app: who follows them, and messages to all who do.

use http::Method;
use rumqttc::QoS;
use serde_json::{Value, json};
use waypost_suite::{CLIENT_KEY, Engine, Rt, SERVER_KEY, on_both_engines, rt_counted, rt_done, rt_refused};

on_both_engines!(
    a_topic_is_made_followed_listed_left_and_deleted,
    a_message_to_a_topic_reaches_every_device_of_its_subscribers_once_and_nobody_else,
    a_message_to_a_topic_nobody_can_read_ends_with_its_code,
    without_topics_every_call_about_them_is_69_and_a_number,
    a_call_about_topics_that_cannot_be_taken_is_told_why,
    with_a_server_key_a_device_subscribes_its_own_user_alone,
);

async fn with_topics(engine: Engine) -> Rt {
    Rt::with(engine, json!({"topics": true}), json!({})).await
}

async fn a_topic_is_made_followed_listed_left_and_deleted(engine: Engine) {
    let rt = with_topics(engine).await;
    for user in ["ann", "bob"] {
        rt.register(user, "d1").await;
    }
    let body = json!({"name": "news", "ref": "n-1", "topic_group": "general", "description": "What is new"});
    let made = rt_counted(&rt.apps(Method::POST, "topics", body).await);
    let id = made["id"].as_str().unwrap().to_owned();
    assert!(made["trans_id"].is_string());
    assert_eq!((&made["description"], made.as_object().unwrap().len()), (&json!("success"), 4));
    let other = rt.topic("sports").await;
    let listed = rt_counted(&rt.apps(Method::GET, "topics?start=0", Value::Null).await);
    let news = json!({
        "id": id, "name": "news", "ref": "n-1", "topic_group": "general", "description": "What is new",
        "created_on": listed["topics"][1]["created_on"]
    });
    assert_eq!((&listed["total"], &listed["count"], &listed["topics"][1]), (&json!(2), &json!(2), &news));
    let users = format!("topics/{id}/users");
    let added = rt_counted(&rt.apps(Method::POST, &users, json!(["ann", "nobody", "bob"])).await);
    assert_eq!((&added["success_users"], &added["fail_users"]), (&json!(["ann", "bob"]), &json!(["nobody"])));
    // Twice is once.
    rt_counted(&rt.apps(Method::POST, &users, json!(["ann"])).await);
    let listed = rt_counted(&rt.apps(Method::GET, &users, Value::Null).await);
    let page = json!({"total": 2, "count": 2, "users": ["ann", "bob"], "code": 0, "description": "success"});
    assert_eq!(listed, page);
    for (asked, names) in [
        ("subscribed=both", vec![("sports", false), ("news", true)]),
        ("subscribed=true", vec![("news", true)]),
        ("subscribed=false", vec![("sports", false)]),
        ("", vec![("news", true)]),
    ] {
        let path = format!("user/ann/topics?start=0&{asked}");
        let listed = rt_counted(&rt.apps(Method::GET, &path, Value::Null).await);
        let topics = listed["topics"].as_array().unwrap();
        let found: Vec<_> = topics
            .iter()
            .map(|topic| (topic["name"].as_str().unwrap(), topic["subscribed"].as_bool().unwrap()))
            .collect();
        assert_eq!((found, &listed["total"]), (names.clone(), &json!(names.len())), "{asked}");
    }
    let streams = rt_counted(&rt.apps(Method::GET, "streams", Value::Null).await);
    let stream = |id: &str, name: &str, at: usize| json!({"id": id, "name": name, "created_on": streams["streams"][at]["created_on"]});
    assert_eq!(streams["streams"], json!([stream(&other, "sports", 0), stream(&id, "news", 1)]));
    assert_eq!(streams["status"], "Success");
    let removed = rt_counted(&rt.apps(Method::DELETE, &users, json!(["ann", "nobody"])).await);
    assert_eq!((&removed["success_users"], &removed["fail_users"]), (&json!(["ann"]), &json!(["nobody"])));
    rt_counted(&rt.apps(Method::DELETE, &format!("topics/{id}"), Value::Null).await);
    assert_eq!(rt_refused(&rt.apps(Method::GET, &users, Value::Null).await, 200, 5), "topicid");
    let listed = rt_counted(&rt.apps(Method::GET, "user/bob/topics", Value::Null).await);
    assert_eq!(listed["topics"], json!([]));
}

async fn a_message_to_a_topic_reaches_every_device_of_its_subscribers_once_and_nobody_else(engine: Engine) {
    let rt = with_topics(engine).await;
    let phones =
        [rt.register("ann", "d1").await, rt.register("ann", "d2").await, rt.register("bob", "d1").await];
    let cid = rt.register("cid", "d1").await;
    let (news, sports) = (rt.topic("news").await, rt.topic("sports").await);
    for topic in [&news, &sports] {
        rt_counted(&rt.apps(Method::POST, &format!("topics/{topic}/users"), json!(["ann", "bob"])).await);
    }
    let mut devices = Vec::new();
    for phone in &phones {
        devices.push(rt.connect(phone, QoS::AtLeastOnce).await);
    }
    let mut stranger = rt.connect(&cid, QoS::AtLeastOnce).await;
    let body = |topics: Value| {
        json!({
            "deliverychannel": "rt", "channels": {"appmessaging": {"message": {"text": "Read this"}}},
            "destination": [{"topic": topics}]
        })
    };
    let transid = rt.stage.http.post(&rt.login.key, &body(json!([news]))).await.queued();
    for (device, phone) in devices.iter_mut().zip(&phones) {
        let read = device.next().await;
        assert_eq!((&read["message"], &read["topic"]), (&json!("Read this"), &json!(news)));
        assert_eq!((&read["clientId"], &read["tid"]), (&json!(phone.client_id), &json!(transid)));
    }
    let told = rt.stage.hook.outcome(&news, 7501).await;
    told.assert_outcome_on("rt", 7501, "Submitted");
    // The first device that has it, and the first that reads it, is the topic's.
    for (phone, status, code, word) in [(&phones[2], 2, 7500, "Delivered"), (&phones[0], 3, 7502, "Read")] {
        let report = json!({"status": status, "tid": transid});
        rt_done(&rt.call_as(phone, "deliveryupdate", report.clone()).await);
        rt.stage.hook.outcome(&news, code).await.assert_outcome_on("rt", code, word);
        rt_done(&rt.call_as(phone, "deliveryupdate", report).await);
    }
    // By its name as well; and what comes next to the stranger is the stranger's own.
    rt.stage.http.post(&rt.login.key, &body(json!(["sports"]))).await.queued();
    assert_eq!(devices[0].next().await["topic"], "sports");
    rt.send(&["cid"], &json!({"text": "To you"})).await;
    assert_eq!(stranger.next().await["message"], "To you");
}

async fn a_message_to_a_topic_nobody_can_read_ends_with_its_code(engine: Engine) {
    let rt = with_topics(engine).await;
    let empty = rt.topic("empty").await;
    for (kind, to, code) in
        [("topic", "unknown", 7308), ("topic", empty.as_str(), 7309), ("segment", "s1", 7310)]
    {
        let body = json!({
            "deliverychannel": "rt", "channels": {"appmessaging": {"text": "Hi"}}, "destination": [{kind: [to]}]
        });
        rt.stage.http.post(&rt.login.key, &body).await.queued();
        rt.stage.hook.outcome(to, code).await.assert_outcome_on("rt", code, "Failed");
    }
}

async fn without_topics_every_call_about_them_is_69_and_a_number(engine: Engine) {
    let rt = Rt::start(engine).await;
    for (method, rest, body) in [
        (Method::POST, "topics", json!({"name": "news", "description": "x"})),
        (Method::GET, "topics", Value::Null),
        (Method::DELETE, "topics/t", Value::Null),
        (Method::POST, "topics/t/users", json!(["ann"])),
        (Method::GET, "topics/t/users", Value::Null),
        (Method::DELETE, "topics/t/users", json!(["ann"])),
        (Method::GET, "user/ann/topics", Value::Null),
        (Method::GET, "streams", Value::Null),
    ] {
        let answer = rt.apps(method, rest, body).await;
        assert_eq!(answer.json()["code"], 69, "{rest}");
        assert_eq!(rt_refused(&answer, 200, 69), "appid", "{rest}");
    }
}

async fn a_call_about_topics_that_cannot_be_taken_is_told_why(engine: Engine) {
    let rt = with_topics(engine).await;
    let topic = rt.topic("news").await;
    let users = format!("topics/{topic}/users");
    let many: Vec<String> = (0..1_001).map(|number| number.to_string()).collect();
    for (method, rest, body, code, field) in [
        (Method::POST, "topics", json!({"description": "x"}), 3, "name"),
        (Method::POST, "topics", json!({"name": "x"}), 3, "description"),
        (Method::POST, "topics", json!({"name": "news", "description": "x"}), 2, "name"),
        (Method::POST, "topics", json!({"name": "x".repeat(257), "description": "x"}), 4, "name"),
        (Method::POST, "topics", json!({"name": "x", "description": "x".repeat(1_025)}), 4, "description"),
        (Method::POST, "topics", json!({"name": ["x"], "description": "x"}), 4, "name"),
        (Method::DELETE, "topics/t", Value::Null, 5, "topicid"),
        (Method::GET, "topics/t/users", Value::Null, 5, "topicid"),
        (Method::POST, "topics/t/users", json!(["ann"]), 5, "topicid"),
        (Method::POST, &users, json!([]), 4, "body"),
        (Method::POST, &users, json!({"a": 1}), 4, "body"),
        (Method::POST, &users, json!([7]), 4, "body"),
        (Method::POST, &users, json!(many), 4, "body"),
        (Method::POST, &users, json!(["a/b"]), 4, "userid"),
        (Method::GET, "topics?limit=1000", Value::Null, 4, "limit"),
        (Method::GET, "user/ann/topics?subscribed=maybe", Value::Null, 4, "subscribed"),
    ] {
        assert_eq!(rt_refused(&rt.apps(method, rest, body).await, 200, code), field, "{rest}");
    }
}

async fn with_a_server_key_a_device_subscribes_its_own_user_alone(engine: Engine) {
    let rt = Rt::with(engine, json!({"topics": true}), json!({"server_key": SERVER_KEY})).await;
    let (ann, server) = (rt.register("ann", "d1").await, [("secretKey", SERVER_KEY)]);
    rt.register("bob", "d1").await;
    let body = json!({"name": "news", "description": "x"});
    assert_eq!(rt_refused(&rt.apps(Method::POST, "topics", body.clone()).await, 200, 39), "accessToken");
    let made = rt_counted(&rt.apps_with(Method::POST, "topics", &server, body).await);
    let users = format!("topics/{}/users", made["id"].as_str().unwrap());
    let own = rt_counted(&rt.apps_as(&ann, Method::POST, &users, json!(["ann"])).await);
    assert_eq!(own["success_users"], json!(["ann"]));
    for (body, code) in [(json!(["bob"]), 38), (json!(["ann", "bob"]), 39)] {
        assert_eq!(rt_refused(&rt.apps_as(&ann, Method::POST, &users, body).await, 200, code), "accessToken");
    }
    assert_eq!(rt_refused(&rt.apps(Method::GET, &users, Value::Null).await, 200, 39), "accessToken");
    let listed = rt_counted(&rt.apps_with(Method::GET, &users, &server, Value::Null).await);
    assert_eq!(listed["users"], json!(["ann"]));
    let headers = [("secretKey", CLIENT_KEY)];
    rt_counted(&rt.apps_with(Method::GET, "topics", &headers, Value::Null).await);
}
