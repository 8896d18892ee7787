use futures_util::future::join_all;
use serde_json::json;
use waypost_channels::connector::Handed;
use waypost_channels::social::MediaKind;
use waypost_simulators::social::SocialKind;

use crate::support::{World, refused};

const WECHAT: SocialKind = SocialKind::Wechat;
const USER: &str = "oUser_simulated-A";

fn delivered() -> Handed {
    Handed::Taken { provider_ref: String::new(), receipt_follows: false }
}

#[tokio::test]
async fn one_token_serves_many_messages_at_once() {
    let world = World::new().await;
    let sends = (0..20).map(|_| world.send(WECHAT, USER, json!({"text": "你好"})));
    assert!(join_all(sends).await.into_iter().all(|handed| handed == delivered()));
    assert_eq!((world.sims.wechat.taken().len(), world.sims.wechat_tokens()), (20, 1));
    let fetches =
        world.sims.wechat.received().iter().filter(|one| one.path.ends_with("/stable_token")).count();
    assert_eq!(fetches, 1);
    assert_eq!(
        world.sims.wechat.taken()[0].body,
        json!({"touser": USER, "msgtype": "text", "text": {"content": "你好"}})
    );
}

#[tokio::test]
async fn a_token_is_fetched_anew_before_it_runs_out() {
    let world = World::new().await;
    world.send(WECHAT, USER, json!({"text": "x"})).await;
    world.clock.advance_ms(7_200_000);
    assert_eq!(world.send(WECHAT, USER, json!({"text": "x"})).await, delivered());
    assert_eq!(world.sims.wechat_tokens(), 2);
    let refused =
        world.sims.wechat.received().iter().filter(|one| one.answer["errcode"] == json!(42001)).count();
    assert_eq!(refused, 0);
}

#[tokio::test]
async fn a_token_that_is_void_is_replaced_once_by_one_caller() {
    let world = World::new().await;
    world.send(WECHAT, USER, json!({"text": "x"})).await;
    world.sims.revoke_wechat_token();
    let sends = (0..10).map(|_| world.send(WECHAT, USER, json!({"text": "x"})));
    assert!(join_all(sends).await.into_iter().all(|handed| handed == delivered()));
    assert_eq!(world.sims.wechat_tokens(), 2);
}

#[tokio::test]
async fn wrong_credentials_have_their_codes_and_another_revision_starts_anew() {
    let world = World::new().await;
    assert_eq!(world.send(WECHAT, USER, json!({"text": "x"})).await, delivered());
    for (name, code) in [("app_id", 7612), ("app_secret", 7304)] {
        let mut account = world.account(WECHAT);
        account.secrets[name] = json!("other");
        account.revision = 2;
        assert_eq!(
            refused(&world.send_as(account, WECHAT, USER, json!({"text": "x"})).await),
            code,
            "{name}"
        );
    }
}

#[tokio::test]
async fn each_kind_of_media_is_sent_as_what_it_was_uploaded() {
    let world = World::new().await;
    let files = [
        (MediaKind::Image, b"\xff\xd8\xff\xe0".to_vec()),
        (MediaKind::Voice, b"#!AMR\n\x3c".to_vec()),
        (MediaKind::Video, b"\0\0\0\x18ftypmp42".to_vec()),
    ];
    for (kind, bytes) in files {
        let id = world.upload(WECHAT, kind, bytes).await.unwrap();
        assert!(id.starts_with(&format!("{}.", kind.word())), "{id}");
        let block = json!({"attachment": {"type": "media", "media": {"id": id}}});
        assert_eq!(world.send(WECHAT, USER, block).await, delivered());
        assert_eq!(world.sims.wechat.taken().last().unwrap().body["msgtype"], json!(kind.word()));
    }
    let unknown = json!({"attachment": {"type": "media", "media": {"id": "image.nope"}}});
    assert_eq!(refused(&world.send(WECHAT, USER, unknown).await), 7606);
    let thumb = world.upload(WECHAT, MediaKind::Thumb, b"\xff\xd8\xff\xe0".to_vec()).await.unwrap();
    let block = json!({"attachment": {"type": "media", "media": {"id": thumb}}});
    assert_eq!(refused(&world.send(WECHAT, USER, block).await), 7607);
}

#[tokio::test]
async fn a_long_text_is_refused_by_the_provider() {
    let world = World::new().await;
    assert_eq!(refused(&world.send(WECHAT, USER, json!({"text": "x".repeat(2_049)})).await), 7633);
    assert_eq!(refused(&world.send(WECHAT, USER, json!({})).await), 7607);
}
