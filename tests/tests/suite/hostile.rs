//! Malformed and hostile requests (workload W7): each has a clear answer, and nothing of it is kept.

use std::fmt::Write as _;

use http::Method;
use serde_json::json;
use waypost_suite::{Answer, Backstage, Engine, MESSAGING, RawHttp, Stage, Table, on_both_engines, sms};

on_both_engines!(
    a_body_that_is_no_json_object_is_answered_with_what_is_wrong,
    a_request_that_is_not_for_us_has_a_bare_answer,
    bytes_that_are_no_request_end_the_connection,
    a_refusal_reaches_a_client_that_is_still_writing,
    pipelined_requests_are_answered_in_order,
    an_overloaded_store_says_so_and_keeps_nothing_of_what_it_refused,
);

const TO: &str = "447700900001";

async fn stage(engine: Engine) -> Stage {
    Backstage::new(engine).await.config(|config| config.server.body_bytes_max = 64 * 1024).start().await
}

async fn assert_nothing_kept(stage: &Stage) {
    for table in [Table::Request, Table::Message, Table::Work] {
        assert_eq!(stage.desk.count(table).await, 0, "{table:?}");
    }
}

async fn post(stage: &Stage, body: impl Into<bytes::Bytes>) -> Answer {
    let headers = [("key", stage.login.key.as_str()), ("content-type", "application/json")];
    stage.http.send(Method::POST, MESSAGING, &headers, body).await
}

async fn a_body_that_is_no_json_object_is_answered_with_what_is_wrong(engine: Engine) {
    let stage = stage(engine).await;
    let good = sms("Hi", TO).to_string();
    let deep = format!("{}{}{}", "{\"a\":".repeat(40), "1", "}".repeat(40));
    let very_deep = "[".repeat(50_000);
    let twice = good.replacen('{', "{\"deliverychannel\":\"voice\",", 1);
    let not_utf8 = [b"{\"deliverychannel\":\"".as_slice(), &[0xFF, 0xFE], b"\"}"].concat();
    let cases: [(&str, Vec<u8>, &str); 16] = [
        ("empty", Vec::new(), "empty"),
        ("blank", b" \r\n\t".to_vec(), "empty"),
        ("no JSON", b"hello".to_vec(), "not JSON"),
        ("cut", good.as_bytes()[..good.len() - 1].to_vec(), "not JSON"),
        ("trailing", format!("{good}x").into_bytes(), "not JSON"),
        ("two objects", format!("{good}{good}").into_bytes(), "not JSON"),
        ("trailing comma", good.replacen("{\"", "{,\"", 1).into_bytes(), "not JSON"),
        ("array", format!("[{good}]").into_bytes(), "root"),
        ("null", b"null".to_vec(), "root"),
        ("number", b"1e400".to_vec(), ""),
        ("deep", deep.into_bytes(), "nested"),
        ("very deep", format!("{{\"a\":{very_deep}").into_bytes(), "nested"),
        ("duplicate key", twice.into_bytes(), "twice"),
        ("not UTF-8", not_utf8, "UTF-8"),
        ("lone surrogate", good.replace("Hi", "\\ud800").into_bytes(), ""),
        ("NUL", good.replace("Hi", "a\\u0000b").into_bytes(), "U+0000"),
    ];
    for (name, body, rule) in cases {
        eprintln!("{name}");
        let detail = post(&stage, body).await.refused(200, "7000", "Invalid JSON");
        assert!(detail.rule.contains(rule), "{name}: {detail:?}");
        assert_eq!(detail.field, "body", "{name}");
    }
    let too_large = format!("{good}{}", " ".repeat(64 * 1024));
    post(&stage, too_large).await.refused(413, "7022", "JSON size exceeded");
    let key = stage.login.key.as_str();
    for content_type in ["text/plain", "application/xml", "application/x-www-form-urlencoded", "json"] {
        let headers = [("key", key), ("content-type", content_type)];
        let answer = stage.http.send(Method::POST, MESSAGING, &headers, good.clone()).await;
        assert_eq!(answer.refused(415, "7000", "Invalid JSON").field, "Content-Type", "{content_type}");
    }
    assert_nothing_kept(&stage).await;
}

