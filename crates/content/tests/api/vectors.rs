//! The conformance vectors of a receiver (spec Appendix D), on both engines.

use waypost_content::certify::certify;
use waypost_content::{Kind, Op, sample};
use waypost_store::testing::on_both_engines;

use crate::support::{P, Server, success};

#[tokio::test]
async fn our_receiver_keeps_every_vector_of_appendix_d() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let findings = certify(&server, "CERT").await;
        let kept: Vec<_> =
            findings.iter().filter(|finding| finding.fault.is_none()).map(|it| it.vector).collect();
        let broken: Vec<_> = findings.iter().filter(|finding| finding.fault.is_some()).collect();
        assert!(broken.is_empty(), "{broken:#?}");
        assert_eq!(kept, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 23]);
    })
    .await;
}

#[tokio::test]
async fn a_message_is_applied_once_and_its_answer_outlives_what_follows() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        server.furnish().await;
        let room = vec![sample::room("CDK1")];
        let refused = server.push("m-1", Kind::Room, Op::Update, room.clone()).await;
        assert_eq!(refused.errors().1[0].0, 7055);
        // The same id is the same message: its answer stays, although the room is there by now.
        let taken = server.push("m-2", Kind::Room, Op::New, room.clone()).await;
        assert_eq!(taken.whole(), (200, success("m-2").as_str()));
        let again = server.push("m-1", Kind::Room, Op::Update, room).await;
        assert_eq!(again.whole(), refused.whole());
        assert_eq!(server.count("SELECT count(*) FROM content_seen WHERE message_id = 'm-1'").await, 1);
        assert_eq!(server.count("SELECT count(*) FROM content_log WHERE message_id = 'm-1'").await, 2);
    })
    .await;
}

#[tokio::test]
async fn equal_messages_are_equal_whatever_their_blanks_and_order() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let text = sample::message("m", Kind::Hotel, Op::New, "", vec![sample::hotel(P)]).to_string();
        let first = server.post("/hotel", text.clone()).await;
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let other = serde_json::to_string_pretty(&json).unwrap();
        assert_ne!(text, other);
        let second = server.post("/hotel", other).await;
        assert_eq!(
            (second.whole(), first.whole()),
            ((200, success("m").as_str()), (200, success("m").as_str()))
        );
    })
    .await;
}

#[tokio::test]
async fn an_unanswered_message_is_not_remembered() {
    on_both_engines(|store| async move {
        let server = Server::on(store.clone()).await;
        store.close().await;
        let answer = server.push("m-6", Kind::Hotel, Op::New, vec![sample::hotel(P)]).await;
        let body = r#"{"messageId":"m-6","status":{"success":false,"message":"Internal Server Error","errors":[{"errorMessage":"An unexpected error occurred.","errorCode":4099}]}}"#;
        assert_eq!(answer.whole(), (500, body));
        let audit = server.audit("/hotel-audit", "").await;
        assert_eq!(audit.errors(), (500, vec![(4099, None, "An unexpected error occurred.".to_owned())]));
    })
    .await;
}
