//! Enrolment in a service (spec 5.6).

use serde_json::{Value, json};
use waypost_services::records::{audit, enrolment};

use crate::support::{World, refused};

const PATH: &str = "/api/v1/services";

async fn step(world: &World, method: &str, action: &str, user: i64) -> (u16, String, String) {
    let path = format!("{PATH}/{}/{action}?userId={user}", world.service);
    let answer = world.call(method, &path, Value::Null).await;
    if answer.http == 200 { refused(200, &answer.codes(), "") } else { answer.refusal() }
}

async fn state(world: &World, user: i64) -> &'static str {
    let (service, now) = (world.service, waypost_core::time::Clock::now(&*world.clock));
    let found = world.operate(move |tx, scope| enrolment::find(tx, scope, (user, service, None))).await;
    found.map_or("none", |own| own.state_at(now).word())
}

#[tokio::test]
async fn an_enrolment_goes_through_its_states() {
    for world in World::both().await {
        let user = world.stranger;
        let good = refused(200, "-1", "");
        for _ in 0..2 {
            assert_eq!(step(&world, "POST", "enrolluser", user).await, good);
            assert_eq!(state(&world, user).await, "Active");
        }
        assert_eq!(step(&world, "POST", "deactivate-user", user).await, good);
        assert_eq!(state(&world, user).await, "Inactive");
        assert_eq!(step(&world, "POST", "enrolluser", user).await, refused(400, "901002,618006", "userId"));
        assert_eq!(step(&world, "POST", "activate-user", user).await, good);
        assert_eq!(step(&world, "DELETE", "withdrawuser", user).await, good);
        assert_eq!(state(&world, user).await, "Withdrawn");
        assert_eq!(
            step(&world, "POST", "activate-user", user).await,
            refused(400, "901002,618008", "userId")
        );
        assert_eq!(
            step(&world, "POST", "deactivate-user", user).await,
            refused(400, "901002,618009", "userId")
        );
        assert_eq!(
            step(&world, "DELETE", "withdrawuser", user).await,
            refused(400, "901002,618007", "userId")
        );
        assert_eq!(step(&world, "POST", "enrolluser", user).await, good);
        let service = world.service;
        let story = world
            .operate(move |tx, scope| {
                let own = enrolment::find(tx, scope, (user, service, None))?;
                audit::of(tx, scope, ("enrolment", own.map_or(0, |own| own.id)))
            })
            .await;
        let actions: Vec<_> = story.iter().map(|line| line.action.as_str()).collect();
        assert_eq!(actions, ["Active", "Inactive", "Active", "Withdrawn", "Active"]);
    }
}

#[tokio::test]
async fn nobody_enrolled_is_a_client_service_that_is_not_found() {
    let world = World::new().await;
    for (method, action, code) in [
        ("POST", "activate-user", "618008"),
        ("POST", "deactivate-user", "618009"),
        ("DELETE", "withdrawuser", "618007"),
    ] {
        let codes = format!("4041007,{code}");
        assert_eq!(step(&world, method, action, world.stranger).await, refused(400, &codes, "userId"));
        let codes = format!("4041003,{code}");
        assert_eq!(step(&world, method, action, 4711).await, refused(400, &codes, "userId"));
    }
}

#[tokio::test]
async fn an_enrolment_of_nobody_or_for_nobody_cannot_be_processed() {
    let world = World::new().await;
    let enrol = async |service: i64, rest: &str| {
        world.call("POST", &format!("{PATH}/{service}/enrolluser?{rest}"), Value::Null).await.refusal()
    };
    assert_eq!(enrol(world.service, "userId=4711").await, refused(422, "4041003,618006", "userId"));
    let nowhere = format!("userId={}&organizationId=4711", world.user);
    assert_eq!(enrol(world.service, &nowhere).await, refused(422, "4041008,618006", "organizationId"));
    let staff = format!("userId={}&organizationId={}", world.staff, world.organization);
    assert_eq!(enrol(world.service, &staff).await, refused(400, "601014,618006", "organizationId"));
    let user = format!("userId={}", world.user);
    assert_eq!(enrol(4711, &user).await, refused(404, "4041004,618006", "id"));
    assert_eq!(enrol(world.other_service, &user).await, refused(400, "901002,618006", "id"));
    let path = format!("{PATH}/{}/enrolluser?{user}", world.other_service);
    assert_eq!(world.call_by(world.staff, "POST", &path, Value::Null).await.http, 200);
    let foreign = world.call_as(&world.bound, "POST", &path, Value::Null).await;
    assert_eq!(foreign.refusal(), refused(403, "901006", "ServiceId"));
}

#[tokio::test]
async fn a_deactivation_is_set_for_a_time_to_come_and_counts_from_then_on() {
    for world in World::both().await {
        let (user, service) = (world.user, world.service);
        let path = format!("{PATH}/deactivate-user");
        let later = |date: &str| json!({"UserId": user, "ServiceId": service, "Date": date});
        world.good("POST", &path, later("2026-09-22")).await;
        assert_eq!(state(&world, user).await, "Active");
        // Visiting does not lift it.
        assert_eq!(step(&world, "POST", "enrolluser", user).await.0, 200);
        world.clock.advance_ms(86_400_000);
        assert_eq!(state(&world, user).await, "Inactive");
        let send = async |body: Value| world.call("POST", &path, body).await.refusal();
        assert_eq!(send(later("2026-09-30")).await, refused(400, "901002,618002", "userId"));
        assert_eq!(step(&world, "POST", "activate-user", user).await.0, 200);
        assert_eq!(state(&world, user).await, "Active");
        assert_eq!(send(later("2026-09-22T01:00:00")).await, refused(400, "618001,618002", "Date"));
        assert_eq!(send(later("soon")).await, refused(400, "901002,618002", "Date"));
        assert_eq!(send(json!(null)).await, refused(400, "901002,618002", "body"));
        let stranger = json!({"UserId": world.stranger, "ServiceId": service, "Date": "2026-10-01"});
        assert_eq!(send(stranger).await, refused(400, "4041007,618002", "userId"));
    }
}
