//! Templates and smart links: what is filled, what is approved, what a short link does.

use http::Method;
use serde_json::{Value, json};
use waypost_core::channel::Channel;
use waypost_core::time::Micros;
use waypost_simulators::smsc::SmscConfig;
use waypost_store::directory::{Link, admin};
use waypost_store::{Ctx, Sql, TenantId};
use waypost_suite::{Answer, Backstage, Engine, Http, Stage, on_both_engines, received, shown, sms, with};

use crate::SERVER;

on_both_engines!(
    a_template_is_filled_and_sent_and_the_requests_own_text_goes_before_it,
    a_template_that_is_unknown_not_approved_or_of_another_channel_ends_with_7108,
    a_placeholder_without_a_value_ends_with_7121,
    templates_are_made_approved_and_previewed_over_http,
    what_is_wrong_with_a_template_is_told_and_nothing_is_kept,
    another_tenants_template_is_unknown,
    a_short_link_leads_on_and_its_first_call_is_told_as_clicked,
    a_short_link_can_be_switched_off_and_on,
    an_unknown_link_ends_with_7121,
    templates_and_links_are_made_by_command,
);

const TEMPLATES: &str = "/resources/v1/templates";
const TO: &str = "447700900001";
/// When things were set up; nothing depends on it.
const NOW: Micros = Micros::from_secs(1_790_000_000);

/// Adds a version by HTTP: the running server knows it from then on.
async fn template(stage: &Stage, id: &str, channel: &str, channels: Value, approved: bool) {
    let (http, key) = (&stage.http, stage.login.key.as_str());
    // Taken, when it is the second version.
    call(http, key, Method::POST, TEMPLATES, &json!({"templateid": id, "name": "Test"})).await;
    let content = json!({"channel": channel, "channels": channels});
    let added = call(http, key, Method::POST, &format!("{TEMPLATES}/{id}/versions"), &content).await.json();
    let approval = json!({"channel": channel, "version": added["version"], "approved": approved});
    let answer = call(http, key, Method::PUT, &format!("{TEMPLATES}/{id}/approval"), &approval).await;
    assert_eq!(answer.json(), json!({"approved": approved}));
}

fn text(text: &str) -> Value {
    json!({"sms": {"text": text}})
}

/// An SMS of a template.
fn of(template: &str, parameters: Value) -> Value {
    json!({
        "deliverychannel": "sms",
        "message": {"template": template, "parameters": parameters},
        "destination": [{"msisdn": [TO]}],
    })
}

async fn a_template_is_filled_and_sent_and_the_requests_own_text_goes_before_it(engine: Engine) {
    let stage = Stage::start(engine).await;
    template(&stage, "1021", "sms", text("Hi {{name}}, {{ name }}!"), true).await;
    template(&stage, "1021", "sms", text("Not yet {{name}}"), false).await;
    let transid = stage.post(&of("1021", json!({"name": "Ann"}))).await.queued();
    stage.hook.outcome(TO, 7500).await;
    let own =
        with(of("1021", json!({"name": "Ann"})), json!({"channels": {"sms": {"text": "Own {{name}}"}}}));
    stage.post(&own).await.queued();
    let texts: Vec<String> = received(stage.smsc(), 2).await.iter().map(shown).collect();
    assert_eq!(texts, ["Hi Ann, Ann!", "Own Ann"]);
    assert_eq!(stage.record(&transid).await.body, "Hi Ann, Ann!");
}

async fn a_template_that_is_unknown_not_approved_or_of_another_channel_ends_with_7108(engine: Engine) {
    let stage = Stage::start(engine).await;
    template(&stage, "draft", "sms", text("Hi"), false).await;
    template(&stage, "call", "voice", json!({"voice": {"callflowid": "1"}}), true).await;
    for (place, id) in ["nobody", "draft", "call"].into_iter().enumerate() {
        let to = format!("44770090000{place}");
        let request = with(of(id, json!({})), json!({"destination": [{"msisdn": [to]}]}));
        let transid = stage.post(&request).await.queued();
        stage.hook.outcome(&to, 7108).await.assert_outcome(7108, "Failed");
        stage.record(&transid).await.assert_stands("failed", Some(7108));
    }
    assert_eq!(stage.smsc().counters().submits, 0);
}

