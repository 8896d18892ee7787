//! A message's walk: from the HTTP request to the handset, its receipt to the call-back and the status look-up.

use std::collections::BTreeSet;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::json;
use waypost_channels::smpp::Address;
use waypost_simulators::callbacks::is_signed_by;
use waypost_simulators::smsc::{Received, SmscConfig};
use waypost_store::directory::Tenant;
use waypost_suite::{
    Backstage, Engine, Expected, MESSAGING, Notification, Record, SENDER, Stage, desk, on_both_engines,
    received, shown, sms, sms_to, with,
};

on_both_engines!(
    one_sms_goes_out_and_its_receipt_comes_back,
    a_long_text_is_one_message_of_several_parts,
    a_thousand_destinations_are_one_transaction_and_each_is_delivered,
    destination_objects_are_told_apart_by_their_place,
    every_type_of_sms_arrives_as_it_was_meant,
    a_correlation_id_is_echoed_in_both_spellings,
    old_clients_spellings_of_path_and_headers_are_served,
    a_call_back_is_signed_for_both_kinds_of_receivers,
    a_notification_tells_the_time_of_the_tenants_zone,
    expiry_is_the_validity_that_the_provider_is_given,
    a_token_of_the_service_opens_what_its_key_opens,
);

const TO: &str = "447700900001";

async fn one_sms_goes_out_and_its_receipt_comes_back(engine: Engine) {
    let stage = Stage::start(engine).await;
    let request = json!({
        "deliverychannel": "sms",
        "channels": {"sms": {"text": "Hello", "type": "1", "senderid": SENDER}},
        "destination": [{"msisdn": [TO], "correlationid": "r1"}],
        "callbackData": "{\"my\": \"data\"}",
    });
    let answer = stage.post(&request).await;
    let transid = answer.queued();
    assert_eq!(
        answer.json(),
        json!({"response": [
            {"code": "1001", "description": "Queued", "transid": transid, "correlationid": "r1"},
        ]})
    );

    let expected = Expected {
        transid: &transid,
        to: TO,
        code: 7501,
        status: "Submitted",
        parts: 1,
        to_type: "msisdn",
        callback_data: "{\"my\": \"data\"}",
        correlation: "r1",
    };
    let submitted = stage.hook.outcome(TO, 7501).await;
    submitted.assert_says(&expected);
    let delivered = stage.hook.outcome(TO, 7500).await;
    delivered.assert_says(&Expected { code: 7500, status: "Delivered", ..expected });
    assert!(
        submitted.at() <= delivered.at(),
        "{} and then {}: receivers order by time",
        submitted.at(),
        delivered.at()
    );
    assert_eq!(stage.hook.callbacks().len(), 2, "each status is told once");

    let [sent] = <[Received; 1]>::try_from(received(stage.smsc(), 1).await).unwrap();
    assert_eq!(
        sent,
        Received {
            source: Address::new(5, 0, SENDER),
            dest: Address::new(1, 1, TO),
            data_coding: 0,
            payload: b"Hello".to_vec(),
            message_ids: vec!["1000000".to_owned()],
            registered_delivery: 1,
            validity: String::new(),
            service_type: String::new(),
        }
    );

    let record = stage.record(&transid).await;
    record.assert_stands("delivered", Some(7500));
    let expected = Record {
        transaction: transid,
        client: stage.login.tenant.to_string(),
        from: SENDER.to_owned(),
        to: TO.to_owned(),
        body: "Hello".to_owned(),
        status: "delivered".to_owned(),
        error: None,
    };
    assert_eq!(record, expected);
}

