//! Service requests and messages: when a request enters a status, rules send templates, kept with the status or not at all.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use waypost::config::Config;
use waypost_core::channel::Channel;
use waypost_core::time::Micros;
use waypost_simulators::smsc::SmscConfig;
use waypost_store::directory::admin;
use waypost_store::{Ctx, Sql, TenantId};
use waypost_suite::{Backstage, Engine, Stage, counted, on_both_engines, received, shown};

use crate::SERVER;

on_both_engines!(
    a_request_that_enters_a_status_sends_the_template_of_its_rule,
    a_status_raises_an_event_whose_rules_answer,
    a_status_and_its_message_survive_a_kill_together_or_not_at_all,
);

const TO: &str = "16135550100";
const NOW: Micros = Micros::from_secs(1_790_000_000);
/// Requests of the test that kills.
const REQUESTS: usize = 60;
/// Messages sent when the server is killed.
const BEFORE_THE_KILL: u64 = 10;

/// A stage with an online service, an application that may do everything, and an applicant with a phone.
struct Desk {
    stage: Stage,
    api_key: String,
    app_jwt: String,
    service: i64,
    user: i64,
}

/// See `restart`: what a killed server had leased on PostgreSQL is free when the lease has ended.
fn short_leases(config: &mut Config) {
    config.sms.submit_deadline_ms = 1_000;
    config.callbacks.timeout_ms = 5_000;
    config.delivery.lease_ms = 21_000;
}

async fn run(stage: &Stage, arguments: &[&str]) -> Value {
    stage.command(SERVER, arguments, &[]).await
}

/// The approved SMS template `permit`.
async fn template(backstage: &Backstage) {
    let tenant = backstage.login().tenant;
    let job = move |tx: &mut dyn Sql| {
        let ctx = Ctx::operator(TenantId(tenant));
        admin::create_template(tx, &ctx, NOW, Some("permit"), "Permit")?;
        let content =
            json!({"type": 1, "text": "{{firstname}}, your {{name}} is {{statusname}}"}).to_string();
        let version = admin::add_template_version(tx, &ctx, NOW, "permit", Channel::Sms, &content)?;
        admin::approve_template(tx, &ctx, NOW, ("permit", Channel::Sms, version), true)
    };
    backstage.desk().change("set up", job).await;
}

impl Desk {
    async fn start(engine: Engine) -> Self {
        let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await.config(short_leases);
        template(&backstage).await;
        let stage = backstage.start_process(SERVER).await;
        let slug = stage.login.tenant_slug.clone();
        let of = ["--tenant", slug.as_str()];
        let named = ["--service", "PERMIT", "--name", "Permit", "--name-fr", "Permis", "--open"];
        let create = ["admin", "online-service", "create", "--base-url", "https://permits.example"];
        let service = run(&stage, &[&create[..], &of, &named].concat()).await["id"].as_i64().unwrap();
        let application = ["--application", "CSF"];
        run(&stage, &[&["admin", "application", "create", "--all-services"][..], &of, &application].concat())
            .await;
        let key =
            run(&stage, &[&["admin", "application", "create-key"][..], &of, &application].concat()).await;
        let text = |name: &str| key[name].as_str().unwrap().to_owned();
        let mut desk = Self { stage, api_key: text("api_key"), app_jwt: text("app_jwt"), service, user: 0 };
        let person = json!({"FirstName": "Alex", "LastName": "Applicant", "Email": "alex@example.org",
            "DisplayPhoneNumber": "+1 613 555-0100"});
        let body =
            json!({"User": person, "AuthenticationContext": {"GCKey": {"MBUN": "M-1", "Issuer": "x"}}});
        desk.user = desk.post("/api/v1/account/register", &body).await["Id"].as_i64().unwrap();
        let (service, user) = (desk.service, desk.user);
        desk.post(&format!("/api/v1/services/{service}/enrolluser?userId={user}"), &json!({})).await;
        desk
    }

    fn headers(&self) -> [(&str, &str); 3] {
        [("api-key", &self.api_key), ("app-jwt", &self.app_jwt), ("content-type", "application/json")]
    }

    /// A call that must succeed; what it answers.
    async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.stage.http.send(Method::POST, path, &self.headers(), body.to_string()).await;
        assert_eq!(answer.http, 200, "{path}: {}", answer.text());
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    async fn request(&self) -> i64 {
        let body = json!({"UserId": self.user, "ServiceId": self.service, "EnglishDisplayName": "boat permit",
            "FrenchDisplayName": "permis"});
        self.post("/api/v2/servicerequests", &body).await["ServiceRequestId"].as_i64().unwrap()
    }

    fn enter(&self, request: i64, status: &str) -> String {
        let user = self.user;
        format!("/api/v1/servicerequests/{request}/updatestatus?userId={user}&serviceRequestStatus={status}")
    }

    /// A rule that sends the template to the applicant.
    async fn rule(&mut self, waits_for: &[&str]) {
        let create =
            ["admin", "rule", "create", "--tenant", &self.stage.login.tenant_slug, "--service", "alerts"];
        let sends = ["--template", "permit", "--to", "msisdn={{msisdn}}", "told"];
        run(&self.stage, &[&create[..], waits_for, &sends].concat()).await;
        self.anew().await;
    }

    /// What commands changed is noticed within a second; after a start it is in force.
    async fn anew(&mut self) {
        self.stage.kill().await;
        self.stage.run_again(SERVER).await;
    }
}

