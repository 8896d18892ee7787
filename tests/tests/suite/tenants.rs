//! What belongs to one tenant is nobody else's.

use waypost_simulators::smsc::SmscConfig;
use waypost_store::directory::{Service, Status, Tenant, TpsLimit};
use waypost_suite::{Backstage, Engine, Login, Stage, counted, desk, on_both_engines, sms, sms_to};

on_both_engines!(
    a_transaction_is_shown_to_the_service_that_sent_it_only,
    a_sandbox_tenant_and_a_live_one_never_share_a_connection,
    a_sandbox_without_a_simulator_sends_nothing,
    a_tenants_own_connection_is_used_by_it_alone,
    a_sender_of_another_tenant_is_refused,
    a_change_by_the_operator_takes_effect_while_the_server_runs,
    burst_mode_is_said_and_has_its_end,
    an_address_is_believed_from_a_trusted_proxy_only,
);

const TO: &str = "447700900001";

async fn login(backstage: &Backstage, tenant: Tenant) -> Login {
    let slug = tenant.slug.clone();
    let sender = slug.to_ascii_uppercase();
    let tenant = backstage.tenant(tenant).await;
    backstage.desk().add_sender(tenant, &sender).await;
    let service = Service {
        notify_url: Some(backstage.hook().url(&format!("/{slug}"))),
        default_sender: Some(sender),
        ..desk::service("alerts")
    };
    backstage.desk().create_service(tenant, service).await
}

fn sandbox(slug: &str) -> Tenant {
    Tenant { sandbox: true, ..desk::tenant(slug) }
}

async fn a_transaction_is_shown_to_the_service_that_sent_it_only(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let stranger = login(&backstage, desk::tenant("other")).await;
    let sibling = backstage.desk().create_service(backstage.login().tenant, desk::service("sibling")).await;
    let stage = backstage.start().await;
    let transid = stage.send("Secret", TO).await;
    stage.hook.outcome(TO, 7500).await;
    for other in [&stranger, &sibling] {
        let answer = stage.http.status(&other.key, &transid).await;
        let foreign = "Transaction is not under this service or service key is invalid";
        answer.refused_lookup(200, "7601", foreign, &transid);
        assert!(!answer.text().contains("Secret") && !answer.text().contains(TO));
    }
    let unknown = "0190b3a2-0000-7000-8000-000000000000";
    for asked in [unknown, "nonsense", &format!("{transid}_7")] {
        stage.status(asked).await.refused_lookup(200, "7600", "No results found", asked);
    }
    let record = stage.record(&transid.to_uppercase()).await;
    record.assert_stands("delivered", Some(7500));
    assert_eq!(record.transaction, transid, "as it was answered, however it is asked for");
}

async fn deliver(stage: &Stage, login: &Login, count: usize) {
    let numbers: Vec<String> = (0..count).map(|n| format!("4477009001{n:02}")).collect();
    let transid = stage.http.post(&login.key, &sms_to("Hi", &numbers)).await.queued();
    let what = format!("all messages of {}", login.tenant_slug);
    stage
        .hook
        .wait(&what, |_| {
            let finals = stage.hook.notifications();
            (finals.iter().filter(|n| n.transid() == transid && n.code() == 7500).count() == count)
                .then_some(())
        })
        .await;
}

async fn a_sandbox_tenant_and_a_live_one_never_share_a_connection(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let backstage = backstage.linked(SmscConfig::default(), |link| link.sandbox = true).await;
    let trial = login(&backstage, sandbox("trial")).await;
    let stage = backstage.start().await;
    deliver(&stage, &trial, 20).await;
    deliver(&stage, &stage.login, 30).await;
    let senders = |n: usize| {
        let all = stage.smscs[n].received().into_iter().map(|message| message.source.digits);
        all.collect::<std::collections::BTreeSet<String>>()
    };
    assert_eq!((stage.smscs[0].counters().accepted, stage.smscs[1].counters().accepted), (30, 20));
    assert_eq!((senders(0), senders(1)), (["WAYPOST".to_owned()].into(), ["TRIAL".to_owned()].into()));
}

async fn a_sandbox_without_a_simulator_sends_nothing(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    // Flagged sandbox, yet it leads out of the machine: it is not used.
    let outside = std::net::SocketAddr::from(([192, 0, 2, 1], 2775));
    let backstage = backstage.link_as(outside, |link| link.sandbox = true).await;
    let trial = login(&backstage, sandbox("trial")).await;
    let stage = backstage.start().await;
    let transid = stage.http.post(&trial.key, &sms("Hi", TO)).await.queued();
    stage.hook.outcome(TO, 7106).await.assert_outcome(7106, "Failed");
    stage.http.status(&trial.key, &transid).await.records()[0].assert_stands("failed", Some(7106));
    assert_eq!(stage.smsc().counters().submits, 0);
}

