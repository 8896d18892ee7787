//! Events and rules: what is told of is answered with a template, once, after its delay, when its conditions hold.

use http::Method;
use serde_json::{Value, json};
use waypost_channels::smpp::Address;
use waypost_core::channel::Channel;
use waypost_core::time::Micros;
use waypost_messaging::records::happening::{self, Made};
use waypost_simulators::smsc::{Mo, SmscConfig};
use waypost_status::Api;
use waypost_store::directory::{Comparison, Condition, EventParameter, Happens, ParameterKind, Rule, admin};
use waypost_store::{Ctx, Sql, TenantId};
use waypost_suite::{Answer, Backstage, Engine, Stage, on_both_engines, proof, received, shown};

use crate::SERVER;

on_both_engines!(
    an_event_is_answered_by_the_rules_whose_conditions_hold,
    a_rule_whose_template_is_not_approved_makes_a_message_that_says_so,
    what_a_rule_cannot_send_is_noted,
    an_event_under_an_idempotency_key_is_answered_by_its_rules_once,
    every_code_of_the_events_api_is_told,
    a_rule_waits_for_its_delay_over_a_restart_and_sends_once,
    a_rule_put_out_of_force_sends_nothing,
    another_tenants_event_is_unknown_and_wakes_nobody,
    a_receipt_wakes_a_rule_and_the_answers_own_receipt_does_not,
    an_inbound_message_wakes_a_rule_of_its_service,
    a_changed_customer_wakes_a_rule,
    events_and_rules_are_made_by_command,
);

const EVENTS: &str = "/resources/v1/events/externalevent";
pub(crate) const TO: &str = "447700900001";
const OURS: &str = "447700900500";
/// When things were set up; nothing depends on it.
pub(crate) const NOW: Micros = Micros::from_secs(1_790_000_000);
/// A rule's delay that no test waits for.
const LATER_S: u32 = 3_600;

/// Tells of events with the default service's key.
async fn tell(stage: &Stage, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut all = vec![("content-type", "application/json")];
    all.extend_from_slice(headers);
    stage.http.send(Method::POST, EVENTS, &all, body.to_owned()).await
}

pub(crate) async fn told(stage: &Stage, body: &Value) -> Answer {
    tell(stage, &[("key", &stage.login.key)], &body.to_string()).await
}

pub(crate) fn one(event: i64, parameters: &Value) -> Value {
    json!({"events": [{"evtid": event.to_string(), "correlationid": "e-1", "parameters": parameters}]})
}

/// The code and text of each element, or of the refused request; noted as seen.
fn codes(answer: &Answer) -> Vec<(String, String)> {
    let response = answer.json()["response"].take();
    let units = response.as_array().cloned().unwrap_or_else(|| vec![response]);
    let text = |unit: &Value, name: &str| unit[name].as_str().expect("a text").to_owned();
    let mut codes = Vec::new();
    for unit in &units {
        let (code, description) = (text(unit, "code"), text(unit, "description"));
        proof::seen(Api::Event, &code, &description);
        codes.push((code, description));
    }
    codes
}

pub(crate) fn assert_queued(answer: &Answer) {
    assert_eq!(answer.http, 200, "{}", answer.text());
    assert_eq!(codes(answer), [("1002".to_owned(), "Queues".to_owned())]);
}

/// The approved SMS template `hello`.
async fn template(backstage: &Backstage) {
    let tenant = backstage.login().tenant;
    let job = move |tx: &mut dyn Sql| {
        let ctx = Ctx::operator(TenantId(tenant));
        admin::create_template(tx, &ctx, NOW, Some("hello"), "Hello")?;
        let content = json!({"type": 1, "text": "Hello {{name}}"}).to_string();
        let version = admin::add_template_version(tx, &ctx, NOW, "hello", Channel::Sms, &content)?;
        admin::approve_template(tx, &ctx, NOW, ("hello", Channel::Sms, version), true)
    };
    backstage.desk().change("set up", job).await;
}

/// An event with `name`, which is mandatory, `msisdn` and the number `amount`.
async fn event(backstage: &Backstage, tenant: i64) -> i64 {
    let parameter = |name: &str, kind, mandatory| EventParameter {
        name: name.to_owned(),
        kind,
        mandatory,
        default: None,
    };
    let parameters = [
        parameter("name", ParameterKind::Text, true),
        parameter("msisdn", ParameterKind::Text, false),
        parameter("amount", ParameterKind::Number, false),
    ];
    let job = move |tx: &mut dyn Sql| {
        admin::create_event(tx, &Ctx::operator(TenantId(tenant)), NOW, "order", &parameters)
    };
    backstage.desk().change("set up", job).await
}

