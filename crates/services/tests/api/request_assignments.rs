//! Who works on a service request.

use serde_json::{Value, json};

use crate::support::{World, refused};

#[tokio::test]
async fn people_are_assigned_listed_and_taken_off() {
    for world in World::both().await {
        let id = world.requested().await;
        let path = format!("/api/v1/servicerequests/{id}/assignments");
        let body = json!({"UserIds": [world.staff, world.user], "AssignedByUserId": world.staff});
        let assigned = world.good("POST", &path, body).await;
        assert_eq!(
            assigned,
            json!([
                {"UserId": world.user, "FirstName": "Alex", "LastName": "Applicant", "Email": "alex@example.org",
                    "AssignedByUserId": world.staff, "DateUtc": "2026-09-21T14:13:20"},
                {"UserId": world.staff, "FirstName": "Sam", "LastName": "Staff", "Email": "sam@example.org",
                    "AssignedByUserId": world.staff, "DateUtc": "2026-09-21T14:13:20"},
            ])
        );
        assert_eq!(world.good("GET", &path, Value::Null).await, assigned);
        let off = format!("{path}?userIds={}", world.user);
        assert_eq!(world.good("DELETE", &off, Value::Null).await, Value::Null);
        let left = world.good("GET", &path, Value::Null).await;
        assert_eq!((left.as_array().unwrap().len(), &left[0]["UserId"]), (1, &json!(world.staff)));
    }
}

#[tokio::test]
async fn when_one_of_the_people_has_it_already_nothing_is_written() {
    let world = World::new().await;
    let id = world.requested().await;
    let path = format!("/api/v1/servicerequests/{id}/assignments");
    let assign = async |users: Value| world.call("POST", &path, json!({"UserIds": users})).await;
    assert_eq!(assign(json!([world.user])).await.http, 200);
    assert_eq!(
        assign(json!([world.staff, world.user])).await.refusal(),
        refused(400, "617026,617027", "UserIds")
    );
    assert_eq!(assign(json!([world.staff, 4711])).await.refusal(), refused(400, "4041003,617027", "UserIds"));
    assert_eq!(assign(json!([])).await.refusal(), refused(400, "901002,617027", "UserIds"));
    let left = world.good("GET", &path, Value::Null).await;
    assert_eq!((left.as_array().unwrap().len(), &left[0]["AssignedByUserId"]), (1, &json!(null)));
}

#[tokio::test]
async fn taking_off_whoever_does_not_have_it_takes_nobody_off() {
    let world = World::new().await;
    let id = world.requested().await;
    let path = format!("/api/v1/servicerequests/{id}/assignments");
    world.good("POST", &path, json!({"UserIds": [world.user]})).await;
    let off = async |users: &str| {
        world.call("DELETE", &format!("{path}?userIds={users}"), Value::Null).await.refusal()
    };
    let both = format!("{},{}", world.user, world.staff);
    assert_eq!(off(&both).await, refused(400, "617028", "userIds"));
    assert_eq!(off("x").await, refused(400, "901002,617028", "userIds"));
    assert_eq!(world.good("GET", &path, Value::Null).await.as_array().unwrap().len(), 1);
    let unknown = world.get("/api/v1/servicerequests/4711/assignments").await;
    assert_eq!(unknown.refusal(), refused(404, "4041001,617017", "id"));
}
