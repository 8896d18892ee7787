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
