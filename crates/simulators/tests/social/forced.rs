use serde_json::json;
use waypost_channels::connector::Handed;
use waypost_channels::social::Meanings;
use waypost_channels::{messenger, twitter, wechat};
use waypost_simulators::social::SocialKind;

use crate::support::World;

type Table = fn() -> &'static Meanings;

const TABLES: [(SocialKind, Table); 3] = [
    (SocialKind::Fb, messenger::meanings),
    (SocialKind::Twitter, twitter::meanings),
    (SocialKind::Wechat, wechat::meanings),
];

#[tokio::test]
async fn every_code_a_provider_can_say_is_said_on_request() {
    let world = World::new().await;
    for (kind, table) in TABLES {
        let mut codes: Vec<u16> = table().rows().error.iter().map(|row| row.outcome).collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            let to = format!("100000{code}");
            match world.send(kind, &to, json!({"text": "x"})).await {
                Handed::Refused { code: said, .. } | Handed::Later { code: said, .. } => {
                    assert_eq!(said, code, "{kind:?}");
                }
                other => panic!("{kind:?} and {code}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_code_no_provider_says_is_no_wish() {
    let world = World::new().await;
    for (kind, _) in TABLES {
        for code in ["7500", "7501", "7209", "0001"] {
            let handed = world.send(kind, &format!("100000{code}"), json!({"text": "x"})).await;
            assert!(matches!(handed, Handed::Taken { .. }), "{kind:?} {code}: {handed:?}");
        }
    }
}