async fn a_tenants_own_connection_is_used_by_it_alone(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let owner = login(&backstage, desk::tenant("owner")).await;
    let tenant = owner.tenant;
    let backstage = backstage.linked(SmscConfig::default(), move |link| link.tenant = Some(tenant)).await;
    let stage = backstage.start().await;
    deliver(&stage, &owner, 10).await;
    deliver(&stage, &stage.login, 15).await;
    assert_eq!((stage.smscs[0].counters().accepted, stage.smscs[1].counters().accepted), (15, 10));
}

async fn a_sender_of_another_tenant_is_refused(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    login(&backstage, desk::tenant("other")).await;
    let stage = backstage.start().await;
    let request = serde_json::json!({
        "deliverychannel": "sms",
        "channels": {"sms": {"text": "Hi", "senderid": "OTHER"}},
        "destination": [{"msisdn": [TO]}],
    });
    stage.post(&request).await.queued();
    stage.hook.outcome(TO, 7101).await.assert_outcome(7101, "Failed");
    assert_eq!(stage.smsc().counters().submits, 0);
}

async fn a_change_by_the_operator_takes_effect_while_the_server_runs(engine: Engine) {
    let stage = Stage::start(engine).await;
    stage.send("Hi", TO).await;
    stage.desk.update_service(stage.login.service, |service| service.status = Status::Suspended).await;
    // The server looks for changes by itself, so the client sees the old state for a moment.
    let suspended = async {
        loop {
            let answer = stage.post(&sms("Hi", TO)).await;
            if answer.json()["response"]["code"] == "7007" {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    waypost_suite::within("the suspension", suspended).await.refused(200, "7007", "Service Inactive");
    counted(stage.smsc(), "the connection stays", |c| c.unbinds == 0).await;
}

async fn burst_mode_is_said_and_has_its_end(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let limit = TpsLimit { per_second: 20, burst_mode: true };
    backstage.desk().limit(backstage.login().tenant, "messaging", limit).await;
    let stage = backstage.start().await;
    let requests: Vec<_> = (0..200)
        .map(|_| {
            let (http, key) = (stage.http.clone(), stage.login.key.clone());
            tokio::spawn(async move { http.post(&key, &sms("Hi", TO)).await })
        })
        .collect();
    let (mut normal, mut burst, mut refused) = (0, 0, 0);
    for request in requests {
        let answer = request.await.unwrap();
        if answer.json()["response"].is_object() {
            answer.refused(200, "7020", "You have reached maximum transaction limit");
            refused += 1;
            continue;
        }
        match answer.units()[0].description.as_str() {
            "Queued" => normal += 1,
            "Queued in burst mode" => burst += 1,
            other => panic!("{other}"),
        }
    }
    // However long the requests take, half as many are let in above the limit as within it.
    assert!(
        normal >= 20 && burst >= 10 && refused >= 1,
        "{normal} normal, {burst} in burst mode, {refused} refused"
    );
    assert!(burst <= normal, "{normal} normal, {burst} in burst mode");
}

async fn an_address_is_believed_from_a_trusted_proxy_only(engine: Engine) {
    let build = async |trusted: bool| {
        let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
        backstage.desk().allow_ip(backstage.login().tenant, "192.0.2.0/24").await;
        let loopback = "127.0.0.0/8".parse().unwrap();
        backstage
            .config(|config| config.server.trusted_proxies = Vec::from_iter(trusted.then_some(loopback)))
            .start()
            .await
    };
    let post = async |stage: &Stage, forwarded: &str| {
        let headers = [
            ("key", stage.login.key.as_str()),
            ("content-type", "application/json"),
            ("x-forwarded-for", forwarded),
        ];
        stage
            .http
            .send(http::Method::POST, waypost_suite::MESSAGING, &headers, sms("Hi", TO).to_string())
            .await
    };
    let refusal = "Source IP is not whitelisted";
    let trusting = build(true).await;
    post(&trusting, "192.0.2.7").await.queued();
    post(&trusting, "203.0.113.9, 192.0.2.7").await.queued();
    post(&trusting, "192.0.2.7, 203.0.113.9").await.refused(200, "7010", refusal);
    post(&trusting, "nonsense").await.refused(200, "7010", refusal);
    let wary = build(false).await;
    post(&wary, "192.0.2.7").await.refused(200, "7010", refusal);
}
