//! Messenger, X and WeChat, from the request to the providers and back.

use serde_json::{Value, json};
use waypost_core::time::{Clock, Micros, SystemClock};
use waypost_simulators::social::{Reply, SocialKind};
use waypost_suite::{Engine, SECOND_PAGE, SOCIAL, Social, Table, on_both_engines, proof, within};

on_both_engines!(
    a_message_goes_to_the_provider_and_its_receipts_come_back,
    a_receipt_that_overtakes_its_answer_is_not_lost,
    a_read_report_moves_what_was_sent_before_it_and_nothing_else,
    another_assets_reports_move_nothing,
    what_a_provider_refuses_ends_with_its_code,
    what_may_pass_is_tried_again,
    what_users_say_is_forwarded_once,
    an_uploaded_picture_is_sent_by_its_id,
);

const PSID: &str = "24680000000000001";

fn text() -> Value {
    json!({"text": "Your table is ready"})
}

fn now() -> Micros {
    SystemClock.now()
}

async fn a_message_goes_to_the_provider_and_its_receipts_come_back(engine: Engine) {
    let social = Social::start(engine).await;
    social.sims.graph.set_webhook(Some(social.webhook(SocialKind::Fb)));
    // The simulator reports delivery; that one was read is reported when it is known to be delivered.
    let (plain, read) = (PSID, "24680000000000002");
    let transid = social.send("fb", &json!({"psid": [plain, read]}), &text()).await;
    let told = async |to: &str, code: u16, words: &str| {
        let told = social.stage.hook.outcome(to, code).await;
        told.assert_outcome(code, words);
        assert_eq!(told.transid(), transid);
    };
    for to in [plain, read] {
        told(to, 7501, "Submitted").await;
        told(to, 7500, "Delivered").await;
    }
    social.tell(SocialKind::Fb, &social.sims.fb_read(read, now())).await;
    told(read, 7502, "Read").await;
    let shown = social.stage.http.status(&social.login.key, &transid).await.json();
    assert_eq!((&shown[0]["status"], &shown[1]["status"]), (&json!("delivered"), &json!("delivered")));
    // The others send no receipts: taken is delivered, told once.
    for (channel, to) in
        [("twitter", json!({"twitterid": ["783214001"]})), ("wechat", json!({"wechatid": ["o-1"]}))]
    {
        let transid = social.send(channel, &to, &text()).await;
        let to = to.as_object().unwrap().values().next().unwrap()[0].as_str().unwrap().to_owned();
        let told = social.stage.hook.outcome(&to, 7500).await;
        told.assert_outcome(7500, "Delivered");
        assert_eq!(told.transid(), transid);
        let of_it = social.stage.hook.notifications().into_iter().filter(|n| n.to() == to).count();
        assert_eq!(of_it, 1);
    }
    for (_, kind, _) in SOCIAL {
        assert!(!social.sims.of(kind).taken().is_empty());
    }
}

async fn a_receipt_that_overtakes_its_answer_is_not_lost(engine: Engine) {
    let social = Social::start(engine).await;
    let mid = "m_overtaken";
    let hook = social.sims.fb_delivery(PSID, &[mid], now());
    social.tell(SocialKind::Fb, &hook).await;
    assert_eq!(social.stage.desk.count(Table::ReceiptHeld).await, 1);
    social.sims.graph.plan(Reply::ok(json!({"recipient_id": PSID, "message_id": mid})));
    social.send("fb", &json!({"psid": [PSID]}), &text()).await;
    social.stage.hook.both(PSID, 7500).await;
    assert_eq!(social.stage.desk.count(Table::ReceiptHeld).await, 0);
    // The same again changes nothing.
    social.tell(SocialKind::Fb, &hook).await;
    assert_eq!(social.stage.desk.count(Table::ReceiptHeld).await, 0);
}