async fn a_placeholder_without_a_value_ends_with_7121(engine: Engine) {
    let stage = Stage::start(engine).await;
    template(&stage, "1021", "sms", text("Hi {{name}} {{other}}"), true).await;
    let transid = stage.post(&of("1021", json!({"name": "Ann"}))).await.queued();
    stage.hook.outcome(TO, 7121).await.assert_outcome(7121, "Failed");
    stage.record(&transid).await.assert_stands("failed", Some(7121));
}

async fn call(http: &Http, key: &str, method: Method, path: &str, body: &Value) -> Answer {
    let headers = [("key", key), ("content-type", "application/json")];
    http.send(method, path, &headers, body.to_string()).await
}

async fn templates_are_made_approved_and_previewed_over_http(engine: Engine) {
    let stage = Stage::start(engine).await;
    let (http, key) = (&stage.http, stage.login.key.as_str());
    let made = call(http, key, Method::POST, TEMPLATES, &json!({"templateid": "t-1", "name": "Hello"})).await;
    assert_eq!((made.http, made.json()), (200, json!({"template_id": "t-1", "name": "Hello"})));
    let one = format!("{TEMPLATES}/t-1");
    let content = json!({"channel": "sms", "channels": {"sms": {"text": "Hi {{name}} {{link_5}}"}}});
    let added = call(http, key, Method::POST, &format!("{one}/versions"), &content).await;
    assert_eq!((added.http, added.json()), (200, json!({"version": 1})));
    let asked = json!({"channel": "sms", "parameters": {"name": "Άννα"}});
    let preview = call(http, key, Method::POST, &format!("{one}/preview"), &asked).await;
    let expected = json!({"content": {"type": 1, "text": "Hi Άννα {{link_5}}"}, "missing": [], "encoding": "UCS-2",
        "segments": 1});
    assert_eq!((preview.http, preview.json()), (200, expected));
    let approval = json!({"channel": "sms", "version": 1, "approved": true});
    let approved = call(http, key, Method::PUT, &format!("{one}/approval"), &approval).await;
    assert_eq!((approved.http, approved.json()), (200, json!({"approved": true})));
    let mut shown = http.send(Method::GET, &one, &[("key", key)], "").await.json();
    let version = shown["versions"][0].as_object_mut().unwrap();
    assert!(version.remove("created_at").is_some_and(|at| at.is_i64()));
    assert!(version.remove("approved_at").is_some_and(|at| at.is_i64()));
    let version =
        json!({"channel": "sms", "version": 1, "content": {"type": 1, "text": "Hi {{name}} {{link_5}}"}});
    assert_eq!(shown, json!({"template_id": "t-1", "name": "Hello", "versions": [version]}));
    let listed = http.send(Method::GET, TEMPLATES, &[("key", key)], "").await.json();
    assert_eq!(listed, json!({"templates": [{"template_id": "t-1", "name": "Hello"}]}));
    // What is approved can be sent with the next request: with no such link it ends with 7121, not 7108.
    stage.post(&of("t-1", json!({"name": "Ann"}))).await.queued();
    stage.hook.outcome(TO, 7121).await;
}

async fn what_is_wrong_with_a_template_is_told_and_nothing_is_kept(engine: Engine) {
    let stage = Stage::start(engine).await;
    let (http, key) = (&stage.http, stage.login.key.as_str());
    let post = async |path: &str, body: Value| call(http, key, Method::POST, path, &body).await;
    let wrong = "invalid value for param templateid";
    let taken = json!({"templateid": "t-1", "name": "Hello"});
    post(TEMPLATES, taken.clone()).await;
    let detail = post(TEMPLATES, taken).await.refused(200, "7004", wrong);
    assert_eq!(
        (detail.field.as_str(), detail.rule.as_str()),
        ("templateid", "there is a template t-1 already")
    );
    post(TEMPLATES, json!({"templateid": "a b", "name": "x"})).await.refused(200, "7004", wrong);
    post(TEMPLATES, json!({})).await.refused(200, "7003", "param 'name' missing");
    post(TEMPLATES, json!({"name": 1})).await.refused(200, "7004", "invalid value for param name");
    let versions = format!("{TEMPLATES}/t-1/versions");
    let bad = json!({"channel": "fax", "channels": {}});
    post(&versions, bad).await.refused(200, "7004", "invalid value for param channel");
    let empty = json!({"channel": "sms", "channels": {"sms": {}}});
    post(&versions, empty).await.refused(200, "7003", "param 'text' missing for channel sms");
    let content = json!({"channel": "sms", "channels": {"sms": {"text": "x"}}});
    post(&format!("{TEMPLATES}/nobody/versions"), content).await.refused(200, "7004", wrong);
    let headers = [("key", key), ("content-type", "application/json")];
    http.send(Method::POST, TEMPLATES, &headers, "{").await.refused(200, "7000", "Invalid JSON");
    http.send(Method::GET, TEMPLATES, &[], "").await.refused(200, "7002", "Service Key Missing");
    http.send(Method::GET, TEMPLATES, &[("key", "x")], "").await.refused(
        200,
        "7001",
        "Authentication failed",
    );
    let listed = http.send(Method::GET, TEMPLATES, &[("key", key)], "").await.json();
    assert_eq!(listed, json!({"templates": [{"template_id": "t-1", "name": "Hello"}]}));
    let shown = http.send(Method::GET, &format!("{TEMPLATES}/t-1"), &[("key", key)], "").await.json();
    assert_eq!(shown["versions"], json!([]));
}

