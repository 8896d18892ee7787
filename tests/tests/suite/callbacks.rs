//! Notifications on their way to the customers' endpoints (spec 4.1).

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::json;
use tokio::net::TcpListener;
use waypost_messaging::records::trace;
use waypost_simulators::callbacks::Answer;
use waypost_simulators::smsc::SmscConfig;
use waypost_store::Ctx;
use waypost_suite::{Backstage, Engine, Hook, Stage, on_both_engines, sms, with};

on_both_engines!(
    statuses_are_retried_or_not_as_the_contract_lists,
    retry_after_is_heeded,
    an_unusable_url_is_not_called_and_the_message_is_sent,
    a_redirect_is_not_followed,
    a_private_address_is_refused_unless_it_is_allowed,
    only_the_receipt_types_of_the_service_are_told,
    callback_data_comes_back_untouched,
    a_dead_endpoint_does_not_delay_another,
);

const NOT_RETRIED: [u16; 24] = [
    202, 203, 204, 208, 226, 300, 301, 302, 304, 307, 308, 400, 402, 404, 405, 408, 409, 410, 411, 414, 415,
    416, 418, 505,
];
const RETRIED: [u16; 10] = [401, 403, 412, 413, 417, 422, 429, 500, 502, 503];

/// One message whose final outcome alone is told, to this URL.
async fn tell(stage: &Stage, to: &str, url: &str) -> String {
    stage.post(&with(sms("Hi", to), json!({"notifyurl": url}))).await.queued()
}

/// Of a message only its delivery is told.
async fn delivered_only(backstage: Backstage) -> Backstage {
    backstage.desk().update_service(backstage.login().service, |service| service.notify_types = 2).await;
    backstage
}

async fn backstage(engine: Engine) -> Backstage {
    delivered_only(Backstage::new(engine).await.smsc(SmscConfig::default()).await).await
}

/// An endpoint of its own for one status: an endpoint in trouble is left alone for a while, whoever calls it.
async fn answering(status: u16) -> (u16, Hook) {
    (status, Hook::answering(move |_, _| Answer::status(status)).await)
}

async fn attempts(hook: &Hook, count: usize) {
    hook.wait(&format!("{count} attempts"), |kept| (kept.len() >= count).then_some(())).await;
}

async fn statuses_are_retried_or_not_as_the_contract_lists(engine: Engine) {
    let stage = backstage(engine).await.start().await;
    let mut hooks = Vec::new();
    for status in NOT_RETRIED.into_iter().chain(RETRIED) {
        hooks.push(answering(status).await);
    }
    for (status, hook) in &hooks {
        tell(&stage, &format!("447700900{status}"), &hook.url("/")).await;
    }
    let times = stage.config().callbacks.retry_delays_s.len() + 1;
    assert_eq!(times, 4, "three retries");
    for (status, hook) in &hooks {
        let expected = if RETRIED.contains(status) { times } else { 1 };
        eprintln!("{status}");
        attempts(hook, expected).await;
    }
    // Another endpoint's second attempt comes one pause after its first: by then a fifth would have come as well.
    let (_, later) = answering(500).await;
    tell(&stage, "447700900001", &later.url("/")).await;
    attempts(&later, 2).await;
    for (status, hook) in &hooks {
        let expected = if RETRIED.contains(status) { times } else { 1 };
        let kept = hook.callbacks();
        assert_eq!(kept.len(), expected, "attempts after {status}");
        assert!(
            kept.iter().all(|callback| callback.body == kept[0].body),
            "a retry repeats what was sent before"
        );
        let id = |callback: &waypost_simulators::callbacks::Callback| {
            callback.headers.iter().find(|(name, _)| name == "webhook-id").cloned()
        };
        assert!(kept.iter().all(|callback| id(callback) == id(&kept[0])), "and its id");
    }
}

async fn retry_after_is_heeded(engine: Engine) {
    let stage = backstage(engine).await.start().await;
    let times = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&times);
    let url = serve(post(move || {
        let mut seen = seen.lock().unwrap();
        seen.push(std::time::Instant::now());
        let first = seen.len() == 1;
        async move {
            match first {
                true => (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "3")]),
                false => (StatusCode::OK, [("x-second", "yes")]),
            }
        }
    }))
    .await;
    let transid = tell(&stage, "447700900001", &url).await;
    story(&stage, &transid, "call-back delivered").await;
    let times = times.lock().unwrap().clone();
    let pause = times[1] - times[0];
    assert_eq!(times.len(), 2);
    assert!(
        pause >= Duration::from_millis(2_900),
        "the pause was {pause:?}, the schedule's is 1 s, 3 s were asked for"
    );
}

async fn an_unusable_url_is_not_called_and_the_message_is_sent(engine: Engine) {
    let stage = backstage(engine).await.start().await;
    let good = stage.hook.url("/dlr");
    let urls = [format!(" {good}"), format!("{good} "), "no URL".to_owned(), "ftp://127.0.0.1/".to_owned()];
    for (n, url) in urls.iter().enumerate() {
        let transid = tell(&stage, &format!("44770090000{n}"), url).await;
        story(&stage, &transid, "receipt").await;
        stage.record(&transid).await.assert_stands("delivered", Some(7500));
    }
    // A later one that is told of shows that the others were not merely late.
    stage.send("Hi", "447700900009").await;
    stage.hook.outcome("447700900009", 7500).await;
    assert_eq!(stage.hook.callbacks().len(), 1);
}

