//! In-app messages, from the request to devices on the MQTT broker.

use http::Method;
use rumqttc::{ConnectReturnCode, QoS};
use serde_json::json;
use waypost_suite::{CLIENT_KEY, Device, Engine, RT_APP, Rt, on_both_engines, rt_done, rt_refused};

on_both_engines!(
    a_message_reaches_every_device_of_its_user_and_nobody_else,
    a_message_sent_while_a_device_is_away_arrives_once_when_it_returns,
    a_message_outlives_the_server_until_its_device_has_it,
    a_device_comes_in_by_its_ids_its_token_and_the_client_key_only,
    a_device_reads_its_own_topics_and_never_publishes,
    the_policy_and_a_registration_tell_where_the_broker_is,
    a_call_of_the_rt_api_that_cannot_be_taken_is_told_why,
    a_message_to_a_user_nobody_knows_ends_with_its_code,
    receipts_of_a_device_move_its_message_to_the_codes_of_the_contract,
    what_a_user_says_types_and_presses_reaches_the_service_in_its_shape,
    a_device_becomes_another_users_and_leaves,
    a_call_of_a_device_that_cannot_be_taken_is_told_why,
);

async fn a_message_reaches_every_device_of_its_user_and_nobody_else(engine: Engine) {
    let rt = Rt::start(engine).await;
    let (phone, web) = (rt.register("ann", "d-phone").await, rt.register("ann", "d-web").await);
    let bob = rt.register("bob", "d-phone").await;
    let mut devices = [
        rt.connect(&phone, QoS::AtLeastOnce).await,
        rt.connect(&web, QoS::ExactlyOnce).await,
        rt.connect(&bob, QoS::AtLeastOnce).await,
    ];
    let block = json!({
        "thread_id": "T1", "priority": 3,
        "message": {
            "text": "Your table is ready", "extras": {"table": "4"},
            "attachment": {"contentType": "image", "file": "https://media.example/t.png"},
            "quickreplies": {"reference": "r1", "options": [
                {"type": "quickReplyPostback", "identifier": "yes", "title": "Coming", "payload": "Y"}]}
        }
    });
    let transid = rt.send(&["ann"], &block).await;
    for (device, phone) in [(0, &phone), (1, &web)] {
        let read = devices[device].next().await;
        let (of, id) = (phone.client_id.as_str(), phone.client_id.rsplit('/').next().unwrap());
        let expected = json!({
            "appId": RT_APP, "userId": "ann", "deviceId": id, "clientId": of, "tid": transid, "channel": "rt",
            "created_on": read["created_on"], "ts": read["ts"], "thread": {"id": "T1"}, "priority": 3,
            "message": "Your table is ready", "extras": {"table": "4"},
            "media": [{"contentType": "image", "file": "https://media.example/t.png"}],
            "quickreplies": block["message"]["quickreplies"]
        });
        assert_eq!(read, expected);
    }
    rt.stage.hook.outcome("ann", 7501).await.assert_outcome(7501, "Submitted");
    // Bob's first message is the one to him.
    rt.send(&["bob"], &json!({"text": "Hello Bob"})).await;
    assert_eq!(devices[2].next().await["message"], "Hello Bob");
}

async fn a_message_sent_while_a_device_is_away_arrives_once_when_it_returns(engine: Engine) {
    let rt = Rt::start(engine).await;
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let user = format!("away-{}", qos as u8);
        let phone = rt.register(&user, "d1").await;
        let device = rt.connect(&phone, qos).await;
        assert!(!device.session_present);
        drop(device);
        for text in ["one", "two"] {
            rt.send(&[&user], &json!({"text": text})).await;
        }
        rt.stage.hook.wait("both to be handed over", |callbacks| (callbacks.len() >= 2).then_some(())).await;
        // Its subscription is remembered: it need not ask again.
        let mut device = Device::dial(rt.mqtt, &phone, CLIENT_KEY);
        assert_eq!(device.welcome().await, ConnectReturnCode::Success);
        assert!(device.session_present);
        let (first, _) = device.next_unacknowledged().await;
        assert_eq!(first.qos, qos);
        drop(device);
        // What it did not acknowledge comes again, marked so; what it did does not.
        let mut device = Device::dial(rt.mqtt, &phone, CLIENT_KEY);
        device.welcome().await;
        let (again, json) = device.next_unacknowledged().await;
        assert_eq!((again.dup, again.pkid, &json["message"]), (true, first.pkid, &json!("one")));
        device.acknowledge(&again).await;
        assert_eq!(device.next().await["message"], "two");
        drop(device);
        rt.send(&[&user], &json!({"text": "three"})).await;
        let mut device = rt.connect(&phone, qos).await;
        assert_eq!(device.next().await["message"], "three");
    }
}

