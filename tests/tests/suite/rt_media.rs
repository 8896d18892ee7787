//! Files of an app: uploaded by devices and services, given out by signed links, named in messages.

use http::Method;
use rumqttc::QoS;
use serde_json::{Value, json};
use waypost_suite::{
    Answer, CLIENT_KEY, Engine, Phone, RT_APP, Rt, SERVER_KEY, on_both_engines, rt_done, rt_listed,
    rt_refused,
};

on_both_engines!(
    a_file_is_uploaded_and_given_out_by_its_link_as_what_it_is,
    a_link_that_was_changed_or_made_up_opens_nothing,
    an_upload_that_cannot_be_taken_is_told_why,
    a_file_named_in_a_message_comes_with_a_link_on_every_way,
    a_fresh_link_is_given_for_one_of_ours_and_of_the_same_app_alone,
    an_app_has_room_for_so_much,
);

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and what a picture has besides";

async fn upload(rt: &Rt, headers: &[(&str, &str)], bytes: &[u8]) -> Answer {
    let head = "--form\r\ncontent-disposition: form-data; name=\"media\"; filename=\"a b.png\"\r\n\r\n";
    let body = [head.as_bytes(), bytes, b"\r\n--form--\r\n"].concat();
    let headers = [&[("content-type", "multipart/form-data; boundary=form")][..], headers].concat();
    let path = format!("/rtmsAPI/api/v1/media/{RT_APP}/upload?previewRequired=true&fileUrlRequired=true");
    rt.stage.http.send(Method::POST, &path, &headers, body).await
}

async fn uploaded(rt: &Rt, phone: &Phone) -> (String, String) {
    let headers =
        [("secretKey", CLIENT_KEY), ("accessToken", phone.token.as_str()), ("media-type", "image/png")];
    let answer = rt_done(&upload(rt, &headers, PNG).await);
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("mediaId"), text("file"))
}

/// A link's path and query: it leads to the address of the configuration, which a test's server has too.
fn path_of(link: &str) -> &str {
    &link[link.find("/rtmsAPI/media/").expect("a link of ours")..]
}