async fn a_request_that_is_not_for_us_has_a_bare_answer(engine: Engine) {
    let stage = stage(engine).await;
    let key = [("key", stage.login.key.as_str())];
    let body = sms("Hi", TO).to_string();
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = stage.http.send(method.clone(), MESSAGING, &key, body.clone()).await;
        answer.bare(405);
        assert_eq!(answer.headers.get("allow").map(|allow| allow.as_bytes()), Some(&b"POST"[..]), "{method}");
    }
    let status = format!("{MESSAGING}/status/x");
    stage.http.send(Method::POST, &status, &key, body.clone()).await.bare(405);
    for path in
        ["/", "/resources", "/resources/v1", "/resources/v2/messaging", "/resources/v1/messaging/x", "/..%2f"]
    {
        stage.http.send(Method::POST, path, &key, body.clone()).await.bare(404);
    }
    let answer =
        stage.http.send(Method::GET, &format!("{MESSAGING}/status/{}", "x".repeat(4_000)), &key, "").await;
    assert_eq!(answer.json()["response"]["code"], "7600");
    let answer = stage.http.send(Method::GET, &format!("{MESSAGING}/status/%3Cscript%3E%22"), &key, "").await;
    answer.refused_lookup(200, "7600", "No results found", "<script>\"");
    assert_nothing_kept(&stage).await;
}

/// A head and a body, whatever they claim of each other.
fn raw(key: &str, headers: &str, body: &str) -> String {
    format!(
        "POST {MESSAGING} HTTP/1.1\r\nhost: waypost\r\nkey: {key}\r\ncontent-type: application/json\r\n{headers}\r\n{body}"
    )
}

async fn bytes_that_are_no_request_end_the_connection(engine: Engine) {
    let backstage = Backstage::new(engine).await.config(|config| {
        config.server.header_timeout_ms = 300;
        config.server.body_timeout_ms = 300;
    });
    let stage = backstage.start().await;
    let key = stage.login.key.clone();
    let good = sms("Hi", TO).to_string();
    let answer = async |bytes: String| {
        let mut raw = RawHttp::connect(stage.http.address()).await;
        raw.write(bytes).await;
        raw.answer().await
    };
    let refused = async |bytes: String, http: u16| {
        let answered = answer(bytes).await.expect("an answer");
        assert_eq!(answered.http, http, "{answered:?}");
    };
    refused("\0\0\0\0 not HTTP\r\n\r\n".to_owned(), 400).await;
    refused("GET / HTTP/9.9\r\n\r\n".to_owned(), 400).await;
    refused(raw(&key, "content-length: ten\r\n", &good), 400).await;
    refused(raw(&key, "content-length: -1\r\n", &good), 400).await;
    refused(raw(&key, "content-length: 5\r\ncontent-length: 6\r\n", &good), 400).await;
    refused(raw(&key, "transfer-encoding: chunked\r\n", "zz\r\n"), 200).await;
    refused(raw(&key, &format!("x-huge: {}\r\ncontent-length: 2\r\n", "x".repeat(200_000)), "{}"), 431).await;
    let mut many = String::new();
    (0..500).for_each(|n| write!(many, "x-{n}: 1\r\n").unwrap());
    refused(raw(&key, &format!("{many}content-length: 2\r\n"), "{}"), 431).await;

    // An announced body that never comes: a coded refusal, then the end.
    let mut slow = RawHttp::connect(stage.http.address()).await;
    slow.write(raw(&key, "content-length: 500\r\n", "{\"a\":")).await;
    let answered = slow.answer().await.expect("an answer");
    assert_eq!(answered.http, 408, "{answered:?}");
    assert!(answered.body.contains("\"7000\""), "{answered:?}");
    // A body that is cut off.
    let mut cut = RawHttp::connect(stage.http.address()).await;
    cut.write(raw(&key, "content-length: 500\r\n", "{\"a\":")).await;
    cut.finish().await;
    let answered = cut.answer().await;
    assert!(answered.is_none_or(|answered| answered.body.contains("\"7000\"")));
    // A head that never ends.
    let mut endless = RawHttp::connect(stage.http.address()).await;
    endless.write("POST / HTTP/1.1\r\nx-slow: ").await;
    if let Some(answered) = endless.answer().await {
        assert_eq!(answered.http, 408, "{answered:?}");
    }
    assert!(endless.is_ended().await);
    assert_nothing_kept(&stage).await;
}