async fn a_read_report_moves_what_was_sent_before_it_and_nothing_else(engine: Engine) {
    let social = Social::start(engine).await;
    let other = "24680000000000002";
    let first = social.send("fb", &json!({"psid": [PSID]}), &text()).await;
    let stranger = social.send("fb", &json!({"psid": [other]}), &text()).await;
    social.stage.hook.outcome(PSID, 7501).await;
    social.stage.hook.outcome(other, 7501).await;
    let early = social.sims.fb_read(PSID, now().sub_ms(3_600_000));
    social.tell(SocialKind::Fb, &early).await;
    let read = social.sims.fb_read(PSID, now());
    social.tell(SocialKind::Fb, &read).await;
    let told = social.stage.hook.outcome(PSID, 7502).await;
    assert_eq!((told.status(), told.transid()), ("Read", first.as_str()));
    // What is sent afterwards is not read, and a report sent twice tells nothing twice.
    social.tell(SocialKind::Fb, &read).await;
    let of_it = |code| {
        let all = social.stage.hook.notifications();
        all.into_iter().filter(|n| n.to() == PSID && n.code() == code).count()
    };
    assert_eq!((of_it(7501), of_it(7502)), (1, 1));
    let shown = social.stage.http.status(&social.login.key, &stranger).await.json();
    assert_eq!(shown[0]["status"], "sent");
}

async fn another_assets_reports_move_nothing(engine: Engine) {
    let social = Social::start(engine).await;
    let transid = social.send("fb", &json!({"psid": [PSID]}), &text()).await;
    social.stage.hook.outcome(PSID, 7501).await;
    let mid = social.sims.graph.taken()[0].taken.clone().unwrap();
    // Another asset's reports are signed as well as the first one's.
    let mut url = social.webhook(SocialKind::Fb);
    url.set_path(&format!("/webhooks/messenger/{SECOND_PAGE}"));
    let hook = social.sims.fb_delivery(PSID, &[&mid], now());
    assert_eq!(social.sims.graph.post_hook(&url, &hook).await.unwrap().0, 200);
    let read = social.sims.fb_read(PSID, now());
    assert_eq!(social.sims.graph.post_hook(&url, &read).await.unwrap().0, 200);
    let shown = social.stage.http.status(&social.login.key, &transid).await.json();
    assert_eq!(shown[0]["status"], "sent");
    let hook = social.sims.fb_delivery(PSID, &[&mid], now());
    social.tell(SocialKind::Fb, &hook).await;
    social.stage.hook.outcome(PSID, 7500).await;
}

async fn what_a_provider_refuses_ends_with_its_code(engine: Engine) {
    let social = Social::start(engine).await;
    let table = [
        ("fb", "psid", vec![7304, 7305, 7526, 7102, 7110]),
        ("twitter", "twitterid", vec![7304, 7305, 7306, 7102]),
        ("wechat", "wechatid", (7601..=7643).collect()),
    ];
    for (channel, id_key, codes) in table {
        let to: Vec<String> = codes.iter().map(|code| format!("100000{code}")).collect();
        social.send(channel, &json!({id_key: to}), &text()).await;
        for (code, to) in codes.iter().zip(&to) {
            let what = format!("{code} on {channel}");
            let wanted = |n: &waypost_suite::Notification| n.to() == to && n.code() == *code;
            let told = social.stage.hook.notification(&what, wanted).await;
            assert_eq!(told.status(), "Failed", "{}", told.json);
            let info = &told.json["deliveryInfoNotification"]["deliveryInfo"];
            proof::notified_on(channel, *code, info["Description"].as_str().unwrap());
        }
    }
}

async fn what_may_pass_is_tried_again(engine: Engine) {
    let social = Social::start(engine).await;
    let busy = json!({"error": {"message": "try again", "type": "OAuthException", "code": 1200}});
    social.sims.graph.plan(Reply::status(500, busy));
    social.send("fb", &json!({"psid": [PSID]}), &text()).await;
    social.stage.hook.outcome(PSID, 7501).await;
    assert_eq!(social.sims.graph.received().len(), 2);
    // After the last attempt it ends with what the provider said: this user's messages are throttled for good.
    let throttled = "24680000000007302";
    social.send("fb", &json!({"psid": [throttled]}), &text()).await;
    social.stage.hook.outcome(throttled, 7302).await.assert_outcome(7302, "Failed");
    let unreachable = "24680000000007307";
    social.send("fb", &json!({"psid": [unreachable]}), &text()).await;
    social.stage.hook.outcome(unreachable, 7307).await.assert_outcome(7307, "Failed");
}

