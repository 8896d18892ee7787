//! Every answer of the two APIs that a request can provoke, each with its row of the catalogue.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use waypost_simulators::smsc::SmscConfig;
use waypost_status::{Api, CATALOGUE, Entry, Phase};
use waypost_store::directory::{Service, Status, TpsLimit};
use waypost_suite::{Backstage, Engine, Login, MESSAGING, Table, desk, on_both_engines, sms, sms_to, with};

on_both_engines!(every_refusal_of_a_request_has_its_text, refusals_at_the_door_come_before_the_body);

/// A row of the catalogue and a body that provokes it; the values fill the row's placeholders.
struct Refused {
    id: &'static str,
    fills: &'static [&'static str],
    body: Value,
}

fn refused(id: &'static str, body: Value) -> Refused {
    Refused { id, fills: &[], body }
}

fn filled(id: &'static str, fills: &'static [&'static str], body: Value) -> Refused {
    Refused { id, fills, body }
}

/// A request on another channel than sms.
fn on(channel: &str, channels: Value) -> Value {
    json!({"deliverychannel": channel, "channels": channels, "destination": [{"customerid": ["c1"]}]})
}

fn push(block: Value) -> Value {
    on("push", json!({"push": block}))
}

/// Buttons under a good push.
fn interactive(block: Value) -> Value {
    push(json!({"android": {"text": "Hi"}, "interactive": block}))
}

fn buttons(category: &str, actions: Value) -> Value {
    interactive(json!({"category": category, "device_types": ["ios"], "actions": actions}))
}

fn of_sms() -> Vec<Refused> {
    let sms_block = |block: Value| with(sms("", "447700900001"), json!({"channels": {"sms": block}}));
    let good = || sms("Hi", "447700900001");
    let without = |name: &str| {
        let mut request = good();
        request.as_object_mut().unwrap().remove(name);
        request
    };
    let too_many: Vec<String> = (0..1_001).map(|n| format!("4477009{n:05}")).collect();
    vec![
        refused("delivery-channel-missing", without("deliverychannel")),
        refused("delivery-channel-empty", with(good(), json!({"deliverychannel": ""}))),
        refused("delivery-channel-invalid", with(good(), json!({"deliverychannel": "pigeon"}))),
        refused("param-sms-missing", without("channels")),
        refused("sms-text-missing", sms_block(json!({"text": ""}))),
        refused("sms-body-missing", sms_block(json!({"type": "3", "text": "no body"}))),
        refused("sms-type-invalid", sms_block(json!({"type": "5", "text": "Hi"}))),
        refused("request-expired-at-acceptance", with(good(), json!({"expiry": "2015-04-12T13:00:19.456Z"}))),
        refused("too-many-destinations", sms_to("Hi", &too_many)),
        filled("param-missing", &["destination"], without("destination")),
        filled("param-invalid", &["expiry"], with(good(), json!({"expiry": "tomorrow"}))),
        filled("param-invalid", &["priority"], with(good(), json!({"priority": 4}))),
        filled("param-invalid", &["route"], with(good(), json!({"route": "FAST"}))),
        filled("param-invalid", &["correlationid"], with(good(), json!({"correlationid": "x".repeat(51)}))),
        filled("param-invalid", &["callbackData"], with(good(), json!({"callbackData": "x".repeat(2_001)}))),
        filled("param-invalid", &["senderid"], sms_block(json!({"text": "Hi", "senderid": {}}))),
        filled("param-invalid", &["channels"], with(good(), json!({"channels": "sms"}))),
        filled("param-invalid", &["destination"], with(good(), json!({"destination": "447700900001"}))),
    ]
}

fn of_other_channels() -> Vec<Refused> {
    let ott = |name: &str, block: Value| on(name, json!({"OTT-Messaging": {name: block}}));
    vec![
        refused("param-voice-missing", on("voice", json!({}))),
        refused("voice-content-missing", on("voice", json!({"voice": {"cli": "1"}}))),
        refused("param-push-missing", on("push", json!({}))),
        refused("push-platform-missing", push(json!({"interactive": {}}))),
        refused("push-android-text-missing", push(json!({"android": {"title": "Hi"}}))),
        refused("push-ios-text-missing", push(json!({"ios": {"text": ""}}))),
        refused("priority-invalid", push(json!({"android": {"text": "Hi", "priority": 6}}))),
        refused("param-appmessaging-missing", on("rt", json!({}))),
        refused("rt-text-missing", on("appmessaging", json!({"appmessaging": {"message": {}}}))),
        refused("fb-ott-messaging-missing", on("fb", json!({}))),
        refused("param-fb-missing", on("fb", json!({"OTT-Messaging": {}}))),
        refused("fb-text-missing", ott("fb", json!({"text": ""}))),
        refused("twitter-ott-messaging-missing", on("twitter", json!({}))),
        refused("param-twitter-missing", on("twitter", json!({"OTT-Messaging": {}}))),
        refused("twitter-text-missing", ott("twitter", json!({}))),
        refused("wechat-ott-messaging-missing", on("wechat", json!({}))),
        refused("param-wechat-missing", on("wechat", json!({"OTT-Messaging": {}}))),
        refused("wechat-text-missing", ott("wechat", json!({}))),
    ]
}

fn of_limits() -> Vec<Refused> {
    let rt = |message: Value| on("rt", json!({"appmessaging": {"message": message}}));
    let template =
        |elements: Value| rt(json!({"attachment": {"contentType": "template", "elements": elements}}));
    let replies = |options: Value| rt(json!({"text": "Hi", "quickreplies": {"options": options}}));
    let reply = json!({"identifier": "1", "title": "Yes"});
    let image = "https://x.example/i.png";
    vec![
        refused("rt-param-too-large", rt(json!({"text": "Hi", "extras": {"a": "x".repeat(4_096)}}))),
        refused("rt-template-elements-too-many", template(json!(vec![json!({"title": "t"}); 9]))),
        refused(
            "rt-template-buttons-too-many",
            template(json!([{"buttons": vec![json!({"title": "t"}); 4]}])),
        ),
        refused("rt-image-urls-too-many", template(json!([{"imageurls": vec![image; 6]}]))),
        refused("rt-quick-replies-too-many", replies(json!(vec![json!({"title": "Yes"}); 6]))),
        refused("rt-identifier-duplicate", replies(json!([reply, reply]))),
        filled(
            "param-missing",
            &["preview"],
            rt(json!({"attachment": {"contentType": "video", "mediaid": "m"}})),
        ),
        filled("param-missing", &["text"], push(json!({"web": {"title": "Hi"}}))),
        filled(
            "param-invalid",
            &["title"],
            on("rt", json!({"appmessaging": {"text": "Hi", "notification": {"text": "Hi"}}})),
        ),
    ]
}

fn of_buttons() -> Vec<Refused> {
    let dismiss = || json!([{"pos": 1, "action": "DISMISS"}]);
    let devices = |types: Value| {
        interactive(json!({"category": "SINGLE_DISMISS", "device_types": types, "actions": dismiss()}))
    };
    let two = |first: Value, second: Value| buttons("DOUBLE_YES_NO", json!([first, second]));
    vec![
        refused("category-missing", interactive(json!({"actions": dismiss(), "device_types": ["ios"]}))),
        refused(
            "actions-missing",
            interactive(json!({"category": "SINGLE_DISMISS", "device_types": ["ios"]})),
        ),
        refused(
            "device-types-missing",
            interactive(json!({"category": "SINGLE_DISMISS", "actions": dismiss()})),
        ),
        filled("device-type-invalid", &["fridge"], devices(json!(["ios", "fridge"]))),
        filled("device-type-duplicate", &["ios"], devices(json!(["ios", "android", "ios"]))),
        refused("category-invalid", buttons("TRIPLE_YES", dismiss())),
        filled("actions-count-invalid", &["2", "1"], buttons("DOUBLE_YES_NO", dismiss())),
        refused("action-position-missing", buttons("SINGLE_DISMISS", json!([{"action": "DISMISS"}]))),
        filled("action-position-invalid", &["1,2"], two(json!({"pos": 1}), json!({"pos": 3}))),
        refused("action-position-duplicate", two(json!({"pos": 2}), json!({"pos": "2"}))),
        refused(
            "identifier-absent-at-position",
            buttons("SINGLE_DISMISS", json!([{"pos": 1, "identifier": "SHARE", "action": "DISMISS"}])),
        ),
        refused(
            "identifier-invalid",
            buttons("SINGLE_DISMISS", json!([{"pos": 1, "identifier": "BOGUS", "action": "DISMISS"}])),
        ),
        refused("action-invalid", buttons("SINGLE_DISMISS", json!([{"pos": 1, "action": "INLINE_REPLY"}]))),
        filled(
            "action-not-for-identifier",
            &["DISMISS"],
            buttons("SINGLE_DISMISS", json!([{"pos": 1, "action": "SHARE"}])),
        ),
        filled(
            "action-value-missing",
            &["OPEN_URL"],
            buttons("SINGLE_OPEN", json!([{"pos": 1, "action": "OPEN_URL"}])),
        ),
        filled(
            "action-value-invalid",
            &["OPEN_URL"],
            buttons("SINGLE_OPEN", json!([{"pos": 1, "action": "OPEN_URL", "value": "not a URL"}])),
        ),
    ]
}

/// Rows that other tests of these suites provoke, with where.
const ELSEWHERE: [(&str, &str); 15] = [
    ("queued", "walk"),
    ("destination-missing", "walk: one destination object of several"),
    ("invalid-json", "hostile"),
    ("json-too-large", "hostile"),
    ("authentication-failed", "below"),
    ("service-key-missing", "below"),
    ("source-ip-not-whitelisted", "below"),
    ("transaction-limit-reached", "below"),
    ("idempotency-key-reused", "idempotency"),
    ("service-inactive", "below"),
    // As outcomes.
    ("internal-error-occurred", "outcomes"),
    ("internal-server-error", "outcomes"),
    ("request-expired", "outcomes"),
    ("inactive-profile", "outcomes"),
    ("unknown-exception", "outcomes"),
];

/// Whether a row can be the answer to a request.
fn is_due(entry: &Entry) -> bool {
    let answer = matches!(entry.phase, Phase::Answer | Phase::Both) && entry.reserved.is_none();
    entry.api == Api::Messaging && answer
}

#[test]
fn every_row_that_answers_a_request_has_a_test() {
    let all = [of_sms(), of_other_channels(), of_limits(), of_buttons()].concat_ids();
    let covered: BTreeSet<&str> = all.into_iter().chain(ELSEWHERE.iter().map(|(id, _)| *id)).collect();
    let due: BTreeSet<&str> = CATALOGUE.iter().filter(|entry| is_due(entry)).map(|entry| entry.id).collect();
    let missing: Vec<&&str> = due.difference(&covered).collect();
    let unknown: Vec<&&str> = covered.difference(&due).collect();
    assert_eq!((missing, unknown), (Vec::new(), Vec::new()), "(without a test, without a row)");
}

trait Ids {
    fn concat_ids(&self) -> Vec<&'static str>;
}

impl Ids for [Vec<Refused>; 4] {
    fn concat_ids(&self) -> Vec<&'static str> {
        self.iter().flatten().map(|refused| refused.id).collect()
    }
}

