use waypost_channels::social::MediaKind;
use waypost_simulators::social::SocialKind;

use crate::support::World;

#[tokio::test]
async fn a_file_that_breaks_a_rule_never_reaches_the_provider() {
    let world = World::new().await;
    let jpg = |bytes: usize| [b"\xff\xd8\xff".to_vec(), vec![0; bytes]].concat();
    let table = [
        (SocialKind::Wechat, MediaKind::Image, jpg(128 << 10), 7608),
        (SocialKind::Wechat, MediaKind::Thumb, jpg(64 << 10), 7611),
        (SocialKind::Wechat, MediaKind::Image, b"GIF89a".to_vec(), 7643),
        (SocialKind::Wechat, MediaKind::Voice, b"ID3".to_vec(), 7604),
        (SocialKind::Wechat, MediaKind::Video, Vec::new(), 7626),
        (SocialKind::Twitter, MediaKind::Video, b"\0\0\0\x18ftypmp42".to_vec(), 7603),
        (SocialKind::Twitter, MediaKind::Image, b"%PDF".to_vec(), 7604),
        (SocialKind::Twitter, MediaKind::Image, jpg(5 << 20), 7608),
        (SocialKind::Twitter, MediaKind::Image, Vec::new(), 7626),
    ];
    for (kind, as_kind, bytes, code) in table {
        let fault = world.upload(kind, as_kind, bytes).await.unwrap_err();
        assert_eq!((fault.code, fault.may_pass), (code, false), "{kind:?} {as_kind:?}");
    }
    assert!(world.sims.x.received().is_empty() && world.sims.wechat.received().is_empty());
}
