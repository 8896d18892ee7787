//! Invites (spec 5.7).

use serde_json::{Value, json};

use crate::support::{World, refused};

const PATH: &str = "/api/v1/services";

fn invite(world: &World, rest: &str) -> String {
    format!("{PATH}/{}/initiate-invite?userId={}&email=robin@example.org{rest}", world.service, world.user)
}

#[tokio::test]
async fn whoever_is_invited_is_enrolled_by_the_code_once() {
    for world in World::both().await {
        let rest = format!(
            "&organizationId={}&isEnglish=false&returnUrl=https://apply.example/in",
            world.organization
        );
        let made = world.good("POST", &invite(&world, &rest), Value::Null).await;
        let (id, code) =
            (made["ServiceRequestId"].as_i64().unwrap(), made["InvitationCode"].as_str().unwrap());
        assert_eq!(
            made,
            json!({
                "ServiceRequestId": id, "InvitationCode": code, "ServiceId": world.service,
                "OrganizationId": world.organization, "Email": "robin@example.org", "IsEnglish": false,
                "ReturnUrl": "https://apply.example/in", "ExpiryDateUtc": "2026-10-21T14:13:20",
            })
        );
        let list = format!("{PATH}/invites?userId={}&serviceId={}", world.user, world.service);
        let listed = world.good("GET", &list, Value::Null).await;
        assert_eq!((listed.as_array().unwrap().len(), &listed[0]["Status"]), (1, &json!("Initiated")));
        let complete = |user: i64, code: &str| {
            format!("{PATH}/complete-invite?userId={user}&serviceRequestId={id}&invitationCode={code}")
        };
        let refusal = async |path: String| world.call("POST", &path, Value::Null).await.refusal();
        assert_eq!(refusal(complete(world.stranger, "x")).await, refused(400, "618012", "invitationCode"));
        assert_eq!(refusal(complete(world.staff, code)).await, refused(400, "618013,618012", "userId"));
        assert_eq!(refusal(complete(4711, code)).await, refused(400, "4041003,618012", "userId"));
        world.good("POST", &complete(world.stranger, code), Value::Null).await;
        let people = format!("/api/v1/organizations/{}/users", world.organization);
        let people = world.good("GET", &people, Value::Null).await;
        assert_eq!((people.as_array().unwrap().len(), &people[0]["Id"]), (1, &json!(world.stranger)));
        assert_eq!(refusal(complete(world.stranger, code)).await, refused(400, "618012", "invitationCode"));
        let listed =
            world.good("GET", &format!("{list}&organizationId={}", world.organization), Value::Null).await;
        assert_eq!(listed[0]["Status"], "Accepted");
        let history = format!("/api/v1/servicerequests/{id}/status-history");
        assert_eq!(world.good("GET", &history, Value::Null).await.as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn an_invite_names_what_is_wrong_with_it() {
    let world = World::new().await;
    let refusal = async |path: String| world.call("POST", &path, Value::Null).await.refusal();
    for url in ["/in", "ftp://apply.example", "apply.example"] {
        let path = invite(&world, &format!("&returnUrl={url}"));
        assert_eq!(refusal(path).await, refused(400, "618010,618011", "returnUrl"), "{url}");
    }
    let nowhere = invite(&world, "&organizationId=4711");
    assert_eq!(refusal(nowhere).await, refused(400, "4041008,618011", "organizationId"));
    let odd = invite(&world, "").replace("robin@example.org", "robin");
    assert_eq!(refusal(odd).await, refused(400, "901002,618011", "email"));
    let staff = invite(&world, &format!("&organizationId={}", world.organization));
    let staff = staff.replace("robin@", "sam@");
    assert_eq!(refusal(staff).await, refused(400, "618013,618011", "email"));
    let unknown = world.get(&format!("{PATH}/invites?userId=4711&serviceId={}", world.service)).await;
    assert_eq!(unknown.refusal(), refused(400, "4041003,618011", "userId"));
    let weak = world.call_by(world.staff, "POST", &invite(&world, ""), Value::Null).await;
    assert_eq!(weak.refusal(), refused(403, "901006", "current-user-id"));
}

#[tokio::test]
async fn an_invite_ends_after_thirty_days() {
    let world = World::new().await;
    let made = world.good("POST", &invite(&world, ""), Value::Null).await;
    world.clock.advance_ms(30 * 86_400_000);
    let list = format!("{PATH}/invites?userId={}&serviceId={}", world.user, world.service);
    assert_eq!(world.good("GET", &list, Value::Null).await[0]["Status"], "Expired");
    let (id, code) = (&made["ServiceRequestId"], made["InvitationCode"].as_str().unwrap());
    let path = format!(
        "{PATH}/complete-invite?userId={}&serviceRequestId={id}&invitationCode={code}",
        world.stranger
    );
    let late = world.call("POST", &path, Value::Null).await;
    assert_eq!(late.refusal(), refused(400, "618012", "invitationCode"));
}