/// Waits for `count` sayings forwarded from `channel`; their bodies, without what depends on the moment.
async fn forwarded(social: &Social, channel: &str, count: usize) -> Vec<Value> {
    let what = format!("{count} sayings on {channel}");
    let of_channel = |body: &[u8]| {
        let json: Value = serde_json::from_slice(body).ok()?;
        (json.get("appId").is_some() && json["channel"] == channel).then_some(json)
    };
    let mut bodies = social
        .stage
        .hook
        .wait(&what, |kept| {
            let all: Vec<Value> = kept
                .iter()
                .filter(|one| one.target == "/mo")
                .filter_map(|one| of_channel(&one.body))
                .collect();
            (all.len() >= count).then_some(all)
        })
        .await;
    for body in &mut bodies {
        let tid = body["tid"].as_str().unwrap();
        assert!(tid.strip_suffix("_0").is_some_and(|id| id.parse::<i64>().is_ok()), "{tid}");
        for member in ["tid", "ts", "timeStamp"] {
            assert_ne!(body.as_object_mut().unwrap().remove(member), None, "{member}");
        }
    }
    bodies
}

async fn what_users_say_is_forwarded_once(engine: Engine) {
    let social = Social::start(engine).await;
    let profile = json!({"locale": "", "gender": "", "timezone": "", "name": "", "profile_pic": ""});
    let expected = |rest: Value| {
        let mut whole = profile.clone();
        whole.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        whole
    };
    let at = now();
    let message = social.sims.fb_event(PSID, at, json!({"message": {"mid": "m1", "text": "Hi"}}));
    social.tell(SocialKind::Fb, &message).await;
    social.tell(SocialKind::Fb, &message).await;
    let postback = json!({"postback": {"mid": "m2", "title": "Buy", "payload": "BUY"}});
    social.tell(SocialKind::Fb, &social.sims.fb_event(PSID, at, postback)).await;
    let mut bodies = forwarded(&social, "Facebook", 2).await;
    bodies.sort_by_key(|body| body["event"].as_str().unwrap().to_owned());
    let (user, app) = (PSID, SOCIAL[0].2);
    assert_eq!(
        bodies,
        [
            expected(
                json!({"userId": user, "channel": "Facebook", "psid": user, "appId": app, "event": "MO",
                "message": "Hi", "attachments": "", "postback": ""})
            ),
            expected(
                json!({"userId": user, "channel": "Facebook", "psid": user, "appId": app, "event": "OnPostback",
                "message": "Buy", "attachments": "", "postback": "BUY"})
            ),
        ]
    );
    social.tell(SocialKind::Twitter, &social.sims.x_message("77", "8", "Hello", at)).await;
    let body = json!({"userId": "8", "channel": "Twitter", "twitterid": "8", "appId": SOCIAL[1].2, "event": "MO",
        "message": "Hello", "attachments": "", "postback": ""});
    assert_eq!(forwarded(&social, "Twitter", 1).await, [expected(body)]);
    let rest =
        "<MsgType>image</MsgType><PicUrl>https://x.example/p</PicUrl><MediaId>m9</MediaId><MsgId>9</MsgId>";
    social.tell(SocialKind::Wechat, &social.sims.wechat_event("o-1", rest, at, true)).await;
    let list = r#"[{"payload":{"MediaId":"m9","PicUrl":"https://x.example/p"},"type":"image"}]"#;
    let body = json!({"userId": "o-1", "channel": "WeChat", "wechatid": "o-1", "appId": SOCIAL[2].2, "event": "MO",
        "message": "", "attachments": list, "postback": ""});
    assert_eq!(forwarded(&social, "WeChat", 1).await, [expected(body)]);
    assert_eq!(social.stage.desk.count(Table::SocialInbound).await, 4);
    let all = social.stage.hook.callbacks().iter().filter(|one| one.target == "/mo").count();
    assert_eq!(all, 4);
}

async fn an_uploaded_picture_is_sent_by_its_id(engine: Engine) {
    let social = Social::start(engine).await;
    let picture = b"\xff\xd8\xff\xe0picture";
    for (channel, kind, app_id) in SOCIAL {
        let answer = social.stage.http.upload(&social.login.key, app_id, "cat.jpg", picture).await;
        if channel == "fb" {
            assert_eq!(answer["response"]["code"], "7104");
            continue;
        }
        let id = answer["mediaid"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        let id_key = format!("{channel}id");
        let to = "783214001";
        let mut block = json!({"attachment": {"type": "media", "media": {"id": id}}});
        // WeChat takes one of the two.
        if channel == "twitter" {
            block["text"] = "Look".into();
        }
        social.send(channel, &json!({id_key: [to]}), &block).await;
        let what = format!("the picture on {channel}");
        within(&what, social.sims.of(kind).wait(|taken, _| taken == 1)).await;
    }
}