/// The text of a row with its placeholders filled.
fn text(id: &str, fills: &[&str]) -> (String, String) {
    let entry = CATALOGUE.iter().find(|entry| entry.api == Api::Messaging && entry.id == id);
    let entry = entry.unwrap_or_else(|| panic!("no row {id}"));
    let mut text = entry.text().to_owned();
    for fill in fills {
        let (before, rest) = text.split_once('{').expect("a placeholder");
        let (_, after) = rest.split_once('}').expect("its end");
        text = format!("{before}{fill}{after}");
    }
    (entry.code.to_string(), text)
}

async fn every_refusal_of_a_request_has_its_text(engine: Engine) {
    let stage = Backstage::new(engine).await.start().await;
    let all = [of_sms(), of_other_channels(), of_limits(), of_buttons()].into_iter().flatten();
    for Refused { id, fills, body } in all {
        eprintln!("{id}: {}", body.to_string().chars().take(200).collect::<String>());
        let (code, text) = text(id, fills);
        stage.post(&body).await.refused(200, &code, &text);
    }
    for table in [Table::Request, Table::Message, Table::Work] {
        assert_eq!(stage.desk.count(table).await, 0, "{table:?}");
    }
}

async fn refusals_at_the_door_come_before_the_body(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let revoked = service(&backstage, "revoked", "revoked", Status::Live).await;
    backstage.desk().revoke_key(revoked.key_id).await;
    let suspended = service(&backstage, "suspended", "suspended", Status::Suspended).await;
    let elsewhere = service(&backstage, "elsewhere", "elsewhere", Status::Live).await;
    backstage.desk().allow_ip(elsewhere.tenant, "192.0.2.0/24").await;
    let slow = service(&backstage, "slow", "slow", Status::Live).await;
    for api in ["messaging", "transaction-status"] {
        backstage.desk().limit(slow.tenant, api, TpsLimit { per_second: 1, burst_mode: false }).await;
    }
    let stage = backstage.start().await;
    let nonsense = "no JSON";
    let post =
        async |headers: &[(&str, &str)]| stage.http.send(Method::POST, MESSAGING, headers, nonsense).await;
    let asked = "0190b3a2-0000-7000-8000-000000000000";
    let look_up = async |headers: &[(&str, &str)]| {
        stage.http.send(Method::GET, &format!("{MESSAGING}/status/{asked}"), headers, "").await
    };

    post(&[]).await.refused(200, "7002", "Service Key Missing");
    look_up(&[]).await.refused_lookup(200, "7002", "Service Key Missing", asked);
    for key in ["wps_unknown", revoked.key.as_str()] {
        post(&[("key", key)]).await.refused(200, "7001", "Authentication failed");
        let foreign = "Transaction is not under this service or service key is invalid";
        look_up(&[("key", key)]).await.refused_lookup(200, "7601", foreign, asked);
    }
    let elsewhere = [("key", elsewhere.key.as_str())];
    post(&elsewhere).await.refused(200, "7010", "Source IP is not whitelisted");
    look_up(&elsewhere).await.refused_lookup(200, "7010", "Source IP is not whitelisted", asked);
    post(&[("key", suspended.key.as_str())]).await.refused(200, "7007", "Service Inactive");

    let slow = [("key", slow.key.as_str())];
    let limit = "You have reached maximum transaction limit";
    until_refused(async || post(&slow).await, "7020").await.refused(200, "7020", limit);
    until_refused(async || look_up(&slow).await, "7020").await.refused_lookup(200, "7020", limit, asked);
    assert_eq!(stage.desk.count(Table::Request).await, 0);
}

/// The first answer with `code`. One request a second is allowed, so of three at least one is refused unless each takes
/// most of a second; ten are tried.
async fn until_refused(ask: impl AsyncFn() -> waypost_suite::Answer, code: &str) -> waypost_suite::Answer {
    for _ in 0..10 {
        let answer = ask().await;
        if answer.json()["response"]["code"] == code {
            return answer;
        }
    }
    panic!("ten requests, none refused with {code}");
}

async fn service(backstage: &Backstage, tenant: &str, slug: &str, status: Status) -> Login {
    let tenant = backstage.tenant(desk::tenant(tenant)).await;
    backstage.desk().create_service(tenant, Service { status, ..desk::service(slug) }).await
}
