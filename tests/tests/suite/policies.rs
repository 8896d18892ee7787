//! The policies of a tenant: each code told to the client, in the story, and nothing sent.

use serde_json::{Value, json};
use waypost_core::channel::Channel;
use waypost_core::time::{Clock, Micros, SystemClock};
use waypost_messaging::records::trace;
use waypost_simulators::smsc::SmscConfig;
use waypost_store::directory::{AppKind, PolicySettings, Service, Tenant, admin, dnd};
use waypost_store::{Actor, Ctx, Sql, StoreError, TenantId};
use waypost_suite::{Backstage, Engine, Login, Stage, desk, on_both_engines, proof, sms, sms_to};

on_both_engines!(
    a_switched_off_profile_is_answered_and_ends_what_is_queued,
    a_spam_phrase_ends_a_message_of_its_tenant_or_of_all,
    a_number_on_the_platforms_list_is_left_alone_by_all,
    a_promotional_service_keeps_to_the_social_hours,
    a_tenant_on_trial_sends_to_verified_destinations_only,
    a_text_longer_than_the_tenant_allows_is_not_sent,
    a_feature_of_an_app_that_is_off_is_told_so,
    a_channel_has_a_limit_of_its_own,
);

const TO: &str = "447700900001";

/// A context of the operator inside a tenant.
fn of(tenant: i64) -> Ctx {
    Ctx::of(tenant, Actor::Operator)
}

fn now() -> Micros {
    SystemClock.now()
}

/// Changes what is set up before the server starts.
async fn set_up(
    backstage: &Backstage,
    job: impl Fn(&mut dyn Sql, &Ctx) -> Result<(), StoreError> + Send + 'static,
) {
    let ctx = of(backstage.login().tenant);
    backstage.desk().change("setting policies up", move |tx| job(tx, &ctx)).await;
}

async fn policy(
    backstage: &Backstage,
    service: Option<i64>,
    set: impl Fn(&mut PolicySettings) + Send + Copy + 'static,
) {
    set_up(backstage, move |tx, ctx| admin::change_policy(tx, ctx, now(), service, set).map(|_| ())).await;
}

/// The lines of the story that tell of a policy.
async fn story(stage: &Stage, transid: &str) -> Vec<(String, Option<u16>, String)> {
    let asked = transid.to_owned();
    let found = stage.desk.read(move |tx| trace::find(tx, &Ctx::all("test"), &asked)).await;
    let told = found.into_iter().flat_map(|traced| traced.story);
    told.filter(|line| line.kind.contains("policy"))
        .map(|line| (line.kind.to_owned(), line.code, line.detail))
        .collect()
}

/// Sends to one number; the code is told, the story says why, the provider sees nothing.
async fn refused(stage: &Stage, code: u16, why: &str) {
    let transid = stage.send("Hi", TO).await;
    let status = if matches!(code, 7107 | 7109 | 7111) { "Un-Delivered" } else { "Failed" };
    stage.hook.outcome(TO, code).await.assert_outcome(code, status);
    stage.record(&transid).await.assert_stands("failed", Some(code));
    let expected = [("refused by policy".to_owned(), Some(code), why.to_owned())];
    assert_eq!(story(stage, &transid).await, expected);
    assert_eq!(stage.smsc().counters().submits, 0, "nothing is sent");
}

async fn base(engine: Engine) -> Backstage {
    Backstage::new(engine).await.smsc(SmscConfig::default()).await
}

async fn a_switched_off_profile_is_answered_and_ends_what_is_queued(engine: Engine) {
    // What is queued waits for a connection that is not there yet.
    let address = waypost_suite::free_address();
    let mut stage = Backstage::new(engine).await.link_to(address).await.start().await;
    let transid = stage.send("Hi", TO).await;
    stage.stop().await;
    let ctx = of(stage.login.tenant);
    stage
        .desk
        .change("switching off", move |tx| {
            admin::change_policy(tx, &ctx, now(), None, |settings| settings.switched_off = true).map(|_| ())
        })
        .await;
    stage.start_again().await;
    stage.hook.outcome(TO, 7008).await.assert_outcome(7008, "Failed");
    stage.record(&transid).await.assert_stands("failed", Some(7008));
    stage.post(&sms("Hi", TO)).await.refused(200, "7008", "Inactive Profile");
}

