//! Every channel but SMS, in the sandbox: each outcome of the catalogue on its own channel, told and looked up.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waypost_status::{Api, CATALOGUE, MessagingCode, Phase, TransactionStatusCode};
use waypost_store::directory::{AppKind, Service, Tenant};
use waypost_suite::{Backstage, Engine, Login, Notification, Stage, desk, on_both_engines, proof};

on_both_engines!(
    every_outcome_of_every_channel_can_be_had_on_demand,
    an_app_that_is_unknown_or_of_another_channel_is_told_so,
    a_channel_without_a_connector_is_told_so,
);

/// A channel: its name, the content of its message, the key of a destination that is an address.
struct Channel {
    name: &'static str,
    content: fn() -> Value,
    id_key: &'static str,
    app: Option<(&'static str, AppKind)>,
}

const CHANNELS: [Channel; 6] = [
    Channel {
        name: "voice",
        content: || json!({"voice": {"callflowid": "184"}}),
        id_key: "msisdn",
        app: None,
    },
    Channel {
        name: "push",
        content: || json!({"push": {"android": {"text": "Hi"}}}),
        id_key: "android_pushid",
        app: Some(("PU00000001", AppKind::Mobile)),
    },
    Channel {
        name: "rt",
        content: || json!({"appmessaging": {"message": {"text": "Hi"}}}),
        id_key: "userid",
        app: Some(("RT00000001", AppKind::Mobile)),
    },
    Channel {
        name: "fb",
        content: || json!({"OTT-Messaging": {"fb": {"text": "Hi"}}}),
        id_key: "psid",
        app: Some(("FB00000001", AppKind::Fb)),
    },
    Channel {
        name: "twitter",
        content: || json!({"OTT-Messaging": {"twitter": {"text": "Hi"}}}),
        id_key: "twitterid",
        app: Some(("TW00000001", AppKind::Twitter)),
    },
    Channel {
        name: "wechat",
        content: || json!({"OTT-Messaging": {"wechat": {"text": "Hi"}}}),
        id_key: "wechatid",
        app: Some(("WC00000001", AppKind::Wechat)),
    },
];

/// The codes a message of the channel can end with.
fn outcomes(channel: &str) -> BTreeSet<u16> {
    let of_channel = CATALOGUE.iter().filter(|entry| {
        entry.api == Api::Messaging
            && entry.phase != Phase::Answer
            && entry.reserved.is_none()
            && (entry.channels.is_empty() || entry.channels.contains(&channel))
    });
    of_channel.filter_map(|entry| u16::try_from(entry.code).ok()).collect()
}

/// `deliveryStatus` of spec 4.2.
fn told(channel: &str, code: u16) -> &'static str {
    match code {
        7500 => "Delivered",
        7501 => "Submitted",
        7502 => "Read",
        7528 => "Clicked",
        _ if channel != "voice" => "Failed",
        7401..=7403 | 7406 => "REJECTED",
        7405 => "Released",
        7407 => "OFFERED",
        7408 => "ACCEPTED",
        7409 => "DROPPED",
        7410 => "DISCONNECTED",
        7411 => "TROMBONE_CONNECTED",
        7412 => "TROMBONE_RELEASED",
        7519 => "ANSWERED",
        _ => "Failed",
    }
}

/// `status` of spec 5.
fn shown(channel: &str, code: u16) -> &'static str {
    match (channel, code) {
        (_, 7501) | ("voice", 7407 | 7408 | 7411 | 7412) => "sent",
        ("voice", 7500 | 7502 | 7519) => "answered",
        ("voice", 7401) => "no answer",
        ("voice", 7402) => "busy",
        ("voice", 7403 | 7406) => "rejected",
        ("voice", _) => "others",
        (_, 7500 | 7502 | 7528) => "delivered",
        (_, 7005 | 7019 | 7208 | 7301 | 7303 | 7503) => "expired",
        _ => "failed",
    }
}

/// A server with a tenant of the sandbox, or a live one, that has an app for each channel.
async fn staged(engine: Engine, sandbox: bool) -> (Stage, Login) {
    let backstage = Backstage::new(engine).await;
    let tenant = backstage.tenant(Tenant { sandbox, ..desk::tenant("channels") }).await;
    let service = Service { notify_url: Some(backstage.hook().url("/dlr")), ..desk::service("alerts") };
    let login = backstage.desk().create_service(tenant, service).await;
    for channel in &CHANNELS {
        if let Some((app_id, kind)) = channel.app {
            backstage.desk().create_app(tenant, app_id, kind).await;
            backstage.desk().default_app(tenant, login.service, channel.name, app_id).await;
        }
    }
    (backstage.start().await, login)
}

fn request(channel: &Channel, destination: &Value) -> Value {
    json!({
        "deliverychannel": channel.name,
        "channels": (channel.content)(),
        "destination": destination,
        "callbackData": "cb",
    })
}

