//! The server side inbox of an app: threads, what is said in them, what of it is unread.

use http::Method;
use rumqttc::QoS;
use serde_json::{Value, json};
use waypost_core::time::{Clock as _, SystemClock};
use waypost_store::directory::admin;
use waypost_store::{Actor, Ctx, Sql};
use waypost_suite::{
    CLIENT_KEY, Engine, RT_APP, Rt, SERVER_KEY, on_both_engines, rt_done, rt_listed, rt_refused,
};

on_both_engines!(
    a_thread_is_made_and_listed_and_changed_for_its_user_whose_devices_are_told,
    what_is_said_on_both_sides_of_a_thread_is_read_back_newest_first,
    what_is_read_on_one_device_is_read_on_all_and_no_longer_counted,
    a_deleted_message_leaves_the_inbox_and_the_other_devices_are_told,
    a_message_without_an_open_thread_ends_with_its_code,
    without_an_inbox_every_call_about_threads_is_67_and_a_number,
    a_call_about_threads_that_cannot_be_taken_is_told_why,
    with_a_server_key_the_client_key_alone_opens_nobodys_inbox,
    pages_of_threads_and_messages_have_no_gaps_and_nothing_twice,
    a_user_who_unregisters_keeps_the_inbox_and_one_who_is_deleted_does_not,
);

async fn with_inbox(engine: Engine) -> Rt {
    Rt::with(engine, json!({"inbox": true}), json!({})).await
}

fn block(thread: &str, text: &str) -> Value {
    json!({"thread_id": thread, "message": {"text": text}})
}

/// A thread's members that no test can know before.
fn times(thread: &Value) -> (&Value, &Value) {
    (&thread["created_on"], &thread["updated_on"])
}

async fn a_thread_is_made_and_listed_and_changed_for_its_user_whose_devices_are_told(engine: Engine) {
    let rt = with_inbox(engine).await;
    let phone = rt.register("ann", "d1").await;
    let mut device = rt.connect(&phone, QoS::AtLeastOnce).await;
    let body = json!({
        "type": "Conversation", "title": "Booking 7", "category": "bookings", "externalid": "b-7",
        "extras": {"table": "4"}
    });
    let made = rt_listed(&rt.apps(Method::POST, "threads", body).await);
    let id = made["thread"]["id"].as_str().unwrap().to_owned();
    assert_eq!(made["thread"].as_object().unwrap().len(), 2);
    let listed = rt_listed(&rt.apps(Method::GET, "threads?start=0", Value::Null).await);
    let (created, updated) = times(&listed["threads"][0]);
    let thread = json!({
        "id": id, "type": "Conversation", "title": "Booking 7", "category": "bookings", "status": "Active",
        "externalid": "b-7", "extras": {"table": "4"}, "created_on": created, "updated_on": updated
    });
    let page = json!({"total": 1, "count": 1, "threads": [thread], "code": "0", "description": "success"});
    assert_eq!(listed, page);
    assert_eq!(created, &made["thread"]["created_on"]);
    // It is nobody's yet.
    let of_ann = rt_listed(&rt.apps(Method::GET, "user/ann/threads", Value::Null).await);
    assert_eq!((&of_ann["total"], &of_ann["threads"]), (&json!(0), &json!([])));
    let place = format!("user/ann/threads/{id}");
    for (change, kind, status, title) in [
        (json!({"title": "Ann's booking"}), "updateThread", "Active", "Ann's booking"),
        (
            json!({"status": "Closed", "reasonForStatusChange": "done"}),
            "closeThread",
            "Closed",
            "Ann's booking",
        ),
        (json!({"status": "Active"}), "reopenThread", "Active", "Ann's booking"),
    ] {
        let reason = change.get("reasonForStatusChange").cloned();
        let changed = rt_listed(&rt.apps(Method::PUT, &place, change).await);
        assert_eq!(changed["thread"]["id"], id);
        let told = device.next().await;
        assert_eq!(
            (&told["payload_type"], told.get("reasonForStatusChange")),
            (&json!(kind), reason.as_ref())
        );
        assert_eq!(told["clientId"], phone.client_id);
        let (created, updated) = times(&told["thread"]);
        let expected = json!({
            "id": id, "type": "Conversation", "title": title, "category": "bookings", "status": status,
            "externalid": "b-7", "extras": {"table": "4"}, "created_on": created, "updated_on": updated
        });
        assert_eq!(told["thread"], expected);
        assert_eq!(updated, &changed["thread"]["updated_on"]);
    }
    let of_ann = rt_listed(&rt.apps_as(&phone, Method::GET, "user/ann/threads", Value::Null).await);
    assert_eq!(of_ann["threads"][0]["title"], "Ann's booking");
    // The app's own thread is as it was.
    let listed = rt_listed(&rt.apps(Method::GET, "threads", Value::Null).await);
    assert_eq!(listed["threads"][0]["title"], "Booking 7");
}

