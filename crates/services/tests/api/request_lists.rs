//! Lists of service requests: of services, of a service, of a person.

use serde_json::{Value, json};

use crate::support::{World, refused};

fn ids(body: &Value) -> Vec<i64> {
    body["ServiceRequests"].as_array().unwrap().iter().map(|one| one["Id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn the_requests_of_services_are_listed_newest_first_in_pages() {
    for world in World::both().await {
        let mut made = Vec::new();
        for _ in 0..3 {
            made.push(world.requested().await);
        }
        made.reverse();
        let path = |more: &str| {
            format!("/api/v1/servicerequests?services={},{}{more}", world.service, world.other_service)
        };
        let all = world.good("GET", &path(""), Value::Null).await;
        assert_eq!(ids(&all), made);
        assert_eq!(
            (&all["Count"], &all["Page"], &all["HasMore"], &all["ServiceRequests"][0]["RegulatedEntities"]),
            (&json!(3), &json!(1), &json!(false), &json!(null))
        );
        let first = world.good("GET", &path("&pageSize=2&includeRegulatedEntities=true"), Value::Null).await;
        assert_eq!((ids(&first), &first["HasMore"]), (made[..2].to_vec(), &json!(true)));
        assert_eq!(first["ServiceRequests"][0]["RegulatedEntities"], json!([]));
        let second = world.good("GET", &path("&pageSize=2&page=2"), Value::Null).await;
        assert_eq!(
            (ids(&second), &second["Page"], &second["HasMore"]),
            (made[2..].to_vec(), &json!(2), &json!(false))
        );
        let counted = world.good("GET", &path("&excludeServiceRequests=true"), Value::Null).await;
        assert_eq!(counted, json!({"ServiceRequests": [], "Count": 3, "Page": 1, "HasMore": false}));
    }
}

#[tokio::test]
async fn a_list_names_its_services_or_a_guid() {
    let world = World::new().await;
    for (query, http, codes, field) in [
        ("", 400, "901002", "guid"),
        ("?services=x", 400, "901002,617002", "services"),
        ("?services=4711", 400, "4041004,617002", "services"),
        ("?services=1&page=0", 400, "901002,617002", "page"),
        ("?services=1&pageSize=x", 400, "901002", "pageSize"),
        ("?guid=nothing", 400, "4041001,617001", "guid"),
    ] {
        let answer = world.get(&format!("/api/v1/servicerequests{query}")).await;
        assert_eq!(answer.refusal(), refused(http, codes, field), "{query}");
    }
}

#[tokio::test]
async fn the_requests_of_a_service_are_narrowed_by_owner_and_organization() {
    let world = World::new().await;
    let plain = world.requested().await;
    let tied = world.requested_with(json!({"OrganizationId": world.organization})).await;
    let path = |more: &str| format!("/api/v1/services/{}/servicerequests?{more}", world.service);
    let listed = async |more: &str| ids(&world.good("GET", &path(more), Value::Null).await);
    assert_eq!(listed("").await, [tied, plain]);
    assert_eq!(listed(&format!("organizationId={}", world.organization)).await, [tied]);
    assert_eq!(listed(&format!("userId={}", world.user)).await, [tied, plain]);
    assert_eq!(listed(&format!("userId={}", world.staff)).await, [0; 0]);
    let unknown = world.get("/api/v1/services/4711/servicerequests").await;
    assert_eq!(unknown.refusal(), refused(404, "4041004,617009", "id"));
}

#[tokio::test]
async fn the_requests_of_a_person_are_those_in_the_services_of_the_application() {
    let world = World::new().await;
    let id = world.requested().await;
    let path = |user: i64, more: &str| format!("/api/v1/users/{user}/servicerequests?{more}");
    let listed = world.good("GET", &path(world.user, ""), Value::Null).await;
    assert_eq!((ids(&listed), &listed["Count"]), (vec![id], &json!(1)));
    let narrowed = path(world.user, &format!("serviceId={}", world.other_service));
    assert_eq!(ids(&world.good("GET", &narrowed, Value::Null).await), [0; 0]);
    assert_eq!(world.get(&path(4711, "")).await.refusal(), refused(404, "4041003,620009", "id"));
    let closed = world.call_as(&world.bound, "GET", &narrowed, Value::Null).await;
    assert_eq!(closed.refusal(), refused(403, "901006", "ServiceId"));
    let own = world.call_as(&world.bound, "GET", &path(world.user, ""), Value::Null).await;
    assert_eq!(ids(&own.json()), [id]);
}