async fn another_tenants_template_is_unknown(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let other = backstage.tenant(waypost_suite::desk::tenant("other")).await;
    backstage
        .desk()
        .change("set up", move |tx| {
            let ctx = Ctx::operator(TenantId(other));
            admin::create_template(tx, &ctx, NOW, Some("1021"), "Other")?;
            let content = r#"{"type": 1, "text": "Hi"}"#;
            let version = admin::add_template_version(tx, &ctx, NOW, "1021", Channel::Sms, content)?;
            admin::approve_template(tx, &ctx, NOW, ("1021", Channel::Sms, version), true)
        })
        .await;
    let stage = backstage.start().await;
    stage.post(&of("1021", json!({}))).await.queued();
    stage.hook.outcome(TO, 7108).await;
    let listed = stage.http.send(Method::GET, TEMPLATES, &[("key", &stage.login.key)], "").await.json();
    assert_eq!(listed, json!({"templates": []}));
}

/// A server that knows a link.
async fn with_link(engine: Engine, minutes: u32) -> (Stage, i64) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let tenant = backstage.login().tenant;
    let link = Link {
        id: 0,
        tenant: 0,
        name: "shop".to_owned(),
        url: "https://shop.example/shop?a=b".to_owned(),
        validity_minutes: minutes,
        enabled: true,
    };
    let create = move |tx: &mut dyn Sql| admin::create_link(tx, &Ctx::operator(TenantId(tenant)), NOW, &link);
    let id = backstage.desk().change("a link", create).await;
    (backstage.start().await, id)
}

/// Sends a text with a link to a number; the address that arrives.
async fn sent_link(stage: &Stage, to: &str, link: i64, validity: Option<u32>) -> String {
    let mut told = json!({"linkid": link});
    if let Some(minutes) = validity {
        told["validity"] = minutes.into();
    }
    let text = format!("Look: {{{{link_{link}}}}}");
    let request = with(sms(&text, to), json!({"channels": {"sms": {"text": text}, "smartlinks": [told]}}));
    let transid = stage.post(&request).await.queued();
    stage.hook.outcome(to, 7500).await;
    let body = stage.record(&transid).await.body;
    let url = body.strip_prefix("Look: ").unwrap_or_else(|| panic!("{body}")).to_owned();
    let arrived = received(stage.smsc(), 1).await.iter().map(shown).any(|text| text == body);
    assert!(arrived, "{body}");
    url
}

/// The path of an address of this server.
fn path(stage: &Stage, url: &str) -> String {
    let base = format!("http://{}", stage.http.address());
    url.strip_prefix(&base).unwrap_or_else(|| panic!("{url} is not below {base}")).to_owned()
}