async fn a_spam_phrase_ends_a_message_of_its_tenant_or_of_all(engine: Engine) {
    let backstage = base(engine).await;
    set_up(&backstage, |tx, ctx| {
        admin::add_spam(tx, ctx, now(), "free money")?;
        admin::add_spam(tx, &Ctx::operator(TenantId::ALL), now(), "casino")
    })
    .await;
    let stage = backstage.start().await;
    for (text, to, list) in [
        ("FREE  money!", "447700900002", "tenant's list: free money"),
        ("Casino", "447700900003", "platform's list: casino"),
    ] {
        let transid = stage.send(text, to).await;
        stage.hook.outcome(to, 7111).await.assert_outcome(7111, "Un-Delivered");
        stage.record(&transid).await.assert_stands("failed", Some(7111));
        let why = format!("spam: a phrase of the {list}");
        assert_eq!(story(&stage, &transid).await, [("refused by policy".to_owned(), Some(7111), why)]);
    }
    stage.send("freemoney, casinos", TO).await;
    stage.hook.outcome(TO, 7500).await;
}

async fn a_number_on_the_platforms_list_is_left_alone_by_all(engine: Engine) {
    let backstage = base(engine).await;
    set_up(&backstage, |tx, _| dnd::add(tx, &Ctx::operator(TenantId::ALL), TO, "operator", now())).await;
    let stage = backstage.start().await;
    refused(&stage, 7109, "do not disturb: the number is on a list").await;
    stage.send("Hi", "447700900002").await;
    stage.hook.outcome("447700900002", 7500).await;
}

async fn a_promotional_service_keeps_to_the_social_hours(engine: Engine) {
    let backstage = base(engine).await;
    let service = Some(backstage.login().service);
    // A window that ended twelve hours ago and begins in eleven.
    let hour = (now().as_secs() / 3_600 + 11) % 24;
    let window = format!("{hour:02}:00-{:02}:00", (hour + 1) % 24);
    let hours = window.clone();
    set_up(&backstage, move |tx, ctx| {
        admin::change_policy(tx, ctx, now(), None, |settings| settings.social_hours = Some(hours.clone()))
            .map(|_| ())
    })
    .await;
    let other = Service {
        notify_url: Some(backstage.hook().url("/dlr")),
        default_sender: Some(waypost_suite::SENDER.to_owned()),
        ..desk::service("codes")
    };
    let other = backstage.desk().create_service(backstage.login().tenant, other).await;
    policy(&backstage, service, |settings| settings.promotional = true).await;
    let stage = backstage.start().await;
    let transid = stage.send("Hi", TO).await;
    stage.hook.outcome(TO, 7113).await.assert_outcome(7113, "Failed");
    stage.record(&transid).await.assert_stands("failed", Some(7113));
    let told = story(&stage, &transid).await;
    assert!(told[0].2.ends_with(&format!("promotional messages leave {window}")), "{told:?}");
    assert_eq!(stage.smsc().counters().submits, 0);
    stage.http.post(&other.key, &sms("Your code", "447700900002")).await.queued();
    stage.hook.outcome("447700900002", 7500).await;
}

async fn a_tenant_on_trial_sends_to_verified_destinations_only(engine: Engine) {
    let backstage = base(engine).await;
    policy(&backstage, None, |settings| settings.verified_only = true).await;
    set_up(&backstage, |tx, ctx| admin::add_verified(tx, ctx, now(), "+447700900002")).await;
    let stage = backstage.start().await;
    let why = "neither its profile nor the tenant's list says that it is verified";
    refused(&stage, 7116, &format!("verified destinations: {why}")).await;
    stage.send("Hi", "447700900002").await;
    stage.hook.outcome("447700900002", 7500).await;
}

