//! What an in-app messaging app may ask for: tokens of its users, and one device a user.

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use rumqttc::{ConnectReturnCode, QoS};
use serde_json::{Value, json};
use waypost_suite::{Answer, CLIENT_KEY, Device, Engine, RT_APP, Rt, on_both_engines, rt_done, rt_refused};

on_both_engines!(
    an_app_that_asks_for_tokens_registers_only_who_its_own_server_vouches_for,
    the_newest_device_is_the_only_one_of_its_user_where_the_app_says_so,
);

const USER_KEY: &str = "a key of thirty-two octets or so";
/// The year 2100.
const AHEAD: i64 = 4_102_444_800;

fn token(claims: &Value, key: &str) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(claims));
    let signature = hmac::sign(&hmac::Key::new(HMAC_SHA256, key.as_bytes()), signed.as_bytes());
    format!("Bearer {signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Calls with an end-user token, and with the access token of a device where there is one.
async fn call(rt: &Rt, call: &str, access: &str, bearer: Option<&str>, body: &Value) -> Answer {
    let path = format!("/rtmsAPI/api/v3/{RT_APP}/{call}");
    let mut headers =
        vec![("content-type", "application/json"), ("secretKey", CLIENT_KEY), ("accessToken", access)];
    headers.extend(bearer.map(|bearer| ("authorization", bearer)));
    rt.stage.http.send(Method::POST, &path, &headers, body.to_string()).await
}

async fn an_app_that_asks_for_tokens_registers_only_who_its_own_server_vouches_for(engine: Engine) {
    let rt = Rt::start_as(engine, &json!({}), &json!({"user_token_key": USER_KEY})).await;
    let ann = json!({"userId": "ann", "deviceId": "d1"});
    let good = token(&json!({"sub": "ann", "exp": AHEAD}), USER_KEY);
    let of_bob = token(&json!({"sub": "bob", "exp": AHEAD}), USER_KEY);
    let ended = token(&json!({"sub": "ann", "exp": 1_600_000_000}), USER_KEY);
    let forged = token(&json!({"sub": "ann", "exp": AHEAD}), "another key");
    for (bearer, code) in [
        (None, 39),
        (Some("Basic YTpi"), 39),
        (Some("Bearer x"), 38),
        (Some(of_bob.as_str()), 38),
        (Some(forged.as_str()), 38),
        (Some(ended.as_str()), 40),
    ] {
        let answer = call(&rt, "register", "", bearer, &ann).await;
        assert_eq!(rt_refused(&answer, 200, code), "authorization", "{bearer:?}");
    }
    rt_done(&call(&rt, "register", "", Some(&good), &ann).await);
    // A guest is nobody; who becomes a user must be vouched for.
    let guest = rt_done(&call(&rt, "register", "", None, &json!({"deviceId": "d2"})).await);
    let access = guest["accessToken"].as_str().unwrap();
    let become_bob = json!({"clientId": guest["clientId"], "userId": "bob"});
    let answer = call(&rt, "setUserId", access, None, &become_bob).await;
    assert_eq!(rt_refused(&answer, 200, 39), "authorization");
    let answer = call(&rt, "setUserId", access, Some(&good), &become_bob).await;
    assert_eq!(rt_refused(&answer, 200, 38), "authorization");
    let answer = rt_done(&call(&rt, "setUserId", access, Some(&of_bob), &become_bob).await);
    assert_eq!(answer["clientId"], format!("{RT_APP}/bob/d2"));
}

async fn the_newest_device_is_the_only_one_of_its_user_where_the_app_says_so(engine: Engine) {
    let rt = Rt::start_as(engine, &json!({"single_device": true}), &json!({})).await;
    let first = rt.register("ann", "d1").await;
    let mut device = rt.connect(&first, QoS::AtLeastOnce).await;
    rt.send(&["ann"], &json!({"text": "one"})).await;
    device.next_unacknowledged().await;
    let bob = rt.register("bob", "d1").await;
    let second = rt.register("ann", "d2").await;
    assert!(device.ends().await);
    let mut old = Device::dial(rt.mqtt, &first, CLIENT_KEY);
    assert_eq!(old.welcome().await, ConnectReturnCode::BadClientId);
    assert_eq!(rt_refused(&rt.call_as(&first, "mo", json!({"message": "x"})).await, 200, 7), "clientId");
    // What the first had not acknowledged is the second's, under the second's name, and can be reported by it.
    let transid = rt.send(&["ann"], &json!({"text": "two"})).await;
    let mut device = rt.connect(&second, QoS::AtLeastOnce).await;
    let one = device.next().await;
    let ids = (&one["message"], &one["deviceId"], &one["clientId"]);
    assert_eq!(ids, (&json!("one"), &json!("d2"), &json!(second.client_id)));
    let two = device.next().await;
    assert_eq!((&two["message"], &two["tid"]), (&json!("two"), &json!(transid)));
    let report = json!({"channel": "rt", "status": 2, "tid": one["tid"]});
    rt_done(&rt.call_as(&second, "deliveryupdate", report).await);
    rt.stage.hook.outcome("ann", 7500).await.assert_outcome(7500, "Delivered");
    // Another user's device is left alone until it becomes ann's.
    let mut other = rt.connect(&bob, QoS::AtLeastOnce).await;
    rt_done(&rt.call_as(&bob, "setUserId", json!({"userId": "ann"})).await);
    assert!(other.ends().await && device.ends().await);
    let mut gone = Device::dial(rt.mqtt, &second, CLIENT_KEY);
    assert_eq!(gone.welcome().await, ConnectReturnCode::BadClientId);
}
