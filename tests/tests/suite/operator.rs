//! What an operator does and sees: commands beside a running server, the story of a message, the pages.

use serde_json::{Value, json};
use waypost_simulators::smsc::{Incoming, Plan, ReceiptPlan, Smsc, SmscConfig};
use waypost_suite::{Backstage, Engine, Hook, Stage, counted, on_both_engines, sms, with};

use crate::SERVER;

on_both_engines!(
    a_message_is_traced_by_any_of_its_ids,
    a_tenant_is_set_up_by_commands_while_the_server_runs,
    unmatched_receipts_are_listed_by_command,
    the_pages_tell_how_the_server_is,
);

const TO: &str = "447700900001";

async fn a_message_is_traced_by_any_of_its_ids(engine: Engine) {
    let smsc =
        SmscConfig::default().behaving(|_: &Incoming<'_>| Plan::receipt(ReceiptPlan::new("UNDELIV", "027")));
    let stage = Backstage::new(engine).await.smsc(smsc).await.start_process(SERVER).await;
    let transid = stage.post(&with(sms("Hi", TO), json!({"correlationid": "order-17"}))).await.queued();
    stage.hook.outcome(TO, 7207).await;
    // The call-back's own line is written after it was answered.
    let traced = until_traced(&stage, &transid, 4).await;
    for id in ["order-17", TO, "+447700900001", "1000000"] {
        assert_eq!(stage.command(SERVER, &["trace", id], &[]).await, traced, "{id}");
    }
    let [message] = &traced.as_array().unwrap()[..] else { panic!("{traced}") };
    let facts = ["transaction", "correlation", "destination", "code", "meaning", "parts", "provider_ids"];
    assert_eq!(
        facts.map(|name| message[name].clone()),
        [
            json!(transid),
            json!("order-17"),
            json!(TO),
            json!(7207),
            json!("The handset cannot be reached."),
            json!(1),
            json!(["1000000"]),
        ]
    );
    let mut story: Vec<&str> =
        message["story"].as_array().unwrap().iter().map(|entry| entry["what"].as_str().unwrap()).collect();
    assert_eq!(story[..2], ["submitted", "receipt"], "in the order in which it happened");
    story.sort_unstable();
    assert_eq!(story, ["call-back delivered", "call-back delivered", "receipt", "submitted"]);
    assert_eq!(message["pending"], json!([]));
}

/// The story, once it has so many entries and nothing is pending.
async fn until_traced(stage: &Stage, id: &str, entries: usize) -> Value {
    let looked_up = async {
        loop {
            let traced = stage.command(SERVER, &["trace", id], &[]).await;
            let message = &traced[0];
            let story = message["story"].as_array().map_or(0, Vec::len);
            if story >= entries && message["pending"] == json!([]) {
                return traced;
            }
        }
    };
    waypost_suite::within(&format!("{entries} entries in the story of {id}"), looked_up).await
}

async fn a_tenant_is_set_up_by_commands_while_the_server_runs(engine: Engine) {
    let stage = Backstage::new(engine).await.start_process(SERVER).await;
    let smsc = Smsc::start(SmscConfig::default()).await.unwrap();
    let hook = Hook::start().await;
    let (port, url) = (smsc.address().port().to_string(), hook.url("/bank"));
    let admin = async |arguments: &[&str], secrets: &[(&str, &str)]| {
        stage.command(SERVER, &[&["admin"], arguments].concat(), secrets).await
    };
    admin(&["tenant", "create", "--slug", "bank", "--name", "The Bank", "--time-zone", "Europe/Paris"], &[])
        .await;
    admin(&["sender", "add", "--tenant", "bank", "BANK"], &[]).await;
    admin(&["service", "create", "--tenant", "bank", "--slug", "alerts", "--sender", "BANK"], &[]).await;
    admin(&["notify-url", "set", "--tenant", "bank", "--service", "alerts", &url], &[]).await;
    let created = admin(&["key", "create", "--tenant", "bank", "--service", "alerts"], &[]).await;
    let key = created["key"].as_str().unwrap_or_else(|| panic!("no key in {created}")).to_owned();
    let link = [
        "smpp",
        "create",
        "--name",
        "telco",
        "--host",
        "127.0.0.1",
        "--port",
        &port,
        "--system-id",
        "waypost",
    ];
    admin(
        &[&link[..], &["--tenant", "bank", "--set", "window=10"]].concat(),
        &[("WAYPOST_SMPP_PASSWORD", "secret")],
    )
    .await;
    // The running server notices by itself: it binds, so it also knows the key.
    counted(&smsc, "a bind", |counts| counts.binds > 0).await;
    let transid = stage.http.post(&key, &sms("Hello", TO)).await.queued();
    let told = hook.outcome(TO, 7500).await;
    told.assert_outcome(7500, "Delivered");
    assert_eq!(told.transid(), transid);
    assert_eq!(smsc.received()[0].source.digits, "BANK");

    admin(&["dnd", "add", "--tenant", "bank", "447700900002"], &[]).await;
    let listed = admin(&["key", "list", "--tenant", "bank"], &[]).await;
    assert!(!listed.to_string().contains(&key), "a key is shown once");
    let links = admin(&["smpp", "list"], &[]).await;
    assert!(!links.to_string().contains("secret"), "{links}");
    assert_eq!(links[0]["settings"]["window"], 10, "{links}");
}

async fn unmatched_receipts_are_listed_by_command(engine: Engine) {
    let strange = ReceiptPlan { unknown_id: true, ..ReceiptPlan::new("EXPIRED", "000") };
    let smsc = SmscConfig::default().behaving(move |_: &Incoming<'_>| Plan::receipt(strange.clone()));
    let stage = Backstage::new(engine).await.smsc(smsc).await.start_process(SERVER).await;
    assert_eq!(stage.command(SERVER, &["admin", "receipts", "unmatched"], &[]).await, json!([]));
    stage.send("Hi", TO).await;
    counted(stage.smsc(), "the receipt acknowledged", |counts| counts.receipts_acked >= 1).await;
    let listed = stage.command(SERVER, &["admin", "receipts", "unmatched"], &[]).await;
    let id = (1_000_000_u64 + (1 << 40)).to_string();
    assert_eq!((&listed[0]["provider_id"], &listed[0]["stat"]), (&json!(id), &json!("EXPIRED")), "{listed}");
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
}

async fn the_pages_tell_how_the_server_is(engine: Engine) {
    // The metrics are a process's.
    let stage = Backstage::new(engine).await.smsc(SmscConfig::default()).await.start_process(SERVER).await;
    stage.send("Hi", TO).await;
    stage.hook.outcome(TO, 7500).await;
    assert_eq!(stage.http.get("/healthz").await.text(), "ok\n");
    assert_eq!(stage.http.get("/readyz").await.json(), json!({"ready": true, "because": []}));
    let metrics = stage.http.get("/metrics").await;
    let counted = |start: &str| {
        let lines = metrics.text().lines().filter(|line| line.starts_with(start));
        lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum::<u64>()
    };
    let accepted = r#"waypost_http_requests_total{route="/resources/v1/messaging",status="200",code="1001"}"#;
    assert_eq!(counted(accepted), 1, "{}", metrics.text());
    // Matched at once, or held for the moment until the answer to the submit was recorded.
    assert_eq!(counted("waypost_receipts_total{"), 1, "{}", metrics.text());
    let openapi = stage.http.get("/openapi.json").await.json();
    let paths: Vec<&String> = openapi["paths"].as_object().unwrap().keys().collect();
    let expected = [
        "/healthz",
        "/l/{code}",
        "/metrics",
        "/openapi.json",
        "/readyz",
        "/resources/v1/content/import",
        "/resources/v1/content/partners",
        "/resources/v1/content/partners/{partner}/drift",
        "/resources/v1/content/partners/{partner}/lanes",
        "/resources/v1/content/partners/{partner}/lanes/{property}/{action}",
        "/resources/v1/content/partners/{partner}/{action}",
        "/resources/v1/content/properties",
        "/resources/v1/content/properties/{property}",
        "/resources/v1/content/properties/{property}/{kind}",
        "/resources/v1/content/properties/{property}/{kind}/{code}",
        "/resources/v1/events/externalevent",
        "/resources/v1/media/{appid}",
        "/resources/v1/messaging",
        "/resources/v1/messaging/status/{transactionid}",
        "/resources/v1/templates",
        "/resources/v1/templates/{templateid}",
        "/resources/v1/templates/{templateid}/approval",
        "/resources/v1/templates/{templateid}/preview",
        "/resources/v1/templates/{templateid}/versions",
        "/resources/v1/voice/prompts",
        "/resources/v1/voice/prompts/{media}",
        "/resources/v2/customerappprofile/{appid}",
        "/resources/v2/customerappprofile/{appid}/{customerid}",
        "/resources/v2/customerappprofile/{appid}/{userid}/{deviceid}",
        "/resources/v2/customerprofile",
        "/resources/v2/customerprofile/{customerid}",
        "/resources/v2/profile/status/{transid}",
        "/rtmsAPI/api/{version}/apps/{appid}/streams",
        "/rtmsAPI/api/{version}/apps/{appid}/threads",
        "/rtmsAPI/api/{version}/apps/{appid}/topics",
        "/rtmsAPI/api/{version}/apps/{appid}/topics/{topicid}",
        "/rtmsAPI/api/{version}/apps/{appid}/topics/{topicid}/users",
        "/rtmsAPI/api/{version}/apps/{appid}/user/{userid}/threads",
        "/rtmsAPI/api/{version}/apps/{appid}/user/{userid}/threads/{threadid}",
        "/rtmsAPI/api/{version}/apps/{appid}/user/{userid}/threads/{threadid}/messages",
        "/rtmsAPI/api/{version}/apps/{appid}/user/{userid}/topics",
        "/rtmsAPI/api/{version}/apps/{appid}/user/{userid}/unreadthreads",
        "/rtmsAPI/api/{version}/media/{appid}/upload",
        "/rtmsAPI/api/{version}/{appid}/deliveryupdate",
        "/rtmsAPI/api/{version}/{appid}/message",
        "/rtmsAPI/api/{version}/{appid}/mo",
        "/rtmsAPI/api/{version}/{appid}/profileupdate",
        "/rtmsAPI/api/{version}/{appid}/refreshToken",
        "/rtmsAPI/api/{version}/{appid}/register",
        "/rtmsAPI/api/{version}/{appid}/removeCustomerId",
        "/rtmsAPI/api/{version}/{appid}/removeUserId",
        "/rtmsAPI/api/{version}/{appid}/setCustomerId",
        "/rtmsAPI/api/{version}/{appid}/setUserId",
        "/rtmsAPI/api/{version}/{appid}/trackDeliveryRequest",
        "/rtmsAPI/api/{version}/{appid}/unregister",
        "/rtmsAPI/api/{version}/{appid}/user/{userid}/generatemedia",
        "/rtmsAPI/api/{version}/{appid}/verifyPolicy",
        "/rtmsAPI/media/{mediaid}",
        "/webhooks/messenger/{appid}",
        "/webhooks/twitter/{appid}",
        "/webhooks/wechat/{appid}",
    ];
    assert_eq!(paths, expected);
}