async fn a_refusal_reaches_a_client_that_is_still_writing(engine: Engine) {
    let stage = stage(engine).await;
    let long = "x".repeat(2_000_000);
    let answer = async |key: &str, headers: &str, body: &str| {
        let mut raw_http = RawHttp::connect(stage.http.address()).await;
        let headers = format!("content-length: {}\r\n{headers}", long.len());
        raw_http.write(raw(key, &headers, body)).await;
        raw_http.answer().await.expect("an answer")
    };
    let key = stage.login.key.as_str();
    for (key, body, http, code) in
        [(key, long.as_str(), 413, "7022"), ("wps_unknown", long.as_str(), 200, "7001")]
    {
        let answered = answer(key, "", body).await;
        assert_eq!(answered.http, http, "{answered:?}");
        assert!(answered.body.contains(&format!("\"{code}\"")), "{answered:?}");
    }
    // A client that waits to be asked for its body is not.
    let answered = answer(key, "expect: 100-continue\r\n", "").await;
    assert_eq!(answered.http, 413, "{answered:?}");
    assert_nothing_kept(&stage).await;
}

async fn pipelined_requests_are_answered_in_order(engine: Engine) {
    let stage = stage(engine).await;
    let key = stage.login.key.clone();
    let mut raw_http = RawHttp::connect(stage.http.address()).await;
    let request = |n: usize| {
        let body = json!({
            "deliverychannel": "sms",
            "channels": {"sms": {"text": "Hi"}},
            "destination": [{"msisdn": [TO], "correlationid": format!("c{n}")}],
        })
        .to_string();
        raw(&key, &format!("content-length: {}\r\n", body.len()), &body)
    };
    raw_http.write((0..20).map(request).collect::<String>()).await;
    for n in 0..20 {
        let answered = raw_http.answer().await.expect("an answer");
        assert!(
            answered.http == 200 && answered.body.contains(&format!("\"correlationid\":\"c{n}\"")),
            "{answered:?}"
        );
    }
    assert_eq!(stage.desk.count(Table::Request).await, 20);
}

async fn an_overloaded_store_says_so_and_keeps_nothing_of_what_it_refused(engine: Engine) {
    let backstage = Backstage::new(engine).await.config(|config| {
        // The server's own writes at its start find room all the same.
        config.store.write_queue_max = 1;
        config.store.group_jobs_max = 1;
    });
    let stage = backstage.start().await;
    let mut accepted = 0;
    let mut busy = Vec::new();
    // Whether requests meet at the store is up to the scheduler: they are sent until some have.
    for _ in 0..50 {
        let requests: Vec<_> = (0..50)
            .map(|_| {
                let (http, key) = (stage.http.clone(), stage.login.key.clone());
                tokio::spawn(async move { http.post(&key, &sms("Hi", TO)).await })
            })
            .collect();
        for request in requests {
            let answer = request.await.unwrap();
            if answer.http == 200 { accepted += 1 } else { busy.push(answer) }
        }
        if !busy.is_empty() {
            break;
        }
    }
    for answer in &busy {
        answer.refused(503, "7006", "Internal server error");
        assert_eq!(answer.headers.get("retry-after").map(|after| after.as_bytes()), Some(&b"1"[..]));
    }
    assert!(!busy.is_empty(), "2,500 requests did not meet");
    assert_eq!(stage.desk.count(Table::Request).await, accepted);
}