async fn a_message_outlives_the_server_until_its_device_has_it(engine: Engine) {
    let mut rt = Box::pin(Rt::run(engine, crate::SERVER)).await;
    let phone = rt.register("ann", "d1").await;
    drop(rt.connect(&phone, QoS::ExactlyOnce).await);
    for text in ["one", "two"] {
        rt.send(&["ann"], &json!({"text": text})).await;
    }
    rt.stage.hook.wait("both to be handed over", |callbacks| (callbacks.len() >= 2).then_some(())).await;
    rt.stage.kill().await;
    rt.stage.run_again(crate::SERVER).await;
    let mut device = Device::dial(rt.mqtt, &phone, CLIENT_KEY);
    assert_eq!(device.welcome().await, ConnectReturnCode::Success);
    assert!(device.session_present);
    assert_eq!(device.next().await["message"], "one");
    drop(device);
    rt.stage.kill().await;
    rt.stage.run_again(crate::SERVER).await;
    let mut device = Device::dial(rt.mqtt, &phone, CLIENT_KEY);
    device.welcome().await;
    assert_eq!(device.next().await["message"], "two");
}

async fn a_device_comes_in_by_its_ids_its_token_and_the_client_key_only(engine: Engine) {
    let rt = Rt::start(engine).await;
    let phone = rt.register("ann", "d1").await;
    let good = format!("{}/at_{}", phone.client_id, phone.token);
    let name = format!("{RT_APP}/ann");
    let unknown = format!("{RT_APP}/ann/d2/at_{}", phone.token);
    let forged = format!("{}/at_{}", phone.client_id, "0".repeat(48));
    for (client_id, name, key, code) in [
        ("ann", name.as_str(), CLIENT_KEY, ConnectReturnCode::BadClientId),
        (&unknown, &name, CLIENT_KEY, ConnectReturnCode::BadClientId),
        (&good, &name, "wrong", ConnectReturnCode::BadUserNamePassword),
        (&good, "MU20000001/bob", CLIENT_KEY, ConnectReturnCode::BadUserNamePassword),
        (&forged, &name, CLIENT_KEY, ConnectReturnCode::NotAuthorized),
    ] {
        let mut device = Device::dial_as(rt.mqtt, client_id, name, key);
        assert_eq!(device.welcome().await, code, "{client_id} {name} {key}");
    }
    let mut device = rt.connect(&phone, QoS::AtLeastOnce).await;
    // A new registration voids the token and ends the connection that came in by it.
    let anew = rt.register("ann", "d1").await;
    assert!(device.ends().await);
    let mut old = Device::dial(rt.mqtt, &phone, CLIENT_KEY);
    assert_eq!(old.welcome().await, ConnectReturnCode::NotAuthorized);
    // The newest connection of a device stays.
    let mut first = rt.connect(&anew, QoS::AtLeastOnce).await;
    let mut second = rt.connect(&anew, QoS::AtLeastOnce).await;
    assert!(first.ends().await);
    rt.send(&["ann"], &json!({"text": "Hi"})).await;
    assert_eq!(second.next().await["message"], "Hi");
}

async fn a_device_reads_its_own_topics_and_never_publishes(engine: Engine) {
    let rt = Rt::start(engine).await;
    let phone = rt.register("ann", "d1").await;
    rt.register("bob", "d1").await;
    let mut device = rt.connect(&phone, QoS::AtLeastOnce).await;
    assert!(device.subscribe("MU20000001/Updates/web", QoS::ExactlyOnce).await);
    for topic in ["MU20000001/bob", "#", "+/+", "MU20000001/#", "MU20000001/Updates/+", "$SYS/broker"] {
        assert!(!device.subscribe(topic, QoS::AtLeastOnce).await, "{topic}");
    }
    device.publish("MU20000001/ann").await;
    assert!(device.ends().await);
}

