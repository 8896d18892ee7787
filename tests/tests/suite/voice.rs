//! Calls over a trunk, from the request to SIPp and back to the call-backs.

use serde_json::{Value, json};
use waypost_store::directory::Service;
use waypost_suite::{Backstage, Engine, Far, Login, Notification, Stage, desk, on_both_engines, proof};

use crate::SERVER;

on_both_engines!(
    every_step_of_a_call_is_told_and_its_end_looked_up,
    a_call_flow_is_walked_and_its_texts_are_spoken,
    a_caller_must_be_a_number_of_the_tenant,
    what_there_is_not_cannot_be_played,
    a_failing_trunk_is_tried_again_and_then_given_up,
    a_second_trunk_takes_what_the_first_cannot,
    a_full_trunk_makes_calls_wait_without_an_attempt,
    a_call_that_outlives_its_server_is_ended_and_not_repeated,
    a_stopping_server_hangs_up_and_the_end_is_told,
);

pub(crate) const TO: &str = "447700900001";

/// A tenant with a service and a prompt.
pub(crate) async fn tenant(backstage: &Backstage, slug: &str) -> Login {
    let tenant = backstage.tenant(desk::tenant(slug)).await;
    let service = Service { notify_url: Some(backstage.hook().url("/dlr")), ..desk::service(slug) };
    backstage.desk().put_prompt(tenant, "hello.wav", 300).await;
    backstage.desk().put_prompt(tenant, "long.wav", 60_000).await;
    backstage.desk().create_service(tenant, service).await
}

pub(crate) async fn call(stage: &Stage, login: &Login, to: &str, voice: Value) -> String {
    let request = json!({
        "deliverychannel": "voice",
        "channels": {"voice": voice},
        "destination": [{"msisdn": [to]}],
    });
    stage.http.post(&login.key, &request).await.queued()
}

/// Everything told of a number, once `count` things are, in the order of their times.
pub(crate) async fn told(stage: &Stage, to: &str, count: usize) -> Vec<Notification> {
    let of_it = |kept: &[_]| {
        let all = kept.iter().cloned().filter_map(Notification::of);
        let mut mine: Vec<Notification> = all.filter(|told| told.to() == to).collect();
        mine.sort_by(|a, b| a.at().cmp(b.at()));
        (mine.len() >= count).then_some(mine)
    };
    stage.hook.wait(&format!("{count} notifications about {to}"), of_it).await
}

pub(crate) fn codes(told: &[Notification]) -> Vec<u16> {
    told.iter().map(Notification::code).collect()
}

const ENDS: [(&str, &[u16], &str); 9] = [
    ("answer", &[7407, 7408, 7519, 7409, 7405], "answered"),
    ("hang_up", &[7407, 7408, 7519, 7405, 7410, 7409], "answered"),
    ("busy", &[7407, 7408, 7409, 7402], "busy"),
    ("no_answer", &[7407, 7408, 7409, 7401], "no answer"),
    ("reject", &[7407, 7408, 7409, 7403], "rejected"),
    ("cut", &[7407, 7408, 7410, 7409, 7402], "busy"),
    ("late_answer", &[7407, 7408, 7409, 7401], "no answer"),
    ("reinvite", &[7407, 7408, 7519, 7409, 7405], "answered"),
    ("reinvite_unanswered", &[7407, 7408, 7519, 7409, 7410], "answered"),
];

async fn every_step_of_a_call_is_told_and_its_end_looked_up(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let mut lines = Vec::new();
    for (n, (scenario, codes, word)) in ENDS.into_iter().enumerate() {
        let login = tenant(&backstage, &scenario.replace('_', "-")).await;
        let far = Far::start(scenario, 1);
        backstage.desk().create_trunk(Some(login.tenant), false, far.port, &json!({})).await;
        lines.push((scenario, login, far, format!("44770090{n:04}"), codes, word));
    }
    let stage = backstage.start().await;
    let mut transids = Vec::new();
    for (scenario, login, _, to, ..) in &lines {
        // The patience for an acknowledgement is longer than the short prompt.
        let prompt = if *scenario == "reinvite_unanswered" { "long.wav" } else { "hello.wav" };
        transids.push(call(&stage, login, to, json!({"media": prompt})).await);
    }
    for ((scenario, login, far, to, expected, word), transid) in lines.into_iter().zip(transids) {
        let told = told(&stage, &to, expected.len()).await;
        assert_eq!(codes(&told), expected, "{scenario}");
        for told in &told {
            check(told, &to, &transid);
        }
        let shown = &stage.http.status(&login.key, &transid).await.json()[0];
        assert_eq!((&shown["status"], &shown["channel"]), (&json!(word), &json!("voice")), "{shown}");
        let error = (word != "answered").then(|| expected.last().unwrap_or(&0).to_string());
        assert_eq!(shown["error_code"], json!(error), "{scenario}");
        far.went_as_written().await;
    }
}