/// A rule that sends `hello` to the number in `to`.
pub(crate) fn rule(name: &str, happens: Happens, event: Option<i64>, to: &str) -> Rule {
    let destination = json!({"msisdn": [to]});
    Rule {
        id: 0,
        tenant: 0,
        service: 0,
        name: name.to_owned(),
        happens,
        event,
        conditions: Vec::new(),
        template: "hello".to_owned(),
        channel: Channel::Sms,
        destination: destination.as_object().expect("an object").clone(),
        delay_s: 0,
        enabled: true,
    }
}

/// Puts a rule of the default service in force.
pub(crate) async fn keep(backstage: &Backstage, rule: Rule) -> i64 {
    let (tenant, service) = (backstage.login().tenant, backstage.login().service);
    let rule = Rule { service, ..rule };
    let job = move |tx: &mut dyn Sql| admin::create_rule(tx, &Ctx::operator(TenantId(tenant)), NOW, &rule);
    backstage.desk().change("set up", job).await
}

/// A server with the template and the event, not started yet.
pub(crate) async fn set_up(engine: Engine) -> (Backstage, i64) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    template(&backstage).await;
    let event = event(&backstage, backstage.login().tenant).await;
    (backstage, event)
}

pub(crate) fn condition(fact: &str, is: Comparison, value: &str) -> Condition {
    Condition { fact: fact.to_owned(), is, value: value.to_owned() }
}

/// What rules made, newest first, once there is as much as `count`.
pub(crate) async fn made(stage: &Stage, count: usize) -> Vec<Made> {
    let tenant = stage.login.tenant;
    let look = move |tx: &mut dyn Sql| {
        let made = happening::newest_made(tx, &Ctx::operator(TenantId(tenant)), 100)?;
        Ok((made.len() >= count).then_some(made))
    };
    stage.desk.until("rules to have answered", look).await
}

async fn an_event_is_answered_by_the_rules_whose_conditions_hold(engine: Engine) {
    let (backstage, event) = set_up(engine).await;
    let mut large = rule("large", Happens::Event, Some(event), "{{msisdn}}");
    large.conditions = vec![condition("amount", Comparison::Above, "100")];
    let mut small = rule("small", Happens::Event, Some(event), "447700900009");
    small.conditions = vec![condition("amount", Comparison::Below, "100")];
    keep(&backstage, large).await;
    keep(&backstage, small).await;
    let stage = backstage.start().await;
    let body = one(event, &json!({"name": "Ann", "msisdn": TO, "amount": 150}));
    assert_queued(&told(&stage, &body).await);
    let heard = stage.hook.outcome(TO, 7500).await;
    assert_eq!(heard.json["deliveryInfoNotification"]["correlationid"], "e-1", "the event's own reference");
    let texts: Vec<String> = received(stage.smsc(), 1).await.iter().map(shown).collect();
    assert_eq!(texts, ["Hello Ann"]);
    let made = made(&stage, 1).await;
    assert_eq!((made.len(), made[0].message.is_some(), made[0].note.as_str()), (1, true, ""));
    // Without a rule that answers it an event is kept all the same.
    assert_queued(&told(&stage, &one(event, &json!({"name": "Ann", "amount": 100}))).await);
    let rows = stage.desk.read(|tx| tx.query("SELECT id FROM happening", &[])).await;
    assert_eq!(rows.len(), 2);
}

async fn a_rule_whose_template_is_not_approved_makes_a_message_that_says_so(engine: Engine) {
    let (backstage, event) = set_up(engine).await;
    keep(&backstage, rule("e", Happens::Event, Some(event), TO)).await;
    let login = backstage.login().clone();
    let job = move |tx: &mut dyn Sql| {
        admin::approve_template(
            tx,
            &Ctx::operator(TenantId(login.tenant)),
            NOW,
            ("hello", Channel::Sms, 1),
            false,
        )
    };
    backstage.desk().change("withdraw", job).await;
    let stage = backstage.start().await;
    assert_queued(&told(&stage, &one(event, &json!({"name": "Ann"}))).await);
    stage.hook.outcome(TO, 7108).await.assert_outcome(7108, "Failed");
    assert_eq!(stage.smsc().counters().submits, 0);
}