async fn what_is_said_on_both_sides_of_a_thread_is_read_back_newest_first(engine: Engine) {
    let rt = with_inbox(engine).await;
    let phone = rt.register("ann", "d1").await;
    let web = rt.register("ann", "d2").await;
    let mut devices = [rt.connect(&phone, QoS::AtLeastOnce).await, rt.connect(&web, QoS::AtLeastOnce).await];
    let thread = rt.thread("Booking").await;
    let tid = rt.send(&["ann"], &block(&thread, "A table for two?")).await;
    for device in &mut devices {
        let read = device.next().await;
        assert_eq!((&read["thread"]["id"], &read["thread"]["title"]), (&json!(thread), &json!("Booking")));
        assert_eq!(read["thread"]["unread_msg_count"], 1);
    }
    let said = json!({"message": "Yes", "thread": {"id": thread}, "extras": {"customtags": {"a": "1"}}});
    let mo = rt_done(&rt.call_as(&phone, "mo", said).await);
    let echo = devices[1].next().await;
    assert_eq!((&echo["payload_type"], &echo["thread"]["id"]), (&json!("sentByUser"), &json!(thread)));
    for version in ["v1", "v2", "v3", "v4"] {
        let path = format!(
            "/rtmsAPI/api/{version}/apps/{RT_APP}/user/ann/threads/{thread}/messages?from=0&limit=50"
        );
        let answer = rt.stage.http.send(Method::GET, &path, &[("secretKey", CLIENT_KEY)], "").await;
        let mut page = rt_listed(&answer);
        let messages = page["messages"].take();
        assert_eq!(
            page,
            json!({"total": 2, "count": 2, "messages": null, "code": "0", "description": "success"})
        );
        let expected = json!([
            {
                "appid": RT_APP, "userId": "ann", "tid": mo["tid"], "channel": "rt", "payload_type": "sentByUser",
                "created_on": messages[0]["created_on"], "ts": messages[0]["ts"], "message": "Yes", "media": [],
                "extras": {"customtags": {"a": "1"}}, "thread": messages[0]["thread"], "delivered_at": null,
                "read_at": null, "status": "submited"
            },
            {
                "appid": RT_APP, "userId": "ann", "tid": tid, "channel": "rt", "payload_type": "",
                "created_on": messages[1]["created_on"], "ts": messages[1]["ts"], "message": "A table for two?",
                "media": [], "extras": {}, "thread": {"id": thread}, "delivered_at": null, "read_at": null,
                "status": "submited"
            }
        ]);
        assert_eq!(messages, expected);
        assert_eq!(messages[0]["thread"]["id"], thread);
    }
    // What the user says and types in a thread names it to the service as well.
    let inbound = rt.stage.hook.inbound(1).await;
    assert_eq!((&inbound[0]["thread_id"], &inbound[0]["message"]), (&json!(thread), &json!("Yes")));
}

async fn what_is_read_on_one_device_is_read_on_all_and_no_longer_counted(engine: Engine) {
    let rt = with_inbox(engine).await;
    let (phone, web) = (rt.register("ann", "d1").await, rt.register("ann", "d2").await);
    let (first, second) = (rt.thread("One").await, rt.thread("Two").await);
    let mut device = rt.connect(&web, QoS::AtLeastOnce).await;
    let mut tids = Vec::new();
    for (thread, text) in [(&first, "1"), (&second, "2"), (&second, "3")] {
        tids.push(rt.send(&["ann"], &block(thread, text)).await);
        assert_eq!(device.next().await["message"], text);
    }
    let unread = |answer: Value| {
        let of = |thread: &Value| (thread["title"].clone(), thread["unread_msg_count"].clone());
        (answer["total"].clone(), answer["threads"].as_array().unwrap().iter().map(of).collect::<Vec<_>>())
    };
    let path = "user/ann/threads?start=0&limit=10&fetchunreadcount=true";
    let counted = unread(rt_listed(&rt.apps(Method::GET, path, Value::Null).await));
    assert_eq!(counted, (json!(2), vec![(json!("Two"), json!(2)), (json!("One"), json!(1))]));
    rt_done(&rt.call_as(&phone, "deliveryupdate", json!({"status": 3, "tids": [tids[1], tids[2]]})).await);
    for tid in &tids[1..] {
        let told = device.next().await;
        assert_eq!((&told["payload_type"], &told["tid"]), (&json!("messageRead"), &json!(tid)));
    }
    let path = "user/ann/unreadthreads";
    let counted = unread(rt_listed(&rt.apps_as(&phone, Method::GET, path, Value::Null).await));
    assert_eq!(counted, (json!(1), vec![(json!("One"), json!(1))]));
    // A device that joined later never had the message itself; its receipt counts all the same.
    let late = rt.register("ann", "d3").await;
    rt_done(&rt.call_as(&late, "deliveryupdate", json!({"status": 3, "tid": tids[0]})).await);
    let counted = unread(rt_listed(&rt.apps(Method::GET, path, Value::Null).await));
    assert_eq!(counted, (json!(0), vec![]));
    let told = rt.stage.hook.notification("the message read on the late device", |told| {
        told.code() == 7502 && told.transid() == tids[0]
    });
    told.await.assert_outcome(7502, "Read");
    let path = format!("user/ann/threads/{first}/messages");
    let page = rt_listed(&rt.apps(Method::GET, &path, Value::Null).await);
    assert_eq!(page["messages"][0]["status"], "read");
    assert!(page["messages"][0]["read_at"].is_string() && page["messages"][0]["delivered_at"].is_string());
}