async fn the_policy_and_a_registration_tell_where_the_broker_is(engine: Engine) {
    let rt = Rt::start(engine).await;
    let path = format!("/rtmsAPI/api/v3/{RT_APP}/verifyPolicy?os=web&secretKey={CLIENT_KEY}");
    let policy = rt_done(&rt.stage.http.get(&path).await);
    let (http, mqtt) = (rt.stage.http.address().port().to_string(), rt.mqtt.port().to_string());
    let broker = json!({"ip": "127.0.0.1", "ws": http, "wss": "", "tcp": mqtt, "ssl": "", "path": "/mqtt"});
    let features =
        json!({"realtimemessaging": "1", "basicpush": "1", "encryption": "0", "securedconnection": "0"});
    assert_eq!(policy["broker"], broker);
    assert_eq!(policy["policy"]["features"], features);
    assert_eq!((&policy["appType"], &policy["status"]), (&json!("both"), &json!("Success")));
    let guest = json!({"tenant": "1", "channel": "rt", "channelType": "web", "deviceId": "v2_web_1"});
    let answer = rt_done(&rt.call("register", &guest).await);
    let user = answer["userId"].as_str().unwrap();
    assert!(user.starts_with("guest_"), "{user}");
    assert_eq!(answer["clientId"], format!("{RT_APP}/{user}/v2_web_1"));
    assert_eq!(answer["broker"], broker);
    assert_eq!(answer["encryptionType"], "AES");
    // The profile is one of the Profile API's, so that the service finds it there.
    let guest_again = rt_done(&rt.call("register", &guest).await);
    assert_ne!(guest_again["userId"], user);
}