async fn a_text_longer_than_the_tenant_allows_is_not_sent(engine: Engine) {
    let backstage = base(engine).await;
    policy(&backstage, None, |settings| settings.text_chars_max = Some(1)).await;
    let stage = backstage.start().await;
    refused(&stage, 7107, "message length: 2 characters, 1 are allowed").await;
    stage.send("é", "447700900002").await;
    stage.hook.outcome("447700900002", 7500).await;
}

/// A tenant of the sandbox with one mobile app.
async fn mobile(backstage: &Backstage) -> Login {
    let tenant = backstage.tenant(Tenant { sandbox: true, ..desk::tenant("mobile") }).await;
    let service = Service { notify_url: Some(backstage.hook().url("/dlr")), ..desk::service("alerts") };
    let login = backstage.desk().create_service(tenant, service).await;
    backstage.desk().create_app(tenant, "MU00000001", AppKind::Mobile).await;
    for channel in ["push", "rt"] {
        backstage.desk().default_app(tenant, login.service, channel, "MU00000001").await;
    }
    login
}

async fn a_feature_of_an_app_that_is_off_is_told_so(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let login = mobile(&backstage).await;
    let ctx = of(login.tenant);
    backstage
        .desk()
        .change("switching features off", move |tx| {
            admin::update_app(tx, &ctx, now(), "MU00000001", |app| (app.push, app.rt) = (false, false))
                .map(|_| ())
        })
        .await;
    let stage = backstage.start().await;
    let cases: [(&str, u16, Value, Value); 2] = [
        ("rt", 7117, json!({"appmessaging": {"message": {"text": "Hi"}}}), json!([{"userid": ["user-a"]}])),
        (
            "push",
            7118,
            json!({"push": {"android": {"text": "Hi"}}}),
            json!([{"android_pushid": ["token-a"]}]),
        ),
    ];
    for (channel, code, content, destination) in cases {
        let to = destination[0].as_object().unwrap().values().next().unwrap()[0].as_str().unwrap().to_owned();
        let request = json!({"deliverychannel": channel, "channels": content, "destination": destination});
        let transid = stage.http.post(&login.key, &request).await.queued();
        let told = stage.hook.outcome(&to, code).await;
        assert_eq!((told.code(), told.status()), (code, "Failed"));
        let description = told.json["deliveryInfoNotification"]["deliveryInfo"]["Description"].clone();
        proof::notified_on(channel, code, description.as_str().unwrap());
        let lines = story(&stage, &transid).await;
        assert_eq!((lines.len(), lines[0].1), (1, Some(code)), "{lines:?}");
    }
}

async fn a_channel_has_a_limit_of_its_own(engine: Engine) {
    let backstage = base(engine).await;
    let limit = waypost_store::directory::TpsLimit { per_second: 1, burst_mode: false };
    let name = waypost_messaging::api::channel_limit(Channel::Sms);
    set_up(&backstage, move |tx, ctx| admin::set_limit(tx, ctx, now(), &name, limit)).await;
    let stage = backstage.start().await;
    let request = sms_to("Hi", &[TO.to_owned()]);
    let requests: Vec<_> = (0..40)
        .map(|_| {
            let (http, key, request) = (stage.http.clone(), stage.login.key.clone(), request.clone());
            tokio::spawn(async move { http.post(&key, &request).await })
        })
        .collect();
    let mut refused = 0;
    for request in requests {
        let answer = request.await.unwrap();
        if answer.json()["response"].is_object() {
            answer.refused(200, "7020", "You have reached maximum transaction limit");
            refused += 1;
        }
    }
    assert!(refused >= 1, "{refused}");
}