async fn a_deleted_message_leaves_the_inbox_and_the_other_devices_are_told(engine: Engine) {
    let rt = with_inbox(engine).await;
    let (phone, web) = (rt.register("ann", "d1").await, rt.register("ann", "d2").await);
    let thread = rt.thread("One").await;
    let mut device = rt.connect(&web, QoS::AtLeastOnce).await;
    let tid = rt.send(&["ann"], &block(&thread, "Delete me")).await;
    assert_eq!(device.next().await["message"], "Delete me");
    rt_done(&rt.call_as(&phone, "message", json!({"tid": tid})).await);
    let told = device.next().await;
    assert_eq!((&told["payload_type"], &told["tid"]), (&json!("messageDeleted"), &json!(tid)));
    let path = format!("user/ann/threads/{thread}/messages");
    let page = rt_listed(&rt.apps(Method::GET, &path, Value::Null).await);
    assert_eq!((&page["total"], &page["messages"]), (&json!(0), &json!([])));
    // On a device that had it the second deletion finds nothing left but the parcel.
    assert_eq!(rt_refused(&rt.call_as(&phone, "message", json!({"tid": "t"})).await, 200, 5), "tid");
}

async fn a_message_without_an_open_thread_ends_with_its_code(engine: Engine) {
    let rt = with_inbox(engine).await;
    let phone = rt.register("ann", "d1").await;
    rt.register("bob", "d1").await;
    rt.send(&["ann"], &json!({"message": {"text": "Nowhere"}})).await;
    rt.stage.hook.outcome("ann", 7311).await.assert_outcome_on("rt", 7311, "Failed");
    rt.send(&["bob"], &block("b100e3a7-f65f-4671-aa67-9a58a87dabc2", "Nowhere")).await;
    rt.stage.hook.outcome("bob", 7312).await.assert_outcome_on("rt", 7312, "Failed");
    // A thread that is closed for one user is open for the others.
    let thread = rt.thread("Booking").await;
    rt_listed(
        &rt.apps(Method::PUT, &format!("user/ann/threads/{thread}"), json!({"status": "Closed"})).await,
    );
    rt.send(&["ann", "bob"], &block(&thread, "Hello")).await;
    rt.stage.hook.outcome("ann", 7312).await;
    rt.stage.hook.outcome("bob", 7501).await;
    let said = |thread: &str| json!({"message": "x", "thread": {"id": thread}});
    assert_eq!(rt_refused(&rt.call_as(&phone, "mo", said(&thread)).await, 200, 31), "thread");
    assert_eq!(rt_refused(&rt.call_as(&phone, "mo", said("t")).await, 200, 31), "thread");
    rt_done(&rt.call_as(&phone, "mo", json!({"message": "x"})).await);
}

async fn without_an_inbox_every_call_about_threads_is_67_and_a_number(engine: Engine) {
    let rt = Rt::start(engine).await;
    let thread = "b100e3a7-f65f-4671-aa67-9a58a87dabc2";
    for (method, rest, body) in [
        (Method::POST, "threads".to_owned(), json!({"type": "Conversation"})),
        (Method::GET, "threads".to_owned(), Value::Null),
        (Method::GET, "user/ann/threads".to_owned(), Value::Null),
        (Method::GET, "user/ann/unreadthreads".to_owned(), Value::Null),
        (Method::PUT, format!("user/ann/threads/{thread}"), json!({"title": "x"})),
        (Method::GET, format!("user/ann/threads/{thread}/messages"), Value::Null),
    ] {
        let answer = rt.apps(method, &rest, body).await;
        assert_eq!(answer.json()["code"], 67, "{rest}");
        assert_eq!(answer.json()["description"], "Server Side Inbox is disabled");
        assert_eq!(rt_refused(&answer, 200, 67), "appid", "{rest}");
    }
}