async fn a_call_of_the_rt_api_that_cannot_be_taken_is_told_why(engine: Engine) {
    let rt = Rt::start(engine).await;
    let http = &rt.stage.http;
    let json_type = ("content-type", "application/json");
    let post = |app: &str, headers: Vec<(&'static str, &'static str)>, body: &'static str| {
        let path = format!("/rtmsAPI/api/v3/{app}/register");
        async move { http.send(Method::POST, &path, &headers, body).await }
    };
    let key = ("secretKey", CLIENT_KEY);
    let good = r#"{"userId":"ann","deviceId":"d1"}"#;
    rt_refused(&post(RT_APP, vec![json_type], good).await, 200, 11);
    rt_refused(&post(RT_APP, vec![json_type, ("secretKey", "x")], good).await, 200, 26);
    rt_refused(&post("MU9", vec![json_type, key], good).await, 200, 5);
    rt_refused(&post(RT_APP, vec![("content-type", "text/plain"), key], good).await, 415, 36);
    for (body, code, field) in [
        (r#"{"userId":"ann"}"#, 3, "deviceId"),
        (r#"{"userId":"ann","deviceId":""}"#, 3, "deviceId"),
        (r#"{"userId":"a/b","deviceId":"d1"}"#, 4, "userId"),
        (r#"{"userId":7,"deviceId":"d1"}"#, 4, "userId"),
        (r#"{"deviceId":"d#1"}"#, 4, "deviceId"),
        (r#"{"deviceId":"d1","data":{"update":[]}}"#, 4, "data.update"),
        ("[]", 4, "body"),
        ("{", 4, "body"),
    ] {
        let answer = post(RT_APP, vec![json_type, key], body).await;
        assert_eq!(rt_refused(&answer, 200, code), field, "{body}");
    }
    rt.stage.http.get(&format!("/rtmsAPI/api/v5/{RT_APP}/verifyPolicy")).await.bare(404);
}

async fn a_message_to_a_user_nobody_knows_ends_with_its_code(engine: Engine) {
    let rt = Rt::start(engine).await;
    rt.send(&["nobody"], &json!({"text": "Hi"})).await;
    rt.stage.hook.outcome("nobody", 7105).await;
}

async fn receipts_of_a_device_move_its_message_to_the_codes_of_the_contract(engine: Engine) {
    let rt = Rt::start(engine).await;
    let phone = rt.register("ann", "d1").await;
    let mut device = rt.connect(&phone, QoS::ExactlyOnce).await;
    let transid = rt.send(&["ann"], &json!({"text": "Hi"})).await;
    let tid = device.next().await["tid"].as_str().unwrap().to_owned();
    assert_eq!(tid, transid);
    let report = |status: u8, more: serde_json::Value| {
        let mut body = json!({"status": status, "channel": "rt"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (body, code, word) in [
        (report(2, json!({"tid": tid})), 7500, "Delivered"),
        (report(3, json!({"tids": [tid]})), 7502, "Read"),
        (report(4, json!({"tid": tid, "interactiveData": {"identifier": "yes"}})), 7528, "Clicked"),
    ] {
        rt_done(&rt.call_as(&phone, "deliveryupdate", body.clone()).await);
        let told = rt.stage.hook.outcome("ann", code).await;
        told.assert_outcome(code, word);
        assert_eq!(told.transid(), transid);
        // Told twice changes nothing.
        rt_done(&rt.call_as(&phone, "deliveryupdate", body).await);
    }
    let of_it = rt.stage.hook.notifications().into_iter().filter(|n| n.to() == "ann").count();
    assert_eq!(of_it, 4);
}

async fn what_a_user_says_types_and_presses_reaches_the_service_in_its_shape(engine: Engine) {
    let rt = Rt::start(engine).await;
    let (phone, web) = (rt.register("ann", "d-phone").await, rt.register("ann", "d-web").await);
    let mut other = rt.connect(&web, QoS::AtLeastOnce).await;
    let thread = json!({"id": "T1", "title": "Booking", "type": "Conversation"});
    let media = json!([{"contentType": "image", "file": "https://media.example/a.png"}]);
    let pressed =
        json!({"reference": "r1", "identifier": "yes", "type": "quickReplyPostback", "title": "Coming"});
    let form = json!([{"contentType": "template", "templateType": "form", "payload": {"fields": []}}]);
    let sayings = [
        json!({"message": "Table for two", "thread": thread, "media": media, "extras": {"customtags": {"a": "1"}}}),
        json!({"interactiveData": pressed, "relatedTid": "t-9"}),
        json!({"media": form, "relatedTid": "t-9"}),
        json!({"type": "typingStart"}),
    ];
    let mut tids = Vec::new();
    for said in &sayings {
        let answer = rt_done(&rt.call_as(&phone, "mo", said.clone()).await);
        let tid = answer["tid"].as_str().unwrap().to_owned();
        assert!(tid.starts_with('R'), "{tid}");
        tids.push(tid);
    }
    let came = rt
        .stage
        .hook
        .wait("what was said to be forwarded", |callbacks| {
            let all = callbacks.iter().filter_map(|told| serde_json::from_slice(&told.body).ok());
            let said: Vec<serde_json::Value> =
                all.filter(|body: &serde_json::Value| body.get("event").is_some()).collect();
            (said.len() >= sayings.len()).then_some(said)
        })
        .await;
    let of = |tid: &str| came.iter().find(|body| body["tid"] == tid).expect("forwarded").clone();
    let common = |body: &serde_json::Value, event: &str| {
        json!({
            "userId": "ann", "channel": "Rtm", "appId": RT_APP, "event": event, "ts": body["ts"],
            "timeStamp": body["timeStamp"], "tid": body["tid"], "replyTo": "", "clientId": phone.client_id
        })
    };
    let with = |mut body: serde_json::Value, more: serde_json::Value| {
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let body = of(&tids[0]);
    let more = json!({
        "message": "Table for two", "attachments": media.to_string(), "thread_id": "T1", "thread_title": "Booking",
        "thread": thread.to_string(), "extras": json!({"customtags": {"a": "1"}}).to_string()
    });
    assert_eq!(body, with(common(&body, "MO"), more));
    let body = of(&tids[1]);
    let more = json!({
        "message": "", "attachments": "", "interactiveData": pressed.to_string(), "relatedTid": "t-9"
    });
    assert_eq!(body, with(common(&body, "OnPostback"), more));
    let body = of(&tids[2]);
    let more = json!({"message": "", "attachments": form.to_string(), "relatedTid": "t-9"});
    assert_eq!(body, with(common(&body, "OnFormResponse"), more));
    let body = of(&tids[3]);
    assert_eq!(
        body,
        with(
            common(&body, "TypingIndicator"),
            json!({"message": "", "attachments": "", "type": "typingStart"})
        )
    );
    // The user's other device shows what the user said.
    let echo = other.next().await;
    assert_eq!((&echo["payload_type"], &echo["message"]), (&json!("sentByUser"), &json!("Table for two")));
    assert_eq!((&echo["tid"], &echo["media"]), (&json!(tids[0]), &media));
}

async fn a_device_becomes_another_users_and_leaves(engine: Engine) {
    let rt = Rt::start(engine).await;
    let mut phone = rt.register("", "d1").await;
    let mut device = rt.connect(&phone, QoS::AtLeastOnce).await;
    let answer = rt_done(&rt.call_as(&phone, "setUserId", json!({"userId": "ann"})).await);
    assert_eq!(answer["clientId"], format!("{RT_APP}/ann/d1"));
    assert!(device.ends().await);
    phone.client_id = format!("{RT_APP}/ann/d1");
    phone.user = "ann".to_owned();
    let mut device = rt.connect(&phone, QoS::AtLeastOnce).await;
    rt_done(&rt.call_as(&phone, "setCustomerId", json!({"customerId": "C-1"})).await);
    let body = json!({
        "deliverychannel": "rt", "channels": {"appmessaging": {"text": "To the customer"}},
        "destination": [{"customerid": ["C-1"]}]
    });
    rt.stage.http.post(&rt.login.key, &body).await.queued();
    assert_eq!(device.next().await["message"], "To the customer");
    rt_done(&rt.call_as(&phone, "removeCustomerId", json!({})).await);
    let update = json!({"data": {"update": {"pushId": "tok-1", "os": "android", "language": "fr"}}});
    rt_done(&rt.call_as(&phone, "profileupdate", update).await);
    let deleted = rt.send(&["ann"], &json!({"text": "Delete me"})).await;
    device.next_unacknowledged().await;
    rt_done(&rt.call_as(&phone, "message", json!({"tid": deleted})).await);
    drop(device);
    let mut device = rt.connect(&phone, QoS::AtLeastOnce).await;
    rt.send(&["ann"], &json!({"text": "Next"})).await;
    assert_eq!(device.next().await["message"], "Next");
    rt_done(&rt.call_as(&phone, "removeUserId", json!({})).await);
    assert!(device.ends().await);
    let phone = rt.register("bob", "d2").await;
    rt_done(&rt.call_as(&phone, "unregister", json!({})).await);
    let mut gone = Device::dial(rt.mqtt, &phone, CLIENT_KEY);
    assert_eq!(gone.welcome().await, ConnectReturnCode::BadClientId);
}

async fn a_call_of_a_device_that_cannot_be_taken_is_told_why(engine: Engine) {
    let rt = Rt::start(engine).await;
    let phone = rt.register("ann", "d1").await;
    for call in [
        "mo",
        "deliveryupdate",
        "message",
        "setUserId",
        "removeUserId",
        "setCustomerId",
        "profileupdate",
        "unregister",
    ] {
        let body = json!({"clientId": phone.client_id});
        assert_eq!(rt_refused(&rt.call(call, &body).await, 200, 39), "accessToken", "{call}");
    }
    let stranger = waypost_suite::Phone { client_id: format!("{RT_APP}/bob/d1"), ..phone.clone() };
    assert_eq!(rt_refused(&rt.call_as(&stranger, "mo", json!({"message": "x"})).await, 200, 7), "clientId");
    let forged = waypost_suite::Phone { token: "0".repeat(48), ..phone.clone() };
    assert_eq!(rt_refused(&rt.call_as(&forged, "mo", json!({"message": "x"})).await, 200, 38), "accessToken");
    let foreign = waypost_suite::Phone { client_id: "MU9/ann/d1".to_owned(), ..phone.clone() };
    assert_eq!(rt_refused(&rt.call_as(&foreign, "mo", json!({"message": "x"})).await, 200, 4), "clientId");
    for (call, body, code, field) in [
        ("mo", json!({}), 3, "message"),
        ("mo", json!({"message": 7}), 4, "message"),
        ("mo", json!({"message": "x", "media": "y"}), 4, "media"),
        ("deliveryupdate", json!({"tid": "t"}), 3, "status"),
        ("deliveryupdate", json!({"status": 9, "tid": "t"}), 4, "status"),
        ("deliveryupdate", json!({"status": 2}), 3, "tid"),
        ("deliveryupdate", json!({"status": 3, "tids": []}), 4, "tids"),
        ("deliveryupdate", json!({"status": 2, "tid": "t"}), 5, "tid"),
        ("message", json!({}), 3, "tid"),
        ("message", json!({"tid": "t"}), 5, "tid"),
        ("setUserId", json!({}), 3, "userId"),
        ("setUserId", json!({"userId": "a/b"}), 4, "userId"),
        ("setCustomerId", json!({}), 3, "customerId"),
        ("profileupdate", json!({}), 3, "data.update"),
    ] {
        let answer = rt.call_as(&phone, call, body.clone()).await;
        assert_eq!(rt_refused(&answer, 200, code), field, "{call} {body}");
    }
}
