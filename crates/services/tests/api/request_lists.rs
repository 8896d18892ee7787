//! Lists of service requests: of services, of a service, of a person.

use serde_json::{Value, json};

use waypost_services::records::request_count;

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

#[tokio::test]
async fn the_total_of_a_service_is_kept_through_creation_and_removal() {
    for world in World::both().await {
        let ids = [world.requested().await, world.requested().await, world.requested().await];
        let (service, other) = (world.service, world.other_service);
        let total = async |services: &str| {
            let path = format!("/api/v1/servicerequests?services={services}&excludeServiceRequests=true");
            world.good("GET", &path, Value::Null).await["Count"].as_i64().unwrap()
        };
        assert_eq!((total(&format!("{service},{other}")).await, total(&other.to_string()).await), (3, 0));
        let remove = format!("/api/v1/servicerequests/{}?userId={}", ids[0], world.user);
        world.good("DELETE", &remove, Value::Null).await;
        assert_eq!(world.call("DELETE", &remove, Value::Null).await.http, 404);
        assert_eq!(total(&format!("{service},{service},{other}")).await, 2);
        // What is kept is what is there.
        let (kept, there) = world
            .operate(|tx, _| {
                let kept = "SELECT CAST(sum(n) AS BIGINT) FROM sd_request_count";
                let there = "SELECT count(*) FROM sd_request WHERE deleted = 0";
                Ok((tx.query(kept, &[])?[0].int(0)?, tx.query(there, &[])?[0].int(0)?))
            })
            .await;
        assert_eq!((kept, there), (2, 2));
    }
}

/// Six requests, every other one in the other service.
async fn in_turns(world: &World) -> Vec<i64> {
    let (own, other) = (world.service, world.other_service);
    let mut made = Vec::new();
    for n in 0..6 {
        let id = world.requested().await;
        made.push(id);
        if n % 2 == 0 {
            continue;
        }
        world
            .operate(move |tx, scope| {
                tx.exec("UPDATE sd_request SET service = ?1 WHERE id = ?2", &[other.into(), id.into()])?;
                request_count::add(tx, scope, own, -1)?;
                request_count::add(tx, scope, other, 1)
            })
            .await;
    }
    made
}

#[tokio::test]
async fn a_page_is_merged_from_few_services_and_sorted_from_many() {
    for world in World::both().await {
        let made = in_turns(&world).await;
        let few = format!("{},{}", world.service, world.other_service);
        // More than are merged on either engine; nearly all of them are none.
        let none: Vec<String> = (1_000..1_070).map(|id: i64| id.to_string()).collect();
        let many = format!("{few},{}", none.join(","));
        for services in [&few, &many] {
            for (filter, expected) in
                [(Value::Null, [made[3], made[2]]), (json!("OrderBy-Id=Asc"), [made[2], made[3]])]
            {
                let body = json!({"Services": services, "ExcludeMetadata": true, "Filter": filter, "Page": 2, "PageSize": 2});
                let found = world.good("POST", "/api/v1/servicerequests/query", body).await;
                assert_eq!((ids(&found), &found["Count"]), (expected.to_vec(), &json!(6)), "{filter}");
            }
        }
        let all = world.good("POST", "/api/v1/servicerequests/query", json!({"PageSize": 4})).await;
        let newest: Vec<i64> = made.iter().rev().take(4).copied().collect();
        assert_eq!((ids(&all), &all["Count"], &all["HasMore"]), (newest, &json!(6), &json!(true)));
        let bound =
            world.call_as(&world.bound, "POST", "/api/v1/servicerequests/query", json!({})).await.json();
        assert_eq!((ids(&bound), &bound["Count"]), (vec![made[4], made[2], made[0]], &json!(3)));
    }
}