async fn a_call_about_threads_that_cannot_be_taken_is_told_why(engine: Engine) {
    let rt = with_inbox(engine).await;
    rt.register("ann", "d1").await;
    let thread = rt.thread("One").await;
    let long = "x".repeat(257);
    let (of_ann, of_bob) = (format!("user/ann/threads/{thread}"), format!("user/bob/threads/{thread}"));
    for (method, rest, body, code, field) in [
        (Method::POST, "threads", json!({}), 3, "type"),
        (Method::POST, "threads", json!({"type": "conversation"}), 4, "type"),
        (Method::POST, "threads", json!({"type": 7}), 4, "type"),
        (Method::POST, "threads", json!({"type": "Conversation", "title": long}), 4, "title"),
        (Method::POST, "threads", json!({"type": "Conversation", "title": "a\0b"}), 4, "title"),
        (Method::POST, "threads", json!({"type": "Conversation", "extras": "x"}), 4, "extras"),
        (
            Method::POST,
            "threads",
            json!({"type": "Conversation", "extras": {"a": "x".repeat(4096)}}),
            4,
            "extras",
        ),
        (Method::POST, "threads", json!([]), 4, "body"),
        (Method::PUT, &of_ann, json!({}), 3, "status"),
        (Method::PUT, &of_ann, json!({"status": "Open"}), 4, "status"),
        (Method::PUT, &of_bob, json!({"status": "Closed"}), 7, "userid"),
        (Method::PUT, "user/ann/threads/t", json!({"status": "Closed"}), 31, "thread"),
        (Method::PUT, "user/a%2Fb/threads/t", json!({"status": "Closed"}), 4, "userid"),
        (Method::GET, "user/ann/threads/t/messages", Value::Null, 31, "thread"),
        (Method::GET, "threads?start=-1", Value::Null, 4, "start"),
        (Method::GET, "threads?limit=101", Value::Null, 4, "limit"),
        (Method::GET, "user/ann/threads?limit=0", Value::Null, 4, "limit"),
        (Method::GET, "user/ann/threads?fetchunreadcount=yes", Value::Null, 4, "fetchunreadcount"),
        (Method::GET, &format!("{of_ann}/messages?from=x"), Value::Null, 4, "from"),
    ] {
        let answer = rt.apps(method, rest, body).await;
        assert!(answer.json()["code"].is_number(), "{rest}");
        assert_eq!(rt_refused(&answer, 200, code), field, "{rest}");
    }
    for (headers, code, field) in [
        (vec![], 11, "secretKey"),
        (vec![("secretKey", "wrong")], 26, "secretKey"),
        (vec![("secretKey", CLIENT_KEY), ("accessToken", "wrong")], 38, "accessToken"),
    ] {
        let answer = rt.apps_with(Method::GET, "user/ann/threads", &headers, Value::Null).await;
        assert_eq!(rt_refused(&answer, 200, code), field);
    }
    let path = format!("/rtmsAPI/api/v1/apps/{RT_APP}/threads");
    let text = [("secretKey", CLIENT_KEY), ("content-type", "text/plain")];
    let answer = rt.stage.http.send(Method::POST, &path, &text, "{}").await;
    rt_refused(&answer, 415, 36);
    rt.stage.http.send(Method::DELETE, &path, &text, "").await.bare(405);
    rt.stage.http.get(&format!("/rtmsAPI/api/v5/apps/{RT_APP}/threads")).await.bare(404);
}