/// The whole body (spec 4.2).
pub(crate) fn check(told: &Notification, to: &str, transid: &str) {
    let code = told.code();
    let info = &told.json["deliveryInfoNotification"]["deliveryInfo"];
    let word = match code {
        7401..=7403 => "REJECTED",
        7405 => "Released",
        7407 => "OFFERED",
        7408 => "ACCEPTED",
        7409 => "DROPPED",
        7410 => "DISCONNECTED",
        7411 => "TROMBONE_CONNECTED",
        7412 => "TROMBONE_RELEASED",
        _ => "ANSWERED",
    };
    let description = info["Description"].as_str().unwrap_or_default();
    proof::notified_on("voice", code, description);
    let mut whole = json!({
        "deliveryInfo": {
            "timeStamp": told.at(),
            "Description": description,
            "code": code.to_string(),
            "deliveryChannel": "voice",
            "additionalInfo": "",
            "destination": to,
            "destinationType": "msisdn",
            "deliveryStatus": word,
        },
        "subtid": "",
        "transid": transid,
        "callbackData": "",
        "correlationid": "",
    });
    // The contract's samples have it on these only.
    if word != "REJECTED" && !word.starts_with("TROMBONE") {
        let (step, at) = (word.to_uppercase(), told.at());
        whole["deliveryTransInfo"] = json!(format!(
            "<call><event>{step}</event><code>{code}</code><timeStamp>{at}</timeStamp></call>"
        ));
    }
    assert_eq!(told.json, json!({"deliveryInfoNotification": whole}));
}

async fn a_call_flow_is_walked_and_its_texts_are_spoken(engine: Engine) {
    let backstage = Backstage::new(engine).await.config(|config| {
        config.voice.tts_command = ["espeak-ng", "--stdin", "--stdout"].map(str::to_owned).to_vec();
    });
    let login = tenant(&backstage, "flows").await;
    let flow = json!({"start": "hello", "steps": {
        "hello": {"do": "play", "sound": {"prompt": "hello.wav"}, "next": "wait"},
        "wait": {"do": "pause", "ms": 40, "next": "say"},
        "say": {"do": "play", "sound": {"say": "Hi."}, "next": "ask"},
        "ask": {"do": "collect", "digits": 1, "wait_ms": 40},
    }});
    backstage.desk().put_flow(login.tenant, "184", &flow).await;
    let far = Far::start("answer", 1);
    backstage.desk().create_trunk(Some(login.tenant), false, far.port, &json!({})).await;
    let stage = backstage.start().await;
    let transid = call(&stage, &login, TO, json!({"callflowid": "184", "media": "nothing"})).await;
    assert_eq!(codes(&told(&stage, TO, 5).await), [7407, 7408, 7519, 7409, 7405]);
    far.went_as_written().await;
    let shown = &stage.http.status(&login.key, &transid).await.json()[0];
    assert_eq!((&shown["status"], &shown["callflowid"]), (&json!("answered"), &json!("184")));
}

async fn a_caller_must_be_a_number_of_the_tenant(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let login = tenant(&backstage, "callers").await;
    backstage.desk().add_sender(login.tenant, "453745878").await;
    let far = Far::start("answer", 1);
    backstage.desk().create_trunk(Some(login.tenant), false, far.port, &json!({"caller": null})).await;
    let stage = backstage.start().await;
    let mine = call(&stage, &login, TO, json!({"media": "hello.wav", "cli": "453745878"})).await;
    assert_eq!(codes(&told(&stage, TO, 5).await), [7407, 7408, 7519, 7409, 7405]);
    far.went_as_written().await;
    assert_eq!(stage.http.status(&login.key, &mine).await.json()[0]["from"], "453745878");
    for (n, voice) in [json!({"media": "hello.wav", "cli": "4912345"}), json!({"media": "hello.wav"})]
        .into_iter()
        .enumerate()
    {
        let to = format!("44770090011{n}");
        call(&stage, &login, &to, voice).await;
        stage.hook.outcome(&to, 7101).await.assert_outcome(7101, "Failed");
    }
}