async fn a_long_text_is_one_message_of_several_parts(engine: Engine) {
    let stage = Stage::start(engine).await;
    let text = "0123456789".repeat(31);
    let transid = stage.send(&text, TO).await;
    let delivered = stage.hook.both(TO, 7500).await;
    delivered.assert_outcome(7500, "Delivered");
    assert_eq!((delivered.parts(), delivered.transid()), ("3", transid.as_str()));
    let [sent] = <[Received; 1]>::try_from(received(stage.smsc(), 1).await).unwrap();
    assert_eq!((shown(&sent), sent.message_ids.len()), (text.clone(), 3));
    assert_eq!(stage.record(&transid).await.body, text);
    assert_eq!(stage.hook.callbacks().len(), 2, "one message, whatever the number of its parts");
}

async fn a_thousand_destinations_are_one_transaction_and_each_is_delivered(engine: Engine) {
    let stage = Stage::start(engine).await;
    let numbers: Vec<String> = (0..1_000).map(|n| format!("4477009{n:05}")).collect();
    let transid = stage.post(&sms_to("To all", &numbers)).await.queued();
    stage.hook.count(2 * numbers.len()).await;
    let finals = stage.hook.finals(numbers.len()).await;
    let told: BTreeSet<&str> = finals.iter().map(Notification::to).collect();
    assert_eq!(told, numbers.iter().map(String::as_str).collect());
    assert!(finals.iter().all(|n| n.transid() == transid && n.code() == 7500));
    assert_eq!(stage.hook.callbacks().len(), 2 * numbers.len(), "nothing is told twice");
    assert_eq!(stage.smsc().counters().submits, numbers.len() as u64, "nothing is sent twice");
    let records = stage.status(&transid).await.records();
    let looked_up: Vec<&str> = records.iter().map(|record| record.to.as_str()).collect();
    assert_eq!(looked_up, numbers, "in the order of the request");
    records.iter().for_each(|record| record.assert_stands("delivered", Some(7500)));
}

async fn destination_objects_are_told_apart_by_their_place(engine: Engine) {
    let stage = Stage::start(engine).await;
    let request = json!({
        "deliverychannel": "sms",
        "channels": {"sms": {"text": "Hi"}},
        "correlationid": "all",
        "destination": [
            {"msisdn": ["447700900010", "447700900011"], "correlationid": "first"},
            {"nobody": ["447700900012"]},
            {"msisdn": ["447700900013"]},
        ],
    });
    let units = stage.post(&request).await.units();
    let codes: Vec<&str> = units.iter().map(|unit| unit.code.as_str()).collect();
    assert_eq!(codes, ["1001", "7003", "1001"], "one bad object does not keep the others back");
    let correlations: Vec<Option<&str>> = units.iter().map(|unit| unit.correlation.as_deref()).collect();
    assert_eq!(correlations, [Some("first"), Some("all"), Some("all")]);
    let (whole, _) = units[0].transid.rsplit_once('_').expect("a place");
    let transids: Vec<&str> = units.iter().map(|unit| unit.transid.as_str()).collect();
    assert_eq!(transids, [0, 1, 2].map(|place| format!("{whole}_{place}")));

    for (to, place, correlation) in
        [("447700900010", 0, "first"), ("447700900011", 0, "first"), ("447700900013", 2, "all")]
    {
        stage.hook.outcome(to, 7500).await.assert_says(&Expected {
            transid: transids[place],
            to,
            code: 7500,
            status: "Delivered",
            parts: 1,
            to_type: "msisdn",
            callback_data: "",
            correlation,
        });
    }
    let looked_up = async |asked: &str| {
        let records = stage.status(asked).await.records();
        records.into_iter().map(|record| (record.transaction, record.to)).collect::<Vec<_>>()
    };
    let found = |place: usize, to: &str| (transids[place].to_owned(), to.to_owned());
    let first = [found(0, "447700900010"), found(0, "447700900011")];
    let last = [found(2, "447700900013")];
    assert_eq!(looked_up(transids[0]).await, first);
    assert_eq!(looked_up(transids[2]).await, last);
    assert_eq!(looked_up(whole).await, [first.as_slice(), &last].concat());
    stage.status(transids[1]).await.refused_lookup(200, "7600", "No results found", transids[1]);
}