async fn with_a_server_key_the_client_key_alone_opens_nobodys_inbox(engine: Engine) {
    let rt = Rt::with(engine, json!({"inbox": true}), json!({"server_key": SERVER_KEY})).await;
    let (ann, bob) = (rt.register("ann", "d1").await, rt.register("bob", "d1").await);
    let server = [("secretKey", SERVER_KEY)];
    let body = json!({"type": "Conversation", "title": "One"});
    let made = rt_listed(&rt.apps_with(Method::POST, "threads", &server, body).await);
    let place = format!("user/ann/threads/{}", made["thread"]["id"].as_str().unwrap());
    for rest in
        ["user/ann/threads".to_owned(), "user/ann/unreadthreads".to_owned(), format!("{place}/messages")]
    {
        assert_eq!(
            rt_refused(&rt.apps(Method::GET, &rest, Value::Null).await, 200, 39),
            "accessToken",
            "{rest}"
        );
        let another = rt.apps_as(&bob, Method::GET, &rest, Value::Null).await;
        assert_eq!(rt_refused(&another, 200, 38), "accessToken", "{rest}");
        rt_listed(&rt.apps_as(&ann, Method::GET, &rest, Value::Null).await);
        rt_listed(&rt.apps_with(Method::GET, &rest, &server, Value::Null).await);
    }
    assert_eq!(
        rt_refused(&rt.apps(Method::PUT, &place, json!({"title": "x"})).await, 200, 39),
        "accessToken"
    );
    rt_listed(&rt.apps_as(&ann, Method::PUT, &place, json!({"title": "Mine"})).await);
    assert_eq!(rt_refused(&rt.apps(Method::GET, "threads", Value::Null).await, 200, 39), "accessToken");
    rt_listed(&rt.apps_with(Method::GET, "threads", &server, Value::Null).await);
    // The server key is no device's.
    let path = format!("/rtmsAPI/api/v3/{RT_APP}/verifyPolicy?secretKey={SERVER_KEY}");
    assert_eq!(rt_refused(&rt.stage.http.get(&path).await, 200, 26), "secretKey");
}

async fn pages_of_threads_and_messages_have_no_gaps_and_nothing_twice(engine: Engine) {
    let rt = with_inbox(engine).await;
    let phone = rt.register("ann", "d1").await;
    let mut device = rt.connect(&phone, QoS::AtLeastOnce).await;
    let mut threads = Vec::new();
    for number in 0..5 {
        threads.push(rt.thread(&format!("T{number}")).await);
        rt.send(&["ann"], &block(&threads[number], "first")).await;
        device.next().await;
    }
    threads.reverse();
    for (list, rest) in [("threads", "threads"), ("threads", "user/ann/threads")] {
        let mut ids = Vec::new();
        for start in [0, 2, 4, 6] {
            let page =
                rt_listed(&rt.apps(Method::GET, &format!("{rest}?start={start}&limit=2"), Value::Null).await);
            assert_eq!(page["total"], 5);
            let found = page[list].as_array().unwrap();
            assert_eq!(page["count"], found.len());
            ids.extend(found.iter().map(|thread| thread["id"].as_str().unwrap().to_owned()));
        }
        assert_eq!(ids, threads, "{rest}");
    }
    let mut texts = vec!["first".to_owned()];
    for number in 0..4 {
        texts.push(number.to_string());
        rt.send(&["ann"], &block(&threads[4], &number.to_string())).await;
        device.next().await;
    }
    texts.reverse();
    let mut read = Vec::new();
    for from in [0, 2, 4] {
        let rest = format!("user/ann/threads/{}/messages?from={from}&limit=2", threads[4]);
        let page = rt_listed(&rt.apps(Method::GET, &rest, Value::Null).await);
        read.extend(
            page["messages"].as_array().unwrap().iter().map(|m| m["message"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(read, texts);
    // A new message moves its thread to the top of the user's list.
    let top = rt_listed(&rt.apps(Method::GET, "user/ann/threads?limit=1", Value::Null).await);
    assert_eq!(top["threads"][0]["id"], threads[4]);
}

async fn a_user_who_unregisters_keeps_the_inbox_and_one_who_is_deleted_does_not(engine: Engine) {
    let rt = with_inbox(engine).await;
    let phone = rt.register("ann", "d1").await;
    let thread = rt.thread("One").await;
    rt.send(&["ann"], &block(&thread, "Hello")).await;
    rt.stage.hook.outcome("ann", 7501).await;
    let path = format!("user/ann/threads/{thread}/messages");
    let total = async || rt_listed(&rt.apps(Method::GET, &path, Value::Null).await)["total"].clone();
    rt_done(&rt.call_as(&phone, "unregister", json!({})).await);
    assert_eq!(total().await, 1);
    rt.register("ann", "d2").await;
    let tenant = rt.login.tenant;
    let job = move |tx: &mut dyn Sql| {
        let ctx = Ctx::of(tenant, Actor::Operator);
        admin::create_key(tx, &ctx, SystemClock.now(), None).map(|key| key.text)
    };
    let key = rt.stage.desk.change("making a profile key", job).await;
    let path = format!("/resources/v2/customerappprofile/{RT_APP}?identifier=ann");
    let deleted = rt.stage.http.send(Method::DELETE, &path, &[("key", key.as_str())], "").await;
    assert_eq!(deleted.http, 200, "{}", deleted.text());
    assert_eq!(total().await, 0);
}