async fn a_redirect_is_not_followed(engine: Engine) {
    let stage = backstage(engine).await.start().await;
    let target = stage.hook.url("/secret");
    let url =
        serve(post(move || async move { (StatusCode::TEMPORARY_REDIRECT, [("location", target)]) })).await;
    let transid = tell(&stage, "447700900001", &url).await;
    let line = story(&stage, &transid, "call-back given up").await;
    assert!(line.contains("307"), "{line}");
    assert_eq!(stage.hook.callbacks().len(), 0);
}

async fn a_private_address_is_refused_unless_it_is_allowed(engine: Engine) {
    let backstage = backstage(engine).await.config(|config| config.callbacks.allow_cidrs.clear());
    let stage = backstage.start().await;
    let port = stage.hook.url("").rsplit(':').next().unwrap().to_owned();
    for (n, host) in
        ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "2130706433"].iter().enumerate()
    {
        let transid = tell(&stage, &format!("44770090000{n}"), &format!("http://{host}:{port}/dlr")).await;
        let line = story(&stage, &transid, "call-back given up").await;
        assert!(!line.is_empty(), "{host}");
        stage.record(&transid).await.assert_stands("delivered", Some(7500));
    }
    assert_eq!(stage.hook.callbacks().len(), 0);
}

async fn only_the_receipt_types_of_the_service_are_told(engine: Engine) {
    for (types, expected) in [(1, vec![7501]), (2, vec![7500]), (3, vec![7500, 7501])] {
        let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
        let service = backstage.login().service;
        backstage.desk().update_service(service, move |service| service.notify_types = types).await;
        let stage = backstage.start().await;
        let transid = stage.send("Hi", "447700900001").await;
        story(&stage, &transid, "receipt").await;
        for number in ["447700900001", "447700900002"] {
            for code in &expected {
                stage.hook.outcome(number, *code).await;
            }
            if number == "447700900001" {
                // What comes of the second is younger than all that comes of the first.
                stage.send("Hi", "447700900002").await;
            }
        }
        let mut told: Vec<u16> = stage
            .hook
            .notifications()
            .iter()
            .filter(|n| n.to() == "447700900001")
            .map(|n| n.code())
            .collect();
        told.sort_unstable();
        assert_eq!(told, expected, "types {types}");
    }
}

async fn callback_data_comes_back_untouched(engine: Engine) {
    let stage = backstage(engine).await.start().await;
    let odd = [
        "{\"json\": [1, 2.50, null]}".to_owned(),
        "quotes \" and \\ and / and \u{7f}".to_owned(),
        "line\nbreak\ttab\r".to_owned(),
        "Grüße 🌍 \u{2028}".to_owned(),
        "  blanks around  ".to_owned(),
        "ü".repeat(2_000),
    ];
    for (n, data) in odd.iter().enumerate() {
        let to = format!("44770090000{n}");
        stage.post(&with(sms("Hi", &to), json!({"callbackData": data}))).await.queued();
        let told = stage.hook.outcome(&to, 7500).await;
        assert_eq!(told.json["deliveryInfoNotification"]["callbackData"], *data);
    }
}

async fn a_dead_endpoint_does_not_delay_another(engine: Engine) {
    // It never answers within the patience of a test.
    let dead = Hook::answering(|_, _| Answer { status: 200, delay: Duration::from_secs(600) }).await;
    let backstage = backstage(engine).await.config(|config| {
        config.callbacks.timeout_ms = 60_000;
        config.delivery.lease_ms = 120_000;
        config.callbacks.concurrency = 8;
        config.callbacks.per_endpoint = 4;
    });
    let stage = backstage.start().await;
    let numbers: Vec<String> = (0..100).map(|n| format!("4477009001{n:02}")).collect();
    let request = with(waypost_suite::sms_to("Hi", &numbers), json!({"notifyurl": dead.url("/")}));
    stage.post(&request).await.queued();
    attempts(&dead, 4).await;
    for n in 0..20 {
        let to = format!("4477009002{n:02}");
        stage.send("Hi", &to).await;
        stage.hook.outcome(&to, 7500).await;
    }
    assert_eq!(dead.callbacks().len(), 4, "an endpoint has its own share of the attempts");
}

/// A server of one route on loopback; its URL.
async fn serve(route: axum::routing::MethodRouter) -> String {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback_service(route)).await });
    format!("http://{address}/")
}

/// Waits until the story of the message has an entry of this kind; its line.
async fn story(stage: &Stage, transid: &str, kind: &'static str) -> String {
    let asked = transid.to_owned();
    let what = format!("{kind} in the story of {transid}");
    let entry = stage.desk.until(&what, move |tx| {
        let traced = trace::find(tx, &Ctx::all("test"), &asked)?;
        let told = traced.into_iter().flat_map(|traced| traced.story).find(|told| told.kind == kind);
        Ok(told.map(|told| told.detail))
    });
    entry.await
}