async fn what_a_rule_cannot_send_is_noted(engine: Engine) {
    let (backstage, event) = set_up(engine).await;
    keep(&backstage, rule("no number", Happens::Event, Some(event), "{{msisdn}}")).await;
    let mut no_type = rule("no type", Happens::Event, Some(event), TO);
    no_type.destination = json!({"fax": [TO]}).as_object().expect("an object").clone();
    keep(&backstage, no_type).await;
    let stage = backstage.start().await;
    assert_queued(&told(&stage, &one(event, &json!({"name": "Ann"}))).await);
    let made = made(&stage, 2).await;
    assert!(made.iter().all(|made| made.message.is_none()));
    assert_eq!(made[0].note, "the destination needs the fact msisdn, which is not known");
    assert!(made[1].note.starts_with("destination"), "{}", made[1].note);
    let work = stage.desk.read(|tx| tx.query("SELECT id FROM work", &[])).await;
    assert_eq!((work.len(), stage.smsc().counters().submits), (0, 0));
}

async fn an_event_under_an_idempotency_key_is_answered_by_its_rules_once(engine: Engine) {
    let (backstage, event) = set_up(engine).await;
    keep(&backstage, rule("r", Happens::Event, Some(event), TO)).await;
    let stage = backstage.start().await;
    let key = stage.login.key.clone();
    let send = async |body: &Value| {
        tell(&stage, &[("key", &key), ("idempotency-key", "k-1")], &body.to_string()).await
    };
    let body = one(event, &json!({"name": "Ann"}));
    let first = send(&body).await;
    assert_queued(&first);
    let again = send(&body).await;
    assert_eq!(
        (&again.body, &again.headers["idempotency-replayed"]),
        (&first.body, &"true".parse().unwrap())
    );
    let other = send(&one(event, &json!({"name": "Bob"}))).await;
    assert_eq!(codes(&other)[0].0, "7040");
    stage.hook.outcome(TO, 7500).await;
    let rows = stage.desk.read(|tx| tx.query("SELECT id FROM happening", &[])).await;
    assert_eq!((rows.len(), made(&stage, 1).await.len()), (1, 1));
}

