//! Handing a service request over.

use serde_json::{Value, json};

use crate::support::{World, refused};

#[tokio::test]
async fn the_requester_is_shown_as_any_person_is() {
    let world = World::new().await;
    let path = |id: i64| format!("/api/v1/servicerequests/{id}/requester");
    let id = world.requested_with(json!({"RequesterId": world.stranger})).await;
    let person = world.good("GET", &format!("/api/v1/users/{}", world.stranger), Value::Null).await;
    assert_eq!(world.good("GET", &path(id), Value::Null).await, person);
    let without = world.requested().await;
    assert_eq!(world.get(&path(without)).await.refusal(), refused(400, "617015,617001", "id"));
    assert_eq!(world.get(&path(4711)).await.refusal(), refused(404, "4041001,617001", "id"));
    let stranger = world.stranger;
    world
        .operate(move |tx, _| tx.exec("UPDATE sd_user SET deleted = 1 WHERE id = ?1", &[stranger.into()]))
        .await;
    assert_eq!(world.get(&path(id)).await.refusal(), refused(400, "617016,617001", "id"));
}

async fn begun(world: &World, id: i64) -> String {
    let path = format!("/api/v1/servicerequests/{id}/transfer?userId={}", world.user);
    let body = world.good("POST", &path, Value::Null).await;
    assert_eq!(body["ExpiryDateUtc"], "2026-09-28T14:13:20");
    body["TransferCode"].as_str().unwrap().to_owned()
}

fn end(code: &str, user: i64, action: &str) -> String {
    format!("/api/v1/servicerequests/transfer?code={code}&userId={user}&action={action}")
}

#[tokio::test]
async fn the_code_makes_whoever_accepts_the_owner_once() {
    for world in World::both().await {
        let id = world.requested_with(json!({"RequesterId": world.stranger})).await;
        let code = begun(&world, id).await;
        assert_eq!(code.len(), 12);
        let path = end(&code.to_lowercase(), world.stranger, "accept");
        let body = world.good("POST", &path, Value::Null).await;
        assert_eq!((&body["Id"], &body["UserId"]), (&json!(id), &json!(world.stranger)));
        let again = world.call("POST", &path, Value::Null).await;
        assert_eq!(again.refusal(), refused(400, "617013", "code"));
    }
}

#[tokio::test]
async fn cancelling_leaves_the_request_and_uses_the_code_up() {
    let world = World::new().await;
    let id = world.requested_with(json!({"RequesterId": world.user})).await;
    let code = begun(&world, id).await;
    let body = world.good("POST", &end(&code, world.stranger, "Cancel"), Value::Null).await;
    assert_eq!(body["UserId"], world.user);
    let then = world.call("POST", &end(&code, world.stranger, "Accept"), Value::Null).await;
    assert_eq!(then.refusal(), refused(400, "617013", "code"));
}

#[tokio::test]
async fn a_newer_code_replaces_an_older_one_and_a_code_ends_after_seven_days() {
    let world = World::new().await;
    let id = world.requested_with(json!({"RequesterId": world.user})).await;
    let older = begun(&world, id).await;
    let newer = begun(&world, id).await;
    let accept =
        async |code: &str| world.call("POST", &end(code, world.stranger, "Accept"), Value::Null).await;
    assert_eq!(accept(&older).await.refusal(), refused(400, "617013", "code"));
    let nobody = world.call("POST", &end(&newer, 4711, "Accept"), Value::Null).await;
    assert_eq!(nobody.refusal(), refused(400, "4041003,617013", "userId"));
    world.clock.advance_ms(7 * 86_400_000);
    assert_eq!(accept(&newer).await.refusal(), refused(400, "617013", "code"));
}

#[tokio::test]
async fn a_transfer_needs_a_requester_with_an_address() {
    let world = World::new().await;
    let path = |id: i64, user: i64| format!("/api/v1/servicerequests/{id}/transfer?userId={user}");
    let refusal = async |path: String| world.call("POST", &path, Value::Null).await.refusal();
    let without = world.requested().await;
    assert_eq!(refusal(path(without, world.user)).await, refused(400, "617015,617012", "id"));
    assert_eq!(refusal(path(4711, world.user)).await, refused(404, "4041001,617012", "id"));
    let silent = world.requested_with(json!({"RequesterId": world.stranger})).await;
    let stranger = world.stranger;
    world
        .operate(move |tx, _| {
            tx.exec("DELETE FROM sd_coordinate WHERE owner = ?1 AND owner_kind = 1", &[stranger.into()])
        })
        .await;
    assert_eq!(refusal(path(silent, world.user)).await, refused(400, "617016,617012", "id"));
    assert_eq!(refusal(path(silent, 4711)).await, refused(400, "4041003,617012", "userId"));
}