async fn a_file_is_uploaded_and_given_out_by_its_link_as_what_it_is(engine: Engine) {
    let rt = Rt::with(engine, json!({}), json!({"server_key": SERVER_KEY})).await;
    let phone = rt.register("ann", "d1").await;
    let (id, link) = uploaded(&rt, &phone).await;
    assert_eq!(id.len(), 32);
    let got = rt.stage.http.get(path_of(&link)).await;
    assert_eq!((got.http, &got.body[..]), (200, PNG));
    for (name, value) in [
        ("content-type", "image/png"),
        ("content-disposition", "inline; filename*=UTF-8''a%20b.png"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, max-age=600"),
    ] {
        assert_eq!(got.headers[name], value);
    }
    let answer = rt_done(&upload(&rt, &[("secretKey", SERVER_KEY)], b"%PDF-1.7 and so on").await);
    assert_eq!(answer["contentType"], "application/pdf");
    let got = rt.stage.http.get(path_of(answer["file"].as_str().unwrap())).await;
    assert_eq!(got.headers["content-disposition"], "attachment; filename*=UTF-8''a%20b.png");
}

async fn a_link_that_was_changed_or_made_up_opens_nothing(engine: Engine) {
    let rt = Rt::start(engine).await;
    let phone = rt.register("ann", "d1").await;
    let (id, link) = uploaded(&rt, &phone).await;
    let path = path_of(&link);
    let other = path.replace(&id, &"0".repeat(32));
    let later = path.replace("expires=1", "expires=2");
    let cut = &path[..path.len() - 1];
    for path in
        [other.as_str(), later.as_str(), cut, &format!("/rtmsAPI/media/{id}"), "/rtmsAPI/media/x?expires=x"]
    {
        assert_eq!(rt_refused(&rt.stage.http.get(path).await, 403, 4), "signature", "{path}");
    }
}

async fn an_upload_that_cannot_be_taken_is_told_why(engine: Engine) {
    let rt = Rt::start(engine).await;
    let phone = rt.register("ann", "d1").await;
    let own = [("secretKey", CLIENT_KEY), ("accessToken", phone.token.as_str())];
    for (headers, bytes, http, code, field) in [
        (vec![("secretKey", CLIENT_KEY)], PNG, 200, 39, "accessToken"),
        (vec![("secretKey", CLIENT_KEY), ("accessToken", "x")], PNG, 200, 38, "accessToken"),
        (vec![("accessToken", phone.token.as_str())], PNG, 200, 11, "secretKey"),
        (own.to_vec(), b"<svg onload=alert(1)>", 200, 4, "media"),
        (own.to_vec(), b"", 200, 4, "media"),
        ([&own[..], &[("media-type", "video/mp4")]].concat(), PNG, 200, 4, "media-type"),
    ] {
        assert_eq!(rt_refused(&upload(&rt, &headers, bytes).await, http, code), field);
    }
    let large = [PNG, &vec![0; 10_485_760]].concat();
    assert_eq!(rt_refused(&upload(&rt, &own, &large).await, 413, 4), "media");
    let path = format!("/rtmsAPI/api/v1/media/{RT_APP}/upload");
    for (kind, body, http, code, field) in [
        ("application/json", "{}", 415, 36, "content-type"),
        ("multipart/form-data; boundary=form", "--form--\r\n", 200, 3, "media"),
        ("multipart/form-data; boundary=form", "nothing of the kind", 200, 4, "body"),
    ] {
        let headers = [&own[..], &[("content-type", kind)]].concat();
        let answer = rt.stage.http.send(Method::POST, &path, &headers, body).await;
        assert_eq!(rt_refused(&answer, http, code), field, "{body}");
    }
}

async fn a_file_named_in_a_message_comes_with_a_link_on_every_way(engine: Engine) {
    let rt = Rt::with(engine, json!({"inbox": true}), json!({})).await;
    let phone = rt.register("ann", "d1").await;
    let mut device = rt.connect(&phone, QoS::AtLeastOnce).await;
    let (id, _) = uploaded(&rt, &phone).await;
    let opens = |link: Value| {
        let (http, path) = (rt.stage.http.clone(), path_of(link.as_str().expect("a link")).to_owned());
        async move { assert_eq!(&http.get(&path).await.body[..], PNG) }
    };
    let thread = rt.thread("One").await;
    let attachment = json!({"contentType": "image", "mediaid": id});
    rt.send(&["ann"], &json!({"thread_id": thread, "message": {"text": "Look", "attachment": attachment}}))
        .await;
    let read = device.next().await;
    assert_eq!(read["media"][0]["mediaId"], id);
    opens(read["media"][0]["file"].clone()).await;
    let said = json!({"message": "Mine", "media": [{"contentType": "image", "mediaId": id}], "thread": {"id": thread}});
    rt_done(&rt.call_as(&phone, "mo", said).await);
    let inbound = rt.stage.hook.inbound(1).await;
    let attachments: Value = serde_json::from_str(inbound[0]["attachments"].as_str().unwrap()).unwrap();
    opens(attachments[0]["file"].clone()).await;
    let path = format!("user/ann/threads/{thread}/messages");
    let page = rt_listed(&rt.apps(Method::GET, &path, Value::Null).await);
    for message in page["messages"].as_array().unwrap() {
        opens(message["media"][0]["file"].clone()).await;
    }
    // What is not ours stays as it is.
    let attachment = json!({"contentType": "image", "mediaid": "m-1"});
    rt.send(&["ann"], &json!({"thread_id": thread, "message": {"attachment": attachment}})).await;
    assert_eq!(device.next().await["media"], json!([{"contentType": "image", "mediaId": "m-1"}]));
}

async fn a_fresh_link_is_given_for_one_of_ours_and_of_the_same_app_alone(engine: Engine) {
    let rt = Rt::start(engine).await;
    let phone = rt.register("ann", "d1").await;
    let (id, link) = uploaded(&rt, &phone).await;
    let path = format!("/rtmsAPI/api/v3/{RT_APP}/user/ann/generatemedia");
    let ask = |body: Value| {
        let headers = [
            ("content-type", "application/json"),
            ("secretKey", CLIENT_KEY),
            ("accessToken", phone.token.as_str()),
        ];
        let (http, path) = (&rt.stage.http, &path);
        async move { http.send(Method::POST, path, &headers, body.to_string()).await }
    };
    let fresh = rt_done(&ask(json!({"url": link})).await);
    assert_eq!((&fresh["mediaId"], &fresh["url"]), (&json!(id), &fresh["file"]));
    let got = rt.stage.http.get(path_of(fresh["url"].as_str().unwrap())).await;
    assert_eq!((got.http, &got.body[..]), (200, PNG));
    for (body, code) in [
        (json!({}), 3),
        (json!({"url": "https://example.org/x.png"}), 5),
        (json!({"url": link.replace(&id, &"0".repeat(32))}), 5),
        (json!({"url": 7}), 4),
    ] {
        assert_eq!(rt_refused(&ask(body).await, 200, code), "url");
    }
}

async fn an_app_has_room_for_so_much(engine: Engine) {
    let rt = Rt::with(engine, json!({}), json!({})).await;
    let phone = rt.register("ann", "d1").await;
    let (tenant, full) = (rt.login.tenant, 1_000_000_000_i64 - 10);
    let job = move |tx: &mut dyn waypost_store::Sql| {
        tx.exec(
            "INSERT INTO rt_media (id, tenant, app, media_id, content_type, name, size) \
             SELECT 1, tenant, id, 'full', 'image/png', 'x', ?2 FROM app WHERE tenant = ?1",
            &[tenant.into(), full.into()],
        )
    };
    rt.stage.desk.change("filling the app's room", job).await;
    let headers = [("secretKey", CLIENT_KEY), ("accessToken", phone.token.as_str())];
    assert_eq!(rt_refused(&upload(&rt, &headers, PNG).await, 200, 62), "media");
}