async fn every_code_of_the_events_api_is_told(engine: Engine) {
    let (backstage, event) = set_up(engine).await;
    let stage = backstage.start().await;
    let key = stage.login.key.as_str();
    let good = one(event, &json!({"name": "Ann"})).to_string();
    let seen =
        async |headers: &[(&str, &str)], body: &str| codes(&tell(&stage, headers, body).await).remove(0);
    let said = |code: &str, text: &str| (code.to_owned(), text.to_owned());
    assert_eq!(seen(&[], &good).await, said("7002", "Service key missing"));
    assert_eq!(seen(&[("key", "x")], &good).await, said("7001", "Authentication failed"));
    let with_key = [("key", key)];
    assert_eq!(seen(&with_key, "{").await, said("7000", "Invalid JSON"));
    assert_eq!(seen(&with_key, "{}").await, said("7003", "Mandatory parameter 'events' missing"));
    assert_eq!(seen(&with_key, r#"{"events":[]}"#).await, said("7004", "'events' array shouldn't be empty"));
    assert_eq!(seen(&with_key, r#"{"events":["x"]}"#).await, said("7004", "Invalid value"));
    let unknown = one(event + 1, &json!({"name": "Ann"})).to_string();
    assert_eq!(seen(&with_key, &unknown).await, said("7004", "invalid value for param evtid"));
    let without = one(event, &json!({})).to_string();
    assert_eq!(seen(&with_key, &without).await, said("7025", "Mandatory custom parameters missing"));
    let past = json!({"expiry": "2015-04-12T13:00:19.456Z", "events": [{}]}).to_string();
    assert_eq!(seen(&with_key, &past).await, said("7019", "Request expired"));
    assert_eq!(seen(&with_key, &good).await, said("1002", "Queues"));
    let rows = stage.desk.read(|tx| tx.query("SELECT id FROM happening", &[])).await;
    assert_eq!(rows.len(), 1, "nothing is kept of what is refused");
}

/// Ends every delay, as if its time had passed.
async fn hours_later(stage: &Stage) {
    let job = |tx: &mut dyn Sql| tx.exec("UPDATE work SET ready_at = 0", &[]);
    assert_eq!(stage.desk.change("hours pass", job).await, 1);
}

async fn a_rule_waits_for_its_delay_over_a_restart_and_sends_once(engine: Engine) {
    let (backstage, event) = set_up(engine).await;
    let mut later = rule("later", Happens::Event, Some(event), TO);
    later.delay_s = LATER_S;
    keep(&backstage, later).await;
    let mut stage = backstage.start().await;
    assert_queued(&told(&stage, &one(event, &json!({"name": "Ann"}))).await);
    let sql = "SELECT (ready_at - created_at) / 1000000 FROM work";
    let waits = stage.desk.read(move |tx| tx.query(sql, &[])?[0].int(0)).await;
    // An id's time is in milliseconds.
    assert!((i64::from(LATER_S) - 1..=i64::from(LATER_S)).contains(&waits), "{waits}");
    stage.stop().await;
    hours_later(&stage).await;
    stage.start_again().await;
    stage.hook.outcome(TO, 7500).await;
    assert_eq!((made(&stage, 1).await.len(), stage.smsc().counters().submits), (1, 1));
}

async fn a_rule_put_out_of_force_sends_nothing(engine: Engine) {
    let (backstage, event) = set_up(engine).await;
    let mut later = rule("later", Happens::Event, Some(event), TO);
    later.delay_s = LATER_S;
    let id = keep(&backstage, later).await;
    let mut stage = backstage.start().await;
    assert_queued(&told(&stage, &one(event, &json!({"name": "Ann"}))).await);
    stage.stop().await;
    let tenant = stage.login.tenant;
    let off =
        move |tx: &mut dyn Sql| admin::switch_rule(tx, &Ctx::operator(TenantId(tenant)), NOW, id, false);
    stage.desk.change("switch", off).await;
    hours_later(&stage).await;
    stage.start_again().await;
    let made = made(&stage, 1).await;
    assert_eq!(made[0].note, "the rule was put out of force while it waited");
    assert_eq!((made[0].message, stage.smsc().counters().submits), (None, 0));
}

async fn another_tenants_event_is_unknown_and_wakes_nobody(engine: Engine) {
    let (backstage, own) = set_up(engine).await;
    let other = backstage.tenant(waypost_suite::desk::tenant("other")).await;
    let foreign = event(&backstage, other).await;
    assert_ne!(own, foreign);
    let stage = backstage.start().await;
    let answer = told(&stage, &one(foreign, &json!({"name": "Ann"}))).await;
    assert_eq!(codes(&answer)[0], ("7004".to_owned(), "invalid value for param evtid".to_owned()));
    let rows = stage.desk.read(|tx| tx.query("SELECT id FROM happening", &[])).await;
    assert!(rows.is_empty());
}

async fn a_receipt_wakes_a_rule_and_the_answers_own_receipt_does_not(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    template(&backstage).await;
    let mut rule = rule("told", Happens::Receipt, None, "447700900002");
    rule.conditions = vec![condition("code", Comparison::Equal, "7500")];
    // A receipt knows no name: the template is filled with what it knows.
    let tenant = backstage.login().tenant;
    let job = move |tx: &mut dyn Sql| {
        let ctx = Ctx::operator(TenantId(tenant));
        let content = json!({"type": 1, "text": "{{destination}} got it"}).to_string();
        let version = admin::add_template_version(tx, &ctx, NOW, "hello", Channel::Sms, &content)?;
        admin::approve_template(tx, &ctx, NOW, ("hello", Channel::Sms, version), true)
    };
    backstage.desk().change("set up", job).await;
    keep(&backstage, rule).await;
    let stage = backstage.start().await;
    stage.send("Hi", TO).await;
    stage.hook.outcome("447700900002", 7500).await;
    let mut texts: Vec<String> = received(stage.smsc(), 2).await.iter().map(shown).collect();
    texts.sort();
    assert_eq!(texts, [format!("{TO} got it"), "Hi".to_owned()]);
    assert_eq!(made(&stage, 1).await.len(), 1);
    let rows = stage.desk.read(|tx| tx.query("SELECT id FROM happening", &[])).await;
    assert_eq!(rows.len(), 1, "the answer's own receipt wakes nobody");
}

async fn an_inbound_message_wakes_a_rule_of_its_service(engine: Engine) {
    let (backstage, _) = set_up(engine).await;
    let tenant = backstage.login().tenant;
    let job = move |tx: &mut dyn Sql| {
        let ctx = Ctx::operator(TenantId(tenant));
        let content = json!({"type": 1, "text": "You said {{keyword}}"}).to_string();
        let version = admin::add_template_version(tx, &ctx, NOW, "hello", Channel::Sms, &content)?;
        admin::approve_template(tx, &ctx, NOW, ("hello", Channel::Sms, version), true)
    };
    backstage.desk().change("set up", job).await;
    backstage.desk().add_sender(tenant, OURS).await;
    let mut help = rule("help", Happens::Inbound, None, "{{from}}");
    help.conditions = vec![condition("keyword", Comparison::Equal, "help")];
    keep(&backstage, help).await;
    let stage = backstage.start().await;
    for text in ["Hello there", "HELP me"] {
        let (source, dest) = (Address::new(1, 1, TO), Address::new(1, 1, OURS));
        let payload = text.as_bytes().into();
        let mo = Mo { source, dest, data_coding: 0, udh: bytes::Bytes::new(), payload };
        stage.smsc().inject_mo(mo).expect("room in the outbox");
    }
    stage.hook.outcome(TO, 7500).await;
    let texts: Vec<String> = received(stage.smsc(), 1).await.iter().map(shown).collect();
    assert_eq!((texts, made(&stage, 1).await.len()), (vec!["You said help".to_owned()], 1));
}

async fn a_changed_customer_wakes_a_rule(engine: Engine) {
    let (backstage, _) = set_up(engine).await;
    let mut welcome = rule("welcome", Happens::Profile, None, "{{msisdn}}");
    welcome.conditions = vec![condition("change", Comparison::Equal, "created")];
    keep(&backstage, welcome).await;
    let tenant = backstage.login().tenant;
    let job = move |tx: &mut dyn Sql| {
        let ctx = Ctx::operator(TenantId(tenant));
        let content = json!({"type": 1, "text": "Welcome {{customerid}}"}).to_string();
        let version = admin::add_template_version(tx, &ctx, NOW, "hello", Channel::Sms, &content)?;
        admin::approve_template(tx, &ctx, NOW, ("hello", Channel::Sms, version), true)?;
        Ok(admin::create_key(tx, &ctx, NOW, None)?.text)
    };
    let key = backstage.desk().change("set up", job).await;
    let stage = backstage.start().await;
    let record = json!({"customerId": "c-1", "Attributes": {"msisdn": TO}});
    let body = json!({"Records": [record]}).to_string();
    let headers = [("key", key.as_str()), ("content-type", "application/json")];
    for method in [Method::POST, Method::PUT] {
        let path = "/resources/v2/customerprofile";
        let answer = stage.http.send(method, path, &headers, body.clone()).await;
        assert_eq!(answer.json()["code"], "1000", "{}", answer.text());
    }
    stage.hook.outcome(TO, 7500).await;
    let texts: Vec<String> = received(stage.smsc(), 1).await.iter().map(shown).collect();
    assert_eq!((texts, made(&stage, 1).await.len()), (vec!["Welcome c-1".to_owned()], 1));
}

async fn events_and_rules_are_made_by_command(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    template(&backstage).await;
    let stage = backstage.start_process(SERVER).await;
    let slug = stage.login.tenant_slug.as_str();
    let run = async |arguments: &[&str]| stage.command(SERVER, arguments, &[]).await;
    let made = run(&[
        "admin",
        "event",
        "create",
        "--tenant",
        slug,
        "--parameter",
        "name!",
        "--parameter",
        "amount:number=1",
        "order",
    ])
    .await;
    let expected = json!({"id": 1, "name": "order", "enabled": true, "parameters": [
        {"name": "name", "kind": "text", "mandatory": true},
        {"name": "amount", "kind": "number", "mandatory": false, "default": "1"},
    ]});
    assert_eq!(made, expected);
    assert_eq!(run(&["admin", "event", "list", "--tenant", slug]).await, json!([expected]));
    let made = run(&[
        "admin",
        "rule",
        "create",
        "--tenant",
        slug,
        "--service",
        "alerts",
        "--event",
        "1",
        "--if",
        "amount>0",
        "--template",
        "hello",
        "--to",
        "msisdn={{msisdn}}",
        "--delay-s",
        "5",
        "greet",
    ])
    .await;
    let expected = json!({"id": 1, "service": stage.login.service, "name": "greet", "happens": "event", "event": 1,
        "conditions": [{"fact": "amount", "is": "above", "value": "0"}], "template": "hello",
        "destination": {"msisdn": ["{{msisdn}}"]}, "delay_s": 5, "enabled": true});
    assert_eq!(made, expected);
    let off = run(&["admin", "rule", "disable", "--tenant", slug, "1"]).await;
    assert_eq!(off, json!({"done": "rule.disable", "name": "1"}));
    let listed = run(&["admin", "rule", "list", "--tenant", slug]).await;
    assert_eq!(listed[0]["enabled"], false);
    assert_eq!(run(&["admin", "rule", "made", "--tenant", slug]).await, json!([]));
    let off = run(&["admin", "event", "disable", "--tenant", slug, "1"]).await;
    assert_eq!(off, json!({"done": "event.disable", "name": "1"}));
}
