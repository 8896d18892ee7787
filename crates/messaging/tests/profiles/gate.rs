//! Who may call, and what a request must be.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};
use waypost_store::directory::{Status, TpsLimit, admin};
use waypost_store::testing::on_both_engines;

use crate::server::{Server, record, records};
use crate::support::NOW;

const PATHS: [(Method, &str); 5] = [
    (Method::POST, "/customerprofile"),
    (Method::GET, "/customerprofile/1"),
    (Method::DELETE, "/customerappprofile/m_acme/1"),
    (Method::DELETE, "/customerappprofile/m_acme/u/d"),
    (Method::GET, "/profile/status/7d7a1d2e-0000-7000-8000-000000000000"),
];

#[tokio::test]
async fn every_endpoint_wants_a_profile_key() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let service = server.service_key().await;
        for (method, path) in PATHS {
            let mut request = server.request(method.clone(), path, "{}");
            request.headers_mut().remove("key");
            assert_eq!(server.call(request).await.refusal(), "7002 Service Key Missing", "{method} {path}");
            for wrong in ["wpp_wrong", &service] {
                let mut request = server.request(method.clone(), path, "{}");
                request.headers_mut().insert("key", wrong.parse().unwrap());
                assert_eq!(server.call(request).await.refusal(), "7001 Authentication failed", "{path}");
            }
        }
        let mut request = server.request(Method::GET, "/customerprofile/1", Body::empty());
        request.headers_mut().remove("key");
        request.headers_mut().insert("secretKey", server.key.parse().unwrap());
        assert_eq!(server.call(request).await.refusal(), "7014 Customer not found");
        let id = server.tenant;
        server
            .operate(move |tx, ctx| {
                admin::update_tenant(tx, ctx, NOW, id, |tenant| tenant.status = Status::Suspended).map(|_| ())
            })
            .await;
        assert_eq!(server.get("/customerprofile/1").await.refusal(), "7001 Authentication failed");
    })
    .await;
}

#[tokio::test]
async fn a_limit_of_the_profile_api_is_its_own() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        server
            .operate(|tx, ctx| {
                admin::set_limit(tx, ctx, NOW, "profile", TpsLimit { per_second: 2, burst_mode: false })
            })
            .await;
        let mut told = Vec::new();
        for _ in 0..3 {
            told.push(server.get("/customerprofile/1").await.refusal());
        }
        let limit = "7020 You have reached maximum transaction limit";
        assert_eq!(told, ["7014 Customer not found", "7014 Customer not found", limit]);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_request_is_refused_as_a_whole_and_nothing_is_written() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let many = |n: usize| {
            let one = json!({"customerId": "1", "Attributes": {"msisdn": "12345"}});
            records(&Value::Array(vec![one; n])).to_string()
        };
        let ids = vec!["customerId=1"; 101].join("&");
        let cases = [
            (Method::POST, "/customerprofile", "{".to_owned(), "7000 Invalid JSON"),
            (Method::PUT, "/customerprofile", "[]".to_owned(), "7000 Invalid JSON"),
            (Method::POST, "/customerprofile", "{}".to_owned(), "7003 CustomerId is missing"),
            (Method::POST, "/customerprofile", r#"{"Records":[]}"#.to_owned(), "7003 CustomerId is missing"),
            (
                Method::POST,
                "/customerprofile",
                r#"{"Records":{}}"#.to_owned(),
                "7011 Invalid Attribute Value",
            ),
            (Method::POST, "/customerprofile", many(101), "7012 Batch size limit(100) exceeded"),
            (
                Method::GET,
                &format!("/customerprofile?{ids}"),
                String::new(),
                "7012 Batch size limit(100) exceeded",
            ),
            (
                Method::POST,
                "/customerappprofile/nobody",
                many(1),
                "7018 Invalid app profile or app profile is not linked to this client",
            ),
            (
                Method::GET,
                "/customerappprofile/nobody/1",
                String::new(),
                "7018 Invalid app profile or app profile is not linked to this client",
            ),
            (Method::GET, "/profile/status/nonsense", String::new(), "7600 No results found"),
        ];
        for (method, path, body, expected) in cases {
            assert_eq!(server.send(method, path, body).await.refusal(), expected, "{path}");
        }
        let long = server.send(Method::POST, "/customerprofile", " ".repeat(70_000)).await;
        assert_eq!(long.code(), (413, "7000".to_owned()));
        assert_eq!(server.rows().await, 0);
        let body = server.send(Method::POST, "/customerprofile", "{").await.masked();
        let expected = json!({"code": "7000", "description": "Invalid JSON", "transid": "<id>", "detail": {
            "field": "body", "rule": "not JSON at line 1, column 1",
            "remedy": "send one well-formed JSON object and nothing after it"}});
        assert_eq!(body, expected);
    })
    .await;
}

#[tokio::test]
async fn a_tenant_without_a_master_store_keeps_app_profiles_only() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        server.switch(r#"{"profile":{"no_store":true}}"#).await;
        let body = record("1", &json!({"msisdn": "12345"}));
        let missing = "7013 Master profile store not found";
        assert_eq!(server.post("/customerprofile", &body).await.refusal(), missing);
        assert_eq!(server.get("/customerprofile/1").await.refusal(), missing);
        assert_eq!(server.delete("/customerprofile/1").await.refusal(), missing);
        let wechat = record("1", &json!({"status": "1", "wechat_user_id": "o"}));
        assert_eq!(server.post("/customerappprofile/w_acme", &wechat).await.code().1, "1000");
    })
    .await;
}

#[tokio::test]
async fn a_store_that_is_away_is_told_with_503_and_7006() {
    on_both_engines(|store| async move {
        let server = Server::on(store.clone()).await;
        store.close().await;
        let body = record("1", &json!({"msisdn": "12345"}));
        for answer in [server.post("/customerprofile", &body).await, server.get("/customerprofile/1").await] {
            assert_eq!(answer.code(), (503, "7006".to_owned()));
            assert_eq!(answer.headers["retry-after"], "1");
        }
    })
    .await;
}
