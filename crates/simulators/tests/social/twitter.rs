use serde_json::{Value, json};
use waypost_channels::connector::Handed;
use waypost_channels::social::MediaKind;
use waypost_core::time::Micros;
use waypost_simulators::social::{Reply, SocialKind};

use crate::support::{NOW, World, refused};

const X: SocialKind = SocialKind::Twitter;
const USER: &str = "783214001";

#[tokio::test]
async fn a_signed_message_is_taken_and_counts_as_delivered() {
    let world = World::new().await;
    let options =
        json!({"type": "options", "options": [{"label": "Yes", "description": "d", "metadata": "m"}]});
    let handed = world.send(X, USER, json!({"text": "Hi", "quick_reply": options})).await;
    let sent = world.sims.x.taken();
    let provider_ref = sent[0].taken.clone().unwrap();
    assert_eq!(handed, Handed::Taken { provider_ref, receipt_follows: false });
    assert_eq!(
        sent[0].body["event"]["message_create"]["message_data"],
        json!({"text": "Hi", "quick_reply": options})
    );
}

#[tokio::test]
async fn media_must_have_been_uploaded_before() {
    let world = World::new().await;
    let with = |id: &str| json!({"text": "Look", "attachment": {"type": "media", "media": {"id": id}}});
    assert_eq!(refused(&world.send(X, USER, with("1")).await), 7606);
    let id = world.upload(X, MediaKind::Image, b"\x89PNG\r\n\x1a\nrest".to_vec()).await.unwrap();
    assert!(matches!(world.send(X, USER, with(&id)).await, Handed::Taken { .. }));
    let gif = world.upload(X, MediaKind::Image, b"GIF89arest".to_vec()).await.unwrap();
    assert!(matches!(world.send(X, USER, with(&gif)).await, Handed::Taken { .. }));
}

#[tokio::test]
async fn every_wrong_credential_has_its_code() {
    let world = World::new().await;
    for (name, code) in [
        ("consumer_key", 7304),
        ("consumer_secret", 7304),
        ("access_token", 7305),
        ("access_token_secret", 7304),
    ] {
        let mut account = world.account(X);
        account.secrets[name] = json!("other");
        assert_eq!(refused(&world.send_as(account, X, USER, json!({"text": "x"})).await), code, "{name}");
        let mut account = world.account(X);
        account.secrets[name] = Value::Null;
        assert_eq!(refused(&world.send_as(account, X, USER, json!({"text": "x"})).await), 7114, "{name}");
    }
    assert!(world.sims.x.taken().is_empty());
}

#[tokio::test]
async fn what_the_provider_does_not_take_ends_with_its_code() {
    let world = World::new().await;
    let label = "l".repeat(37);
    let table = [
        (USER, json!({"text": "x".repeat(10_001)}), 7107),
        (USER, json!({"text": "x", "quick_reply": {"type": "options", "options": [{"label": label}]}}), 7112),
        (USER, json!({"text": ""}), 7112),
        ("someone", json!({"text": "x"}), 7102),
    ];
    for (to, block, code) in table {
        let shown = block.to_string();
        assert_eq!(refused(&world.send(X, to, block).await), code, "{shown}");
    }
}

#[tokio::test]
async fn a_used_up_quota_is_waited_for() {
    let world = World::new().await;
    let error = json!({"errors": [{"code": 88, "message": "Rate limit exceeded"}]});
    let reset = NOW.as_secs() + 900;
    world.sims.x.plan(Reply::status(429, error).with_header("x-rate-limit-reset", reset.to_string()));
    let expected = Handed::Later {
        code: 7302,
        detail: "#88 Rate limit exceeded".to_owned(),
        retry_after: Some(Micros::from_secs(reset)),
        failing: false,
    };
    assert_eq!(world.send(X, USER, json!({"text": "x"})).await, expected);
    let error = json!({"errors": [{"code": 187, "message": "Status is a duplicate."}]});
    world.sims.x.plan(Reply::status(403, error));
    assert_eq!(refused(&world.send(X, USER, json!({"text": "x"})).await), 7306);
}
