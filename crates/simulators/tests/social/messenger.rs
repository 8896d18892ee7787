use serde_json::{Value, json};
use waypost_channels::connector::Handed;
use waypost_simulators::social::{Reply, SocialKind};

use crate::support::{NOW, World, refused, taken};

const FB: SocialKind = SocialKind::Fb;
const PSID: &str = "24680000000000001";

fn template(payload: Value) -> Value {
    json!({"attachment": {"type": "template", "payload": payload}})
}

#[tokio::test]
async fn a_text_is_taken_under_the_providers_id_and_a_receipt_follows() {
    let world = World::new().await;
    let handed = world.send(FB, PSID, json!({"text": "Hi", "messaging_type": "RESPONSE"})).await;
    let sent = world.sims.graph.taken();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].body,
        json!({"recipient": {"id": PSID}, "message": {"text": "Hi"}, "messaging_type": "RESPONSE"})
    );
    let provider_ref = sent[0].taken.clone().unwrap();
    assert_eq!(handed, Handed::Taken { provider_ref, receipt_follows: true });
}

#[tokio::test]
async fn an_indicator_is_taken_and_no_receipt_follows() {
    let world = World::new().await;
    for action in ["mark_seen", "typing_on", "typing_off"] {
        let handed = world.send(FB, PSID, json!({"sender_action": action})).await;
        assert_eq!(handed, Handed::Taken { provider_ref: String::new(), receipt_follows: false });
    }
    assert_eq!(refused(&world.send(FB, PSID, json!({"sender_action": "dance"})).await), 7112);
}

#[tokio::test]
async fn every_attachment_and_template_of_the_contract_is_taken() {
    let world = World::new().await;
    let button = json!({"type": "postback", "title": "Buy", "payload": "BUY"});
    let element = json!({"title": "Tea", "subtitle": "Green", "item_url": "https://x.example/tea", "buttons": [button]});
    let receipt = json!({
        "template_type": "receipt", "recipient_name": "Ann", "order_number": "1", "currency": "GBP",
        "payment_method": "Visa", "elements": [{"title": "Tea", "price": 4}], "summary": {"total_cost": 4},
    });
    let mut blocks = vec![
        template(json!({"template_type": "generic", "elements": [element]})),
        template(json!({"template_type": "button", "text": "Choose", "buttons": [
            {"type": "web_url", "title": "Open", "url": "https://x.example"}]})),
        template(receipt),
        json!({"text": "Tell us", "quick_replies": [{"content_type": "text", "title": "Yes", "payload": "Y"}]}),
        json!({"text": "Still there?", "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}),
        json!({"text": "Quiet", "notification_type": "NO_PUSH"}),
    ];
    for kind in ["image", "audio", "video", "file"] {
        blocks.push(json!({"attachment": {"type": kind, "payload": {"url": "https://x.example/f"}}}));
    }
    let count = blocks.len();
    for block in blocks {
        let shown = block.to_string();
        let handed = world.send(FB, PSID, block).await;
        assert!(matches!(handed, Handed::Taken { receipt_follows: true, .. }), "{shown}: {handed:?}");
    }
    assert_eq!(world.sims.graph.taken().len(), count);
}

#[tokio::test]
async fn what_the_provider_does_not_take_ends_with_its_code() {
    let world = World::new().await;
    let many = vec![json!({"title": "Tea"}); 11];
    let table = [
        (json!({"text": "x".repeat(2_001)}), 7107),
        (json!({}), 7112),
        (template(json!({"template_type": "generic", "elements": many})), 7112),
        (template(json!({"template_type": "generic", "elements": [{"title": "T".repeat(81)}]})), 7112),
        (template(json!({"template_type": "receipt", "recipient_name": "Ann"})), 7112),
        (json!({"text": "x", "messaging_type": "MESSAGE_TAG", "tag": "SALES"}), 7526),
        (json!({"text": "x", "messaging_type": "SHOUT"}), 7112),
    ];
    for (block, code) in table {
        let shown = block.to_string();
        assert_eq!(refused(&world.send(FB, PSID, block).await), code, "{shown}");
    }
    assert_eq!(refused(&world.send(FB, "not-a-psid", json!({"text": "x"})).await), 7102);
}

#[tokio::test]
async fn a_wrong_token_or_proof_is_refused_and_a_missing_one_never_sent() {
    let world = World::new().await;
    let with = |name: &str, value: Value| {
        let mut account = world.account(FB);
        account.secrets[name] = value;
        world.send_as(account, FB, PSID, json!({"text": "x"}))
    };
    assert_eq!(refused(&with("page_token", json!("other")).await), 7304);
    assert_eq!(
        refused(&with("app_secret", json!("other")).await),
        7112,
        "the provider has no number of its own"
    );
    let seen = world.sims.graph.received().len();
    assert_eq!(refused(&with("page_token", Value::Null).await), 7114);
    assert_eq!(refused(&with("app_secret", json!("")).await), 7114);
    assert_eq!(world.sims.graph.received().len(), seen);
}

#[tokio::test]
async fn a_throttled_page_waits_as_long_as_the_provider_says() {
    let world = World::new().await;
    let error =
        |code: i64| json!({"error": {"message": "slow down", "type": "OAuthException", "code": code}});
    let pause = r#"{"1":[{"type":"messenger","estimated_time_to_regain_access":5}]}"#;
    world.sims.graph.plan(Reply::status(400, error(80006)).with_header("x-business-use-case-usage", pause));
    let later = |code, detail: &str, retry_after, failing| Handed::Later {
        code,
        detail: detail.to_owned(),
        retry_after,
        failing,
    };
    let handed = world.send(FB, PSID, json!({"text": "x"})).await;
    assert_eq!(handed, later(7302, "#80006 slow down", Some(NOW.add_ms(300_000)), false));
    world.sims.graph.plan(Reply::status(400, error(613)).with_header("retry-after", "30"));
    let handed = world.send(FB, PSID, json!({"text": "x"})).await;
    assert_eq!(handed, later(7302, "#613 slow down", Some(NOW.add_ms(30_000)), false));
    world.sims.graph.plan(Reply::status(500, error(2)));
    assert_eq!(world.send(FB, PSID, json!({"text": "x"})).await, later(7307, "#2 slow down", None, true));
    world.sims.graph.plan(Reply::status(502, Value::Null));
    let handed = world.send(FB, PSID, json!({"text": "x"})).await;
    assert_eq!(handed, later(7307, "HTTP 502 no reason given", None, true));
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_tried_later() {
    let world = World::new().await;
    let mut account = world.account(FB);
    // Nobody listens on the port of a listener that is gone.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    account.config["base_url"] = json!(format!("http://127.0.0.1:{port}"));
    match world.send_as(account, FB, PSID, json!({"text": "x"})).await {
        Handed::Later { code: 7307, failing: true, retry_after: None, .. } => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_sandbox_account_never_leaves_this_machine() {
    let world = World::new().await;
    let mut account = world.account(FB);
    account.config = json!({});
    assert_eq!(refused(&world.send_as(account, FB, PSID, json!({"text": "x"})).await), 7114);
}

#[tokio::test]
async fn each_message_has_an_id_of_its_own() {
    let world = World::new().await;
    let first = taken(world.send(FB, PSID, json!({"text": "x"})).await);
    let second = taken(world.send(FB, PSID, json!({"text": "x"})).await);
    assert_ne!(first, second);
}