async fn every_outcome_of_every_channel_can_be_had_on_demand(engine: Engine) {
    let (stage, login) = staged(engine, true).await;
    for channel in &CHANNELS {
        let codes = outcomes(channel.name);
        assert!(codes.len() > 40, "{}: {codes:?}", channel.name);
        // By an address, and by an id that nobody has.
        for id_key in [channel.id_key, "customerid"] {
            let values: Vec<String> =
                codes.iter().map(|code| format!("{}-{id_key}-{code}", channel.name)).collect();
            let unit = json!([{id_key: values, "correlationid": "c-1"}]);
            let transid = stage.http.post(&login.key, &request(channel, &unit)).await.queued();
            for (code, value) in codes.iter().zip(&values) {
                check_told(&stage.hook.outcome(value, *code).await, channel, id_key, value, *code, &transid);
            }
            let answer = stage.http.status(&login.key, &transid).await;
            check_shown(&answer.json(), channel, &codes);
        }
    }
}

fn check_told(
    notification: &Notification,
    channel: &Channel,
    id_key: &str,
    to: &str,
    code: u16,
    transid: &str,
) {
    let entry = MessagingCode::for_outcome(code, channel.name).expect("a row of the catalogue").entry();
    proof::notified_on(channel.name, code, entry.message);
    // Of a message that ended before its address was known, nothing but what the client wrote is told.
    let reached = matches!(code, 7500..=7502 | 7528);
    let to_type = match (channel.name, code) {
        (_, 7105) => "",
        ("push", _) if reached => "android_pushid",
        _ => id_key,
    };
    let mut info = json!({
        "timeStamp": notification.at(),
        "Description": entry.message,
        "code": code.to_string(),
        "deliveryChannel": channel.name,
        "additionalInfo": "",
        "destination": to,
        "destinationType": to_type,
        "deliveryStatus": told(channel.name, code),
    });
    if channel.name == "push" {
        info["pushId"] = json!(if reached { to } else { "" });
        info["deviceid"] = json!("");
    }
    let mut whole = json!({
        "deliveryInfo": info,
        "subtid": "",
        "transid": transid,
        "callbackData": "cb",
        "correlationid": "c-1",
    });
    if channel.name == "voice" && matches!(code, 7405 | 7407..=7410 | 7519) {
        let step = told("voice", code).to_uppercase();
        let at = notification.at();
        whole["deliveryTransInfo"] = json!(format!(
            "<call><event>{step}</event><code>{code}</code><timeStamp>{at}</timeStamp></call>"
        ));
    }
    assert_eq!(notification.json, json!({"deliveryInfoNotification": whole}));
}

fn check_shown(records: &Value, channel: &Channel, codes: &BTreeSet<u16>) {
    let records = records.as_array().expect("an array of records");
    assert_eq!(records.len(), codes.len());
    for (record, code) in records.iter().zip(codes) {
        let word = shown(channel.name, *code);
        assert_eq!((&record["status"], &record["channel"]), (&json!(word), &json!(channel.name)), "{record}");
        assert_eq!(record.get("callflowid"), (channel.name == "voice").then(|| json!("184")).as_ref());
        let text = TransactionStatusCode::for_outcome(*code, channel.name).map(|code| code.entry().message);
        let text =
            text.or_else(|| MessagingCode::for_outcome(*code, channel.name).map(|c| c.entry().message));
        let failed = !matches!(word, "sent" | "delivered" | "answered");
        let (error, message) =
            if failed { (json!(code.to_string()), json!(text)) } else { Default::default() };
        assert_eq!((&record["error_code"], &record["error_message"]), (&error, &message), "{record}");
        if let Some(entry) = TransactionStatusCode::for_outcome(*code, channel.name) {
            proof::seen(Api::TransactionStatus, &code.to_string(), entry.entry().message);
        }
    }
}

async fn an_app_that_is_unknown_or_of_another_channel_is_told_so(engine: Engine) {
    let (stage, login) = staged(engine, true).await;
    let push = &CHANNELS[1];
    for (n, app_id) in ["XX99999999", "FB00000001"].into_iter().enumerate() {
        let to = format!("token-{n}");
        let mut request = request(push, &json!([{"android_pushid": [to]}]));
        request["appid"] = json!(app_id);
        let transid = stage.http.post(&login.key, &request).await.queued();
        let notification = stage.hook.outcome(&to, 7104).await;
        assert_eq!((notification.status(), notification.transid()), ("Failed", transid.as_str()));
    }
}

async fn a_channel_without_a_connector_is_told_so(engine: Engine) {
    let (stage, login) = staged(engine, false).await;
    for channel in CHANNELS.iter().filter(|channel| matches!(channel.name, "voice" | "rt")) {
        let to = format!("nobody-on-{}", channel.name);
        let unit = json!([{channel.id_key: [to]}]);
        let transid = stage.http.post(&login.key, &request(channel, &unit)).await.queued();
        let notification = stage.hook.outcome(&to, 7106).await;
        assert_eq!((notification.status(), notification.transid()), ("Failed", transid.as_str()));
        let answer = stage.http.status(&login.key, &transid).await;
        assert_eq!(answer.json()[0]["error_code"], "7106");
    }
}
