//! What calls play and do beyond a prompt: uploads over HTTP, texts with the request's values, third parties, bad lines.

use http::Method;
use serde_json::{Value, json};
use waypost_suite::{Answer, Backstage, Engine, Far, Login, Stage, on_both_engines};

use crate::voice::{TO, call, check, codes, tenant, told};

on_both_engines!(
    prompts_are_uploaded_played_listed_and_removed_over_http,
    a_prompt_that_cannot_be_is_refused_with_its_rule,
    a_flow_says_what_the_request_gives_it,
    a_called_party_is_connected_with_a_third_one,
    a_call_over_a_line_that_loses_datagrams_is_told_whole,
);

const PROMPTS: &str = "/resources/v1/voice/prompts";

async fn ask(stage: &Stage, login: &Login, method: Method, name: &str, body: Vec<u8>) -> Answer {
    let path = if name.is_empty() { PROMPTS.to_owned() } else { format!("{PROMPTS}/{name}") };
    stage.http.send(method, &path, &[("key", &login.key), ("content-type", "audio/wav")], body).await
}

/// A WAV file of µ-law at 8 kHz.
fn wav(ms: u32) -> Vec<u8> {
    let sound = vec![0x12; ms as usize * 8];
    let length = u32::try_from(sound.len()).unwrap();
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend((36 + length).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend([7, 0, 1, 0]);
    file.extend(8_000_u32.to_le_bytes());
    file.extend(8_000_u32.to_le_bytes());
    file.extend([1, 0, 8, 0]);
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.extend(sound);
    file
}

async fn prompts_are_uploaded_played_listed_and_removed_over_http(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let (login, other) = (tenant(&backstage, "uploads").await, tenant(&backstage, "others").await);
    let far = Far::start("answer", 1);
    backstage.desk().create_trunk(Some(login.tenant), false, far.port, &json!({})).await;
    let stage = backstage.start().await;
    let put = ask(&stage, &login, Method::PUT, "new.wav", wav(300)).await;
    assert_eq!((put.http, put.json()), (200, json!({"promptid": "3", "media": "new.wav", "ms": 300})));
    let again = ask(&stage, &login, Method::PUT, "new.wav", wav(200)).await;
    assert_eq!(again.json(), json!({"promptid": "3", "media": "new.wav", "ms": 200}));
    let listed = ask(&stage, &login, Method::GET, "", Vec::new()).await.json();
    let names = |listed: &Value| -> Vec<String> {
        let all = listed["prompts"].as_array().unwrap();
        all.iter().map(|prompt| prompt["media"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed["prompts"][2], json!({"promptid": "3", "media": "new.wav", "ms": 200}));
    assert_eq!(names(&listed), ["hello.wav", "long.wav", "new.wav"]);
    let theirs = ask(&stage, &other, Method::GET, "", Vec::new()).await.json();
    assert_eq!(names(&theirs), ["hello.wav", "long.wav"]);
    call(&stage, &login, TO, json!({"promptid": "3"})).await;
    assert_eq!(codes(&told(&stage, TO, 5).await), [7407, 7408, 7519, 7409, 7405]);
    far.went_as_written().await;
    let removed = ask(&stage, &login, Method::DELETE, "new.wav", Vec::new()).await;
    assert_eq!((removed.http, removed.json()), (200, json!({"removed": "new.wav"})));
    let detail = ask(&stage, &login, Method::DELETE, "new.wav", Vec::new()).await.refused(
        200,
        "7004",
        "invalid value for param media",
    );
    assert_eq!((detail.field.as_str(), detail.rule.as_str()), ("media", "no prompt new.wav"));
    let gone = "447700900140";
    call(&stage, &login, gone, json!({"media": "new.wav"})).await;
    stage.hook.outcome(gone, 7404).await.assert_outcome(7404, "Failed");
}

async fn a_prompt_that_cannot_be_is_refused_with_its_rule(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let login = tenant(&backstage, "bad").await;
    let stage = backstage.start().await;
    let cases: [(&str, Vec<u8>, &str, &str); 3] = [
        ("a.wav", b"hello".to_vec(), "body", "the file is no WAV file; it must begin with RIFF and WAVE"),
        ("a.wav", wav(0), "body", "the file holds no sound"),
        ("a%20b.wav", wav(20), "media", "the name of the prompt must be 1 to 64 letters, digits and . _ -"),
    ];
    for (name, body, field, rule) in cases {
        let answer = ask(&stage, &login, Method::PUT, name, body).await;
        let text = format!("invalid value for param {field}");
        let detail = answer.refused(200, "7004", &text);
        assert_eq!((detail.field.as_str(), detail.rule.as_str()), (field, rule));
    }
    let headers = [("key", "nobody's")];
    let answer = stage.http.send(Method::GET, PROMPTS, &headers, "").await;
    answer.refused(200, "7001", "Authentication failed");
}

async fn a_flow_says_what_the_request_gives_it(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("said");
    let speaks = r#"tee -a "$0" | espeak-ng --stdin --stdout"#;
    let command = vec!["sh".to_owned(), "-c".to_owned(), speaks.to_owned(), said.display().to_string()];
    let backstage = Backstage::new(engine).await.config(|config| config.voice.tts_command = command);
    let login = tenant(&backstage, "spoken").await;
    let flow = json!({"start": "say", "steps": {
        "say": {"do": "play", "sound": {"say": "Hello {{name}}."}}}});
    backstage.desk().put_flow(login.tenant, "184", &flow).await;
    let far = Far::start("answer", 1);
    backstage.desk().create_trunk(Some(login.tenant), false, far.port, &json!({})).await;
    let stage = backstage.start().await;
    let request = |to: &str, parameters: Value| {
        json!({
            "deliverychannel": "voice",
            "channels": {"voice": {"callflowid": "184"}},
            "message": {"parameters": parameters},
            "destination": [{"msisdn": [to]}],
        })
    };
    stage.http.post(&login.key, &request(TO, json!({"name": "Ann"}))).await.queued();
    assert_eq!(codes(&told(&stage, TO, 5).await), [7407, 7408, 7519, 7409, 7405]);
    far.went_as_written().await;
    assert_eq!(std::fs::read_to_string(&said).unwrap(), "Hello Ann.");
    let nameless = "447700900141";
    stage.http.post(&login.key, &request(nameless, json!({"town": "Leeds"}))).await.queued();
    stage.hook.outcome(nameless, 7121).await.assert_outcome(7121, "Failed");
}

async fn a_called_party_is_connected_with_a_third_one(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let login = tenant(&backstage, "transfers").await;
    let flow = json!({"start": "agent", "steps": {
        "agent": {"do": "connect", "number": "447700900091", "next": "bye"},
        "bye": {"do": "play", "sound": {"prompt": "hello.wav"}}}});
    backstage.desk().put_flow(login.tenant, "184", &flow).await;
    let far = Far::start("transfer", 2);
    backstage.desk().create_trunk(Some(login.tenant), false, far.port, &json!({})).await;
    let stage = backstage.start().await;
    let transid = call(&stage, &login, TO, json!({"callflowid": "184"})).await;
    let told = told(&stage, TO, 7).await;
    assert_eq!(codes(&told), [7407, 7408, 7519, 7411, 7412, 7409, 7405]);
    for told in &told {
        check(told, TO, &transid);
    }
    assert_eq!(stage.http.status(&login.key, &transid).await.json()[0]["status"], "answered");
    far.went_as_written().await;
}

async fn a_call_over_a_line_that_loses_datagrams_is_told_whole(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let login = tenant(&backstage, "lossy").await;
    let far = Far::start("answer", 1);
    backstage.desk().create_trunk(Some(login.tenant), false, far.lossy().await, &json!({})).await;
    let stage = backstage.start().await;
    call(&stage, &login, TO, json!({"media": "hello.wav"})).await;
    assert_eq!(codes(&told(&stage, TO, 5).await), [7407, 7408, 7519, 7409, 7405]);
    far.went_as_written().await;
}