async fn a_request_that_enters_a_status_sends_the_template_of_its_rule(engine: Engine) {
    let mut desk = Desk::start(engine).await;
    desk.rule(&["--on", "status", "--if", "service=PERMIT", "--if", "status=Submitted"]).await;
    let request = desk.request().await;
    // A status that no rule waits for, the status it has already, and then the one.
    for status in ["InReview", "InReview", "Submitted", "Submitted"] {
        desk.post(&desk.enter(request, status), &json!({})).await;
    }
    let heard = desk.stage.hook.outcome(TO, 7500).await;
    assert_eq!(
        heard.json["deliveryInfoNotification"]["correlationid"],
        format!("servicerequest-{request}").as_str()
    );
    let texts: Vec<String> = received(desk.stage.smsc(), 1).await.iter().map(shown).collect();
    assert_eq!(texts, ["Alex, your boat permit is Submitted"]);
    let kept = desk.stage.desk.read(|tx| tx.query("SELECT happens FROM happening", &[])).await;
    assert_eq!(kept.len(), 1, "what no rule answers is not kept");
}

async fn a_status_raises_an_event_whose_rules_answer(engine: Engine) {
    let mut desk = Desk::start(engine).await;
    let slug = desk.stage.login.tenant_slug.clone();
    let slug = slug.as_str();
    let event = ["admin", "event", "create", "--tenant", slug, "--parameter", "statusname=?", "issued"];
    assert_eq!(run(&desk.stage, &event).await["id"], 1);
    let binding = |verb| {
        [
            "admin",
            "online-service",
            verb,
            "--tenant",
            slug,
            "--service",
            "PERMIT",
            "--status",
            "Issued",
            "--event",
            "1",
        ]
    };
    let done = run(&desk.stage, &binding("raise")).await;
    assert_eq!(done, json!({"done": "online-service.raise", "name": "PERMIT"}));
    let listed = run(&desk.stage, &["admin", "online-service", "raises", "--tenant", slug]).await;
    assert_eq!(listed, json!([{"service": "PERMIT", "status": "Issued", "event": 1}]));
    desk.rule(&["--event", "1"]).await;
    let request = desk.request().await;
    desk.post(&desk.enter(request, "Issued"), &json!({})).await;
    desk.stage.hook.outcome(TO, 7500).await;
    let texts: Vec<String> = received(desk.stage.smsc(), 1).await.iter().map(shown).collect();
    assert_eq!(texts, ["Alex, your boat permit is Issued"]);
    let done = run(&desk.stage, &binding("raise-no-more")).await;
    assert_eq!(done, json!({"done": "online-service.raise-no-more", "name": "PERMIT"}));
    desk.anew().await;
    let other = desk.request().await;
    desk.post(&desk.enter(other, "Issued"), &json!({})).await;
    let kept = desk.stage.desk.read(|tx| tx.query("SELECT event FROM happening", &[])).await;
    assert_eq!(kept.iter().map(|row| row.int(0).unwrap()).collect::<Vec<_>>(), [1]);
}

/// The requests with this status, and those whose status woke a rule.
async fn submitted_and_told(stage: &Stage) -> (BTreeSet<String>, Vec<String>) {
    let requests = |tx: &mut dyn Sql| tx.query("SELECT id FROM sd_request WHERE status = 2", &[]);
    let happenings = |tx: &mut dyn Sql| tx.query("SELECT correlation FROM happening", &[]);
    let (requests, happenings) = (stage.desk.read(requests).await, stage.desk.read(happenings).await);
    let requests = requests.iter().map(|row| format!("servicerequest-{}", row.int(0).unwrap()));
    let mut told: Vec<_> = happenings.iter().map(|row| row.text(0).unwrap().to_owned()).collect();
    told.sort();
    (requests.collect(), told)
}

async fn a_status_and_its_message_survive_a_kill_together_or_not_at_all(engine: Engine) {
    let mut desk = Desk::start(engine).await;
    desk.rule(&["--on", "status", "--if", "status=Submitted"]).await;
    let mut requests = Vec::new();
    for _ in 0..REQUESTS {
        requests.push(desk.request().await);
    }
    let (http, api_key, app_jwt) = (desk.stage.http.clone(), desk.api_key.clone(), desk.app_jwt.clone());
    let paths: Vec<String> = requests.iter().map(|request| desk.enter(*request, "Submitted")).collect();
    let traffic = tokio::spawn(async move {
        let mut answered = 0;
        let headers = [("api-key", api_key.as_str()), ("app-jwt", app_jwt.as_str())];
        for path in paths {
            let Ok(answer) = http.try_send(Method::POST, &path, &headers, Bytes::new()).await else {
                break;
            };
            assert_eq!(answer.http, 200, "{}", answer.text());
            answered += 1;
        }
        answered
    });
    counted(desk.stage.smsc(), "some messages", |c| c.accepted >= BEFORE_THE_KILL).await;
    desk.stage.kill().await;
    let answered: usize = traffic.await.expect("a client that ends");
    desk.stage.run_again(SERVER).await;
    let (submitted, told) = submitted_and_told(&desk.stage).await;
    assert!(submitted.len() >= answered, "{answered} were answered, {} are there", submitted.len());
    assert_eq!(told, submitted.iter().cloned().collect::<Vec<_>>(), "each status has its happening, once");
    for correlation in &submitted {
        desk.stage
            .hook
            .notification("the outcome of each", |n| {
                n.code() == 7500
                    && n.json["deliveryInfoNotification"]["correlationid"] == correlation.as_str()
            })
            .await;
    }
}