async fn every_type_of_sms_arrives_as_it_was_meant(engine: Engine) {
    let stage = Stage::start(engine).await;
    let check = async |to: &str, block: serde_json::Value, data_coding: u8, payload: &[u8], parts: usize| {
        let request = with(sms("", to), json!({"channels": {"sms": block}}));
        stage.post(&request).await.queued();
        stage.hook.outcome(to, 7500).await.assert_outcome(7500, "Delivered");
        let all = stage.smsc().received();
        let sent = all.iter().find(|message| message.dest.digits == to).expect("it arrived");
        assert_eq!(
            (sent.data_coding, sent.payload.as_slice(), sent.message_ids.len()),
            (data_coding, payload, parts)
        );
    };
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    check("447700900020", json!({"text": "plain"}), 0x00, b"plain", 1).await;
    check("447700900021", json!({"text": "€[x]"}), 0x00, &[0x1B, 0x65, 0x1B, 0x3C, b'x', 0x1B, 0x3E], 1)
        .await;
    check("447700900022", json!({"text": "now!", "type": "2"}), 0x10, b"now!", 1).await;
    check("447700900023", json!({"type": "3", "body": "00ff10AB"}), 0x04, &[0x00, 0xFF, 0x10, 0xAB], 1).await;
    check("447700900024", json!({"text": "plain", "type": 4}), 0x08, &utf16("plain"), 1).await;
    check("447700900025", json!({"text": "Привет 🌍"}), 0x08, &utf16("Привет 🌍"), 1).await;
    let long = "Ж".repeat(100);
    check("447700900026", json!({"text": long, "type": "4"}), 0x08, &utf16(&long), 2).await;
    let with_media = json!({"text": "See", "media-path": "https://m.example/1.png"});
    check("447700900027", with_media, 0x00, b"See https://m.example/1.png", 1).await;
}

async fn a_correlation_id_is_echoed_in_both_spellings(engine: Engine) {
    let stage = Stage::start(engine).await;
    for (to, spelling) in [("447700900030", "correlationid"), ("447700900031", "correlationId")] {
        let request = json!({
            "deliverychannel": "sms",
            "channels": {"sms": {"text": "Hi"}},
            "destination": [{"msisdn": [to], spelling: "mine"}],
        });
        let units = stage.post(&request).await.units();
        assert_eq!(units[0].correlation.as_deref(), Some("mine"), "{spelling}");
        let delivered = stage.hook.outcome(to, 7500).await;
        assert_eq!(delivered.json["deliveryInfoNotification"]["correlationid"], "mine", "{spelling}");
    }
}

async fn old_clients_spellings_of_path_and_headers_are_served(engine: Engine) {
    let stage = Stage::start(engine).await;
    let body = sms("Hi", TO).to_string();
    let key = stage.login.key.as_str();
    let slash = format!("{MESSAGING}/");
    let post = async |path: &str, headers: &[(&str, &str)]| {
        stage.http.send(Method::POST, path, headers, body.clone()).await.queued()
    };
    post(&slash, &[("Key", key), ("Content-Type", "application/json")]).await;
    post(MESSAGING, &[("KEY", key), ("content-type", "application/json; charset=UTF-8")]).await;
    let transid = post(MESSAGING, &[("key", key)]).await;
    let path = format!("{MESSAGING}/status/{transid}/");
    let found = stage.http.send(Method::GET, &path, &[("kEy", key)], "").await.records();
    assert_eq!(found.len(), 1);
}