async fn a_short_link_leads_on_and_its_first_call_is_told_as_clicked(engine: Engine) {
    let (stage, id) = with_link(engine, 60).await;
    let first = path(&stage, &sent_link(&stage, TO, id, None).await);
    let second = path(&stage, &sent_link(&stage, "447700900002", id, None).await);
    assert_ne!(first, second, "each message has a link of its own");
    let looked = stage.http.send(Method::HEAD, &first, &[], "").await;
    assert_eq!(looked.http, 302);
    for _ in 0..2 {
        let answer = stage.http.get(&first).await;
        let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
        assert_eq!((answer.http, header("location")), (302, Some("https://shop.example/shop?a=b")));
        assert_eq!(
            (header("cache-control"), header("referrer-policy")),
            (Some("no-store"), Some("no-referrer"))
        );
        assert_eq!(answer.text(), "");
    }
    stage.hook.outcome(TO, 7528).await.assert_outcome(7528, "Clicked");
    let clicked = stage.hook.notifications().into_iter().filter(|told| told.code() == 7528).count();
    assert_eq!(clicked, 1, "told once");
    let rows = stage.desk.read(|tx| tx.query("SELECT message FROM link_click", &[])).await;
    assert_eq!(rows.len(), 2, "each call is kept, a look is not");
    for path in ["/l/0", "/l/abcdefghijk", "/l/%ff", &format!("{first}0")] {
        let answer = stage.http.get(path).await;
        assert_eq!((answer.http, answer.text()), (404, "There is no such link.\n"), "{path}");
    }
}

async fn a_short_link_can_be_switched_off_and_on(engine: Engine) {
    let (mut stage, id) = with_link(engine, 60).await;
    let own = path(&stage, &sent_link(&stage, TO, id, Some(1)).await);
    let of_link = path(&stage, &sent_link(&stage, "447700900002", id, None).await);
    let gone = |answer: Answer| assert_eq!((answer.http, answer.text()), (410, "This link has expired.\n"));
    let tenant = stage.login.tenant;
    let switch = move |on: bool| {
        move |tx: &mut dyn Sql| admin::switch_link(tx, &Ctx::operator(TenantId(tenant)), NOW, id, on)
    };
    stage.desk.change("off", switch(false)).await;
    stage.stop().await;
    stage.start_again().await;
    gone(stage.http.get(&of_link).await);
    stage.desk.change("on", switch(true)).await;
    stage.stop().await;
    stage.start_again().await;
    assert_eq!(stage.http.get(&of_link).await.http, 302);
    assert_eq!(stage.http.get(&own).await.http, 302);
}

async fn an_unknown_link_ends_with_7121(engine: Engine) {
    let stage = Stage::start(engine).await;
    let request = with(
        sms("Look: {{link_5}}", TO),
        json!({"channels": {"sms": {"text": "Look: {{link_5}}"}, "smartlinks": [{"linkid": 5}]}}),
    );
    stage.post(&request).await.queued();
    stage.hook.outcome(TO, 7121).await;
}

async fn templates_and_links_are_made_by_command(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let stage = backstage.start_process(SERVER).await;
    let slug = stage.login.tenant_slug.as_str();
    let run = async |arguments: &[&str]| stage.command(SERVER, arguments, &[]).await;
    let made = run(&["admin", "template", "create", "--tenant", slug, "Hello"]).await;
    let id = made["template_id"].as_str().unwrap().to_owned();
    let add =
        ["admin", "template", "add", "--tenant", slug, &id, "--channel", "sms", "--text", "Hi {{name}}"];
    let added = run(&add).await;
    assert_eq!(added, json!({"version": 1, "approved": false, "parameters": ["name"]}));
    let approve =
        ["admin", "template", "approve", "--tenant", slug, &id, "--channel", "sms", "--version", "1"];
    assert_eq!(run(&approve).await, json!({"done": "template.approve", "name": id}));
    let preview = run(&["admin", "template", "preview", "--tenant", slug, &id, "name=Ann"]).await;
    let expected =
        json!({"content": {"type": 1, "text": "Hi Ann"}, "missing": [], "encoding": "GSM-7", "segments": 1});
    assert_eq!(preview, expected);
    let shown = run(&["admin", "template", "show", "--tenant", slug, &id]).await;
    assert_eq!((&shown[0]["version"], &shown[0]["parameters"]), (&json!(1), &json!(["name"])));
    let made =
        run(&["admin", "link", "create", "--tenant", slug, "--name", "shop", "https://shop.example/"]).await;
    let expected = json!({"id": 1, "name": "shop", "url": "https://shop.example/", "validity_minutes": 43_200,
        "enabled": true});
    assert_eq!(made, expected);
    assert_eq!(run(&["admin", "link", "list", "--tenant", slug]).await, json!([expected]));
}