async fn what_there_is_not_cannot_be_played(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let login = tenant(&backstage, "silent").await;
    let other = tenant(&backstage, "other").await;
    backstage
        .desk()
        .put_flow(other.tenant, "theirs", &json!({"start": "a", "steps": {"a": {"do": "hang_up"}}}))
        .await;
    backstage.desk().create_trunk(Some(login.tenant), false, 9, &json!({})).await;
    let stage = backstage.start().await;
    let voices = [json!({"media": "none"}), json!({"promptid": "99"}), json!({"callflowid": "theirs"})];
    for (n, voice) in voices.into_iter().enumerate() {
        let to = format!("44770090012{n}");
        call(&stage, &login, &to, voice).await;
        stage.hook.outcome(&to, 7404).await.assert_outcome(7404, "Failed");
    }
}

async fn a_failing_trunk_is_tried_again_and_then_given_up(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let login = tenant(&backstage, "failing").await;
    let far = Far::start("unavailable", 2);
    backstage.desk().create_trunk(Some(login.tenant), false, far.port, &json!({})).await;
    let stage = backstage.start().await;
    call(&stage, &login, TO, json!({"media": "hello.wav"})).await;
    let told = told(&stage, TO, 1).await;
    told[0].assert_outcome(7404, "Failed");
    far.went_as_written().await;
    assert_eq!(stage.hook.notifications().len(), 1, "nothing was offered");
}

async fn a_second_trunk_takes_what_the_first_cannot(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let login = tenant(&backstage, "pairs").await;
    let (bad, good) = (Far::start("unavailable", 1), Far::start("answer", 1));
    for (far, weight) in [(&bad, 1_000), (&good, 1)] {
        let weight = json!({"weight": weight});
        backstage.desk().create_trunk(Some(login.tenant), false, far.port, &weight).await;
    }
    let stage = backstage.start().await;
    call(&stage, &login, TO, json!({"media": "hello.wav"})).await;
    assert_eq!(codes(&told(&stage, TO, 5).await), [7407, 7408, 7519, 7409, 7405]);
    good.went_as_written().await;
}

async fn a_full_trunk_makes_calls_wait_without_an_attempt(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let login = tenant(&backstage, "narrow").await;
    backstage.desk().put_prompt(login.tenant, "hello.wav", 1_500).await;
    // Two retries are allowed; with one call at a time the last of four waits longer than both.
    let far = Far::start("answer", 4);
    backstage.desk().create_trunk(Some(login.tenant), false, far.port, &json!({"calls_max": 1})).await;
    let stage = backstage.start().await;
    let numbers: Vec<String> = (0..4).map(|n| format!("44770090013{n}")).collect();
    for to in &numbers {
        call(&stage, &login, to, json!({"promptid": "1"})).await;
    }
    for to in &numbers {
        assert_eq!(codes(&told(&stage, to, 5).await), [7407, 7408, 7519, 7409, 7405]);
    }
    far.went_as_written().await;
}

async fn a_call_that_outlives_its_server_is_ended_and_not_repeated(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let login = tenant(&backstage, "crash").await;
    let far = Far::start("answer", 1);
    backstage.desk().create_trunk(Some(login.tenant), false, far.port, &json!({})).await;
    let mut stage = backstage.start_process(SERVER).await;
    let transid = call(&stage, &login, TO, json!({"media": "long.wav"})).await;
    told(&stage, TO, 3).await;
    stage.kill().await;
    stage.start_again().await;
    stage.hook.outcome(TO, 7410).await;
    // A call-back whose answer the dead server had not noted is made again.
    let mut codes = codes(&told(&stage, TO, 5).await);
    codes.dedup();
    assert_eq!(codes, [7407, 7408, 7519, 7409, 7410]);
    assert_eq!(stage.http.status(&login.key, &transid).await.json()[0]["status"], "answered");
}

async fn a_stopping_server_hangs_up_and_the_end_is_told(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let login = tenant(&backstage, "stopping").await;
    let far = Far::start("answer", 1);
    backstage.desk().create_trunk(Some(login.tenant), false, far.port, &json!({})).await;
    let mut stage = backstage.start().await;
    call(&stage, &login, TO, json!({"media": "long.wav"})).await;
    told(&stage, TO, 3).await;
    stage.stop().await;
    far.went_as_written().await;
    // The end is written; a call-back that did not leave any more is made by the next start.
    stage.start_again().await;
    stage.hook.outcome(TO, 7405).await;
    let mut codes = codes(&told(&stage, TO, 5).await);
    codes.dedup();
    assert_eq!(codes, [7407, 7408, 7519, 7409, 7405]);
}