async fn a_call_back_is_signed_for_both_kinds_of_receivers(engine: Engine) {
    const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    backstage.desk().set_hub_secret(backstage.login().service, SECRET).await;
    let stage = backstage.start().await;
    stage.send("Hi", TO).await;
    let told = stage.hook.both(TO, 7500).await;
    let header = |name: &str| told.header(name).unwrap_or_else(|| panic!("no {name}")).to_owned();
    let body = &told.callback.body;
    let hub = header("x-hub-signature");
    assert!(hub.starts_with("sha256=") && is_signed_by(SECRET, body, &hub), "{hub}");

    let secret = STANDARD.decode(SECRET.trim_start_matches("whsec_")).unwrap();
    let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
    let signed = [id.as_bytes(), b".", at.as_bytes(), b".", body].concat();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), &signed);
    assert_eq!(header("webhook-signature"), format!("v1,{}", STANDARD.encode(tag)));
    assert_eq!(header("content-type"), "application/json");
    let ids: BTreeSet<String> =
        stage.hook.notifications().iter().filter_map(|n| n.header("webhook-id").map(str::to_owned)).collect();
    assert_eq!(ids.len(), stage.hook.callbacks().len(), "each notification has its own id");
}

async fn a_notification_tells_the_time_of_the_tenants_zone(engine: Engine) {
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let zone = Tenant { time_zone: "Asia/Kolkata".to_owned(), ..desk::tenant("kolkata") };
    let tenant = backstage.tenant(zone).await;
    backstage.desk().add_sender(tenant, "INDIA").await;
    let service = waypost_store::directory::Service {
        notify_url: Some(backstage.hook().url("/kolkata")),
        default_sender: Some("INDIA".to_owned()),
        ..desk::service("alerts")
    };
    let login = backstage.desk().create_service(tenant, service).await;
    let stage = backstage.start().await;
    stage.http.post(&login.key, &sms("Hi", TO)).await.queued();
    let told = stage.hook.outcome(TO, 7500).await;
    let at = told.json["deliveryInfoNotification"]["deliveryInfo"]["timeStamp"].as_str().unwrap().to_owned();
    assert!(at.ends_with("+05:30"), "{at}");
    assert_eq!(told.callback.target, "/kolkata");
}

async fn expiry_is_the_validity_that_the_provider_is_given(engine: Engine) {
    let stage = Stage::start(engine).await;
    // Far ahead: the contract's old offset form, with one digit for the hour.
    let request = with(sms("Hi", TO), json!({"expiry": "2099-04-12T18:30:19.456+5:30"}));
    stage.post(&request).await.queued();
    stage.hook.outcome(TO, 7500).await.assert_outcome(7500, "Delivered");
    let [sent] = <[Received; 1]>::try_from(stage.smsc().received()).unwrap();
    assert!(sent.validity.len() == 16 && sent.validity.ends_with("000R"), "{}", sent.validity);
}

async fn a_token_of_the_service_opens_what_its_key_opens(engine: Engine) {
    const SECRET: &[u8] = b"the service secret, decoded";
    let backstage = Backstage::new(engine).await.smsc(SmscConfig::default()).await;
    let service = backstage.login().service;
    backstage.desk().set_jwt_secret(service, &STANDARD.encode(SECRET)).await;
    let stage = backstage.start().await;
    let iat = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let post = async |iat: u64, secret: &[u8], key: &str| {
        let bearer = format!("Bearer {}", token(&service.to_string(), iat, secret));
        let headers =
            [("authorization", bearer.as_str()), ("key", key), ("content-type", "application/json")];
        stage.http.send(Method::POST, MESSAGING, &headers, sms("Hi", TO).to_string()).await
    };
    post(iat, SECRET, "no such key").await.queued();
    // The token wins over a good key.
    for (iat, secret) in [(iat - 3_601, SECRET), (iat, b"another secret".as_slice())] {
        post(iat, secret, &stage.login.key).await.refused(200, "7001", "Authentication failed");
    }
}

fn token(iss: &str, iat: u64, secret: &[u8]) -> String {
    let encode = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    let head = encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = encode(json!({"iss": iss, "iat": iat}).to_string().as_bytes());
    let signed = format!("{head}.{claims}");
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
    format!("{signed}.{}", encode(tag.as_ref()))
}
