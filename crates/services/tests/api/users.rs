//! People.

use serde_json::{Value, json};
use waypost_services::api::ServicesSettings;
use waypost_services::records::business_system::{self, BusinessSystem};
use waypost_services::records::permission::{self, Definition, Held};
use waypost_services::records::{audit, enrolment};
use waypost_services::rules::enrolment::State;

use crate::support::{World, refused, request, settings};

const PATH: &str = "/api/v1/users";

fn ids(found: &Value) -> Vec<i64> {
    found.as_array().unwrap().iter().map(|own| own["Id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_person_is_added_updated_found_and_deleted() {
    for world in World::both().await {
        let body = json!({
            "Id": 0, "FirstName": " Noa ", "LastName": "Navigator", "GCKey": {"MBUN": "M-1", "Issuer": "gckey"},
            "Emails": [{"EmailAddress": "noa@example.org", "IsPrimary": true}],
            "Addresses": [{"StreetName": "Main", "CountryCode": 124, "CityTownName": "Ottawa"}],
        });
        let added = world.call("POST", PATH, body).await;
        assert_eq!((added.http.as_u16(), added.header("etag")), (200, "\"r1\""), "{}", added.body);
        let mut shown = added.json();
        let id = shown["Id"].as_i64().unwrap();
        let address = shown["Addresses"][0].take();
        assert_eq!((&address["CountryCode"], &address["PostalZipCode"]), (&json!(124), &Value::Null));
        shown["Emails"][0]["Id"].take();
        assert_eq!(
            shown,
            json!({
                "Id": id, "UserType": "External", "FirstName": "Noa", "LastName": "Navigator",
                "GCKey": {"MBUN": "M-1", "Issuer": "gckey"}, "WindowsUserName": null, "Verified": false, "PKI": null,
                "AuthenticationType": "GCKey", "Phones": [], "Addresses": [null],
                "Emails": [{"Id": null, "LocationType": null, "IsPrimary": true, "EmailAddress": "noa@example.org"}],
            })
        );
        // Somebody who signs in so is updated, and what is not written out stays.
        let again = json!({"FirstName": "Noah", "GCKey": {"MBUN": "M-1", "Issuer": "gckey"}, "Emails": []});
        let again = world.call("POST", &format!("{PATH}?excludeCoordinates=true"), again).await;
        assert_eq!((&again.json()["Id"], &again.json()["LastName"]), (&json!(id), &json!("Navigator")));
        assert_eq!((again.json()["Emails"].as_array().unwrap().len(), again.header("etag")), (1, "\"r2\""));
        let one = world.get(&format!("{PATH}/{id}")).await;
        assert_eq!((one.header("etag"), one.json()), ("\"r2\"", again.json()));
        assert_eq!(
            world.good("GET", &format!("{PATH}?mbun=M-1&issuer=gckey"), Value::Null).await,
            one.json()
        );
        let listed = world
            .good("GET", &format!("{PATH}/emails?email=NOA@example.org&userType=all"), Value::Null)
            .await;
        assert_eq!(listed, json!([one.json()]));
        let internal = format!("{PATH}/emails?email=noa@example.org&userType=Internal");
        assert_eq!(world.good("GET", &internal, Value::Null).await, json!([]));
        assert_eq!(world.call("HEAD", &format!("{PATH}/{id}"), Value::Null).await.http, 200);
        world.good("DELETE", &format!("{PATH}/{id}"), Value::Null).await;
        assert_eq!(world.get(&format!("{PATH}/{id}")).await.refusal(), refused(404, "4041003,620005", "id"));
        let head = world.call("HEAD", &format!("{PATH}/{id}"), Value::Null).await;
        assert_eq!((head.http.as_u16(), head.codes()), (404, "4041003,620001".to_owned()));
        let story = world.operate(move |tx, scope| audit::of(tx, scope, ("user", id))).await;
        assert_eq!(
            story.iter().map(|line| line.action.as_str()).collect::<Vec<_>>(),
            ["create", "update", "delete"]
        );
    }
}

#[tokio::test]
async fn a_person_is_found_by_what_they_sign_in_with() {
    let world = World::new().await;
    let id = async |path: &str| world.good("GET", path, Value::Null).await["Id"].as_i64().unwrap();
    assert_eq!(id(&format!("{PATH}?login=tc%5Csam")).await, world.staff);
    assert_eq!(id(&format!("{PATH}?pki=cn%3DSam")).await, world.staff);
    assert_eq!(id(&format!("{PATH}/pki?pki=cn%3DSam")).await, world.staff);
    let refusal = async |path: &str| world.get(path).await.refusal();
    assert_eq!(refusal(PATH).await, refused(400, "901002,620008", "mbun"));
    assert_eq!(refusal(&format!("{PATH}?mbun=x")).await, refused(400, "4041003,620008", "mbun"));
    let other = format!("{PATH}?mbun=MBUN-Alex&issuer=other");
    assert_eq!(refusal(&other).await, refused(400, "4041003,620008", "mbun"));
    assert_eq!(refusal(&format!("{PATH}/pki?pki=x")).await, refused(400, "4041003,620006", "pki"));
    let odd = format!("{PATH}/emails?email=a@b.ca&userType=x");
    assert_eq!(refusal(&odd).await, refused(400, "620001,901002,620007", "userType"));
    assert_eq!(refusal(&format!("{PATH}/0")).await, refused(400, "620000,901002,620005", "id"));
}

#[tokio::test]
async fn what_belongs_to_somebody_else_is_not_taken() {
    let world = World::new().await;
    let send = async |body: Value| world.call("POST", PATH, body).await.refusal();
    let taken = json!({"FirstName": "A", "LastName": "B", "Emails": [{"EmailAddress": "Alex@example.org"}]});
    assert_eq!(send(taken).await, refused(400, "620021,620010", "Emails"));
    let mbun = json!({"Id": world.stranger, "GCKey": {"MBUN": "MBUN-Alex"}});
    assert_eq!(send(mbun).await, refused(400, "901002,620010", "GCKey.MBUN"));
    assert_eq!(send(json!({"Id": 4711})).await, refused(400, "4041003,620010", "Id"));
    assert_eq!(send(json!({"Id": -1})).await, refused(400, "620000,901002,620010", "Id"));
    assert_eq!(send(json!({"FirstName": "A"})).await, refused(400, "901002,620010", "LastName"));
    let kind = json!({"FirstName": "A", "LastName": "B", "UserType": "Robot"});
    assert_eq!(send(kind).await, refused(400, "620001,620010", "UserType"));
    assert_eq!(send(json!(null)).await, refused(400, "901002,620010", "body"));
    let mut stale = request(&world.key, "DELETE", &format!("{PATH}/{}", world.user), Value::Null);
    stale.headers_mut().insert("if-match", "\"r2\"".parse().unwrap());
    assert_eq!(world.send(stale).await.refusal(), refused(412, "901002,620011", "If-Match"));
    let gone = world.call("DELETE", &format!("{PATH}/4711"), Value::Null).await;
    assert_eq!(gone.refusal(), refused(404, "4041003,620011", "id"));
    let weak = world.call_by(world.staff, "DELETE", &format!("{PATH}/{}", world.user), Value::Null).await;
    assert_eq!(weak.refusal(), refused(403, "901006", "current-user-id"));
}

async fn may_read_users(world: &World, person: i64) {
    let service = world.service;
    world
        .operate(move |tx, scope| {
            permission::grant(tx, scope, Held { user: person, service, organization: None, code: 25 })
        })
        .await;
}

#[tokio::test]
async fn an_administrator_sees_the_people_of_the_services_where_users_may_be_read() {
    for world in World::both().await {
        let path = format!("/api/v2/users?userType=All&filterUserId={}", world.staff);
        assert_eq!(world.get(&path).await.refusal(), refused(403, "901008,62000", "filterUserId"));
        may_read_users(&world, world.staff).await;
        let page = world.good("GET", &format!("{path}&pageSize=1"), Value::Null).await;
        assert_eq!((&page["Count"], &page["Page"], &page["HasMore"]), (&json!(2), &json!(1), &json!(true)));
        assert_eq!(ids(&page["Users"]), [world.user]);
        let external = format!("/api/v2/users?userType=External&filterUserId={}", world.staff);
        assert_eq!(ids(&world.good("GET", &external, Value::Null).await["Users"]), [world.user]);
        let bound = world.call_as(&world.bound, "GET", &path, Value::Null).await;
        assert_eq!(ids(&bound.json()["Users"]), [world.user, world.staff]);
    }
}

#[tokio::test]
async fn the_list_of_people_names_what_is_wrong_and_corrects_its_code_on_demand() {
    let world = World::with(ServicesSettings { strict_codes: true, ..settings() }).await;
    let refusal = async |query: &str| world.get(&format!("/api/v2/users?{query}")).await.refusal();
    assert_eq!(refusal("userType=x&filterUserId=1").await, refused(400, "620001,901002,620004", "userType"));
    assert_eq!(
        refusal("userType=All&filterUserId=4711").await,
        refused(400, "4041003,620004", "filterUserId")
    );
    assert_eq!(refusal("userType=All&filterUserId=1&page=0").await, refused(400, "901002,620004", "page"));
}

#[tokio::test]
async fn people_are_searched_by_a_part_of_their_name_or_address() {
    for world in World::both().await {
        let found = async |query: &str| {
            ids(&world.good("GET", &format!("{PATH}/search?{query}"), Value::Null).await["Users"])
        };
        assert_eq!(found("name=PLIC").await, [world.user]);
        assert_eq!(found("name=plic&email=robin@").await, [world.user, world.stranger]);
        assert_eq!(found("email=%25").await, Vec::<i64>::new());
        assert_eq!(found("").await.len(), 3);
        let path = format!("{PATH}/search?name=a");
        let blind = world.call_by(world.staff, "GET", &path, Value::Null).await;
        assert_eq!(blind.refusal(), refused(403, "901008,620019", "current-user-id"));
        assert_eq!(blind.json()["MtapiStatus"][1]["Name"], "UserSearchFailed");
        may_read_users(&world, world.staff).await;
        let seen = world.call_by(world.staff, "GET", &format!("{PATH}/search"), Value::Null).await;
        assert_eq!(ids(&seen.json()["Users"]), [world.user, world.staff]);
    }
}

#[tokio::test]
async fn a_person_has_the_services_organizations_and_systems_of_active_enrolments() {
    for world in World::both().await {
        let (user, service, other, organization) =
            (world.user, world.service, world.other_service, world.organization);
        world
            .operate(move |tx, scope| {
                let state = (State::Active, None);
                enrolment::put(tx, scope, (user, service, Some(organization)), state, false)?;
                enrolment::put(tx, scope, (user, other, None), state, true)?;
                let known = BusinessSystem { service, system: "MTO".to_owned(), reference: "R-1".to_owned() };
                business_system::put(tx, scope, user, &known)
            })
            .await;
        let good = async |path: &str| world.good("GET", &format!("{PATH}/{user}/{path}"), Value::Null).await;
        assert_eq!(ids(&good("services?includeSelfEnrolled=true").await), [service, other]);
        assert_eq!(ids(&good("services?includeSelfEnrolled=false").await), [service]);
        assert_eq!(ids(&good("organizations").await), [organization]);
        assert_eq!(good(&format!("organizations?serviceId={other}")).await, json!([]));
        let system = json!([{"ServiceId": service, "BusinessSystemType": "MTO", "SourceReference": "R-1"}]);
        assert_eq!(good("business-systems").await, system);
        assert_eq!(good("business-systems?businessSystemType=mto").await, system);
        assert_eq!(good("business-systems?businessSystemType=BW").await, json!([]));
        for (path, code) in [
            ("services?includeSelfEnrolled=true", "620014"),
            ("organizations", "620012"),
            ("business-systems", "620013"),
            ("permissions", "620018"),
            ("outage-notices", "620017"),
            ("outage-notices/expired", "620020"),
            ("applications", "620022"),
        ] {
            let unknown = world.get(&format!("{PATH}/4711/{path}")).await;
            assert_eq!(unknown.refusal(), refused(404, &format!("4041003,{code}"), "id"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_permission_of_a_service_is_granted_to_whoever_is_active_there() {
    for world in World::both().await {
        let (user, service) = (world.user, world.service);
        world
            .operate(move |tx, scope| {
                let text = String::new;
                let new = Definition {
                    code: 17,
                    service,
                    label: "MNG".to_owned(),
                    name_en: "Manage".to_owned(),
                    name_fr: "Gérer".to_owned(),
                    comment_en: text(),
                    comment_fr: text(),
                    revision: 0,
                };
                permission::define(tx, scope, &new)
            })
            .await;
        let path = format!("{PATH}/{user}/permissions");
        let body = json!({"PermissionId": 17, "ServiceId": service, "OrganizationId": world.organization});
        let shown = json!({"PermissionId": 17, "EnglishName": "Manage", "FrenchName": "Gérer", "ServiceId": service,
            "OrganizationId": world.organization});
        for _ in 0..2 {
            assert_eq!(world.good("POST", &path, body.clone()).await, shown);
        }
        assert_eq!(world.good("GET", &path, Value::Null).await, json!([shown]));
        let holders = format!("/api/v1/permissions/17/users?serviceId={service}");
        assert_eq!(ids(&world.good("GET", &holders, Value::Null).await), [user]);
        let one = format!("{path}/17?serviceId={service}");
        assert_eq!(
            world.call("DELETE", &one, Value::Null).await.refusal(),
            refused(404, "901002,620016", "permissionId")
        );
        world.good("DELETE", &format!("{one}&organizationId={}", world.organization), Value::Null).await;
        assert_eq!(world.good("GET", &format!("{path}?serviceId={service}"), Value::Null).await, json!([]));
        let lacking = async |person: i64, body: Value| {
            world.call("POST", &format!("{PATH}/{person}/permissions"), body).await.refusal()
        };
        let plain = json!({"PermissionId": 17, "ServiceId": service});
        assert_eq!(lacking(world.stranger, plain.clone()).await, refused(403, "901003,620015", "ServiceId"));
        assert_eq!(lacking(4711, plain.clone()).await, refused(404, "4041003,620015", "id"));
        assert_eq!(lacking(world.staff, body.clone()).await, refused(400, "620003,620015", "OrganizationId"));
        let odd = json!({"PermissionId": 18, "ServiceId": service});
        assert_eq!(lacking(user, odd).await, refused(400, "901002,620015", "PermissionId"));
        assert_eq!(
            lacking(user, json!({"PermissionId": 17})).await,
            refused(400, "901002,620015", "ServiceId")
        );
        let unknown = world.get(&format!("{PATH}/4711/permissions?serviceId={service}")).await;
        assert_eq!(unknown.refusal(), refused(404, "4041003,620019", "id"));
        assert_eq!(unknown.json()["MtapiStatus"][1]["Name"], "RetrievingPermissionsByUserAndServiceFailed");
    }
}
