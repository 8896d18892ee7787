//! Accounts: registration, activation, verification, permissions.

use serde_json::{Value, json};
use waypost_services::records::{audit, permission};

use crate::support::{World, refused};

const PATH: &str = "/api/v1/account";

fn context(mbun: &str) -> Value {
    json!({"Type": "GCKey", "GCKey": {"MBUN": mbun, "Issuer": "gckey"}})
}

#[tokio::test]
async fn a_person_registers_with_an_address_and_what_they_sign_in_with() {
    for world in World::both().await {
        let user = json!({"FirstName": "Kim", "LastName": "Keeper", "Email": "kim@example.org", "DisplayPhoneNumber": "555-0100"});
        let path = format!("{PATH}/register");
        let made =
            world.good("POST", &path, json!({"User": user, "AuthenticationContext": context("M-9")})).await;
        assert_eq!(
            (&made["UserType"], &made["GCKey"]["MBUN"], &made["AuthenticationType"]),
            (&json!("External"), &json!("M-9"), &json!("GCKey"))
        );
        assert_eq!(made["Emails"][0]["EmailAddress"], "kim@example.org");
        assert_eq!(made["Phones"][0]["DisplayPhoneNumber"], "555-0100");
        let send = async |body: Value| world.call("POST", &path, body).await.refusal();
        assert_eq!(send(json!(null)).await, refused(400, "601002,901002,601003", "body"));
        let body = |user: Value, context: Value| json!({"User": user, "AuthenticationContext": context});
        let no_email = json!({"FirstName": "Kim", "LastName": "Keeper"});
        assert_eq!(send(body(no_email, context("M-8"))).await, refused(400, "601004,601003", "User.Email"));
        let odd = json!({"FirstName": "Kim", "LastName": "Keeper", "Email": "kim"});
        assert_eq!(send(body(odd, context("M-8"))).await, refused(400, "601004,601003", "User.Email"));
        let mbun = "AuthenticationContext.GCKey.MBUN";
        assert_eq!(send(body(user.clone(), json!({}))).await, refused(400, "601005,601003", mbun));
        assert_eq!(
            send(body(user.clone(), context("M-9"))).await,
            refused(400, "901002,601003", "GCKey.MBUN")
        );
        assert_eq!(
            send(json!({"AuthenticationContext": context("M-8")})).await,
            refused(400, "601002,601003", "User")
        );
    }
}

#[tokio::test]
async fn an_enrolment_key_pairs_a_prepared_account_once() {
    for world in World::both().await {
        let (user, service) = (world.user, world.service);
        let key = |user: i64, key: &str, rest: &str| {
            format!("{PATH}/set-activation-key?userId={user}&serviceId={service}&enrollmentKey={key}{rest}")
        };
        let set = async |path: String| world.call("PUT", &path, Value::Null).await;
        assert_eq!(set(key(user, "PIN-1", "")).await.http, 200);
        assert_eq!(
            set(key(world.staff, "PIN-1", "")).await.refusal(),
            refused(400, "901002,601015", "enrollmentKey")
        );
        let none = set(key(world.stranger, "PIN-2", "")).await;
        assert_eq!(none.refusal(), refused(400, "4041007,601015", "userId"));
        assert_eq!(set(key(0, "PIN-2", "")).await.refusal(), refused(400, "601010,901002,601015", "userId"));
        let staff = set(key(world.staff, "PIN-2", &format!("&organizationId={}", world.organization))).await;
        assert_eq!(staff.refusal(), refused(400, "601014,601015", "organizationId"));
        let list = format!("{PATH}/enrollments?userId={user}");
        assert_eq!(world.good("GET", &list, Value::Null).await[0]["HasEnrollmentKey"], true);
        let path = format!("{PATH}/activate");
        let body = |key: &str, mbun: &str| json!({"EnrollmentKey": key, "ServiceId": service, "AuthenticationContext": context(mbun)});
        let send = async |body: Value| world.call("POST", &path, body).await.refusal();
        assert_eq!(send(json!(null)).await, refused(400, "601000,901002,601001", "body"));
        assert_eq!(send(body("PIN-9", "M-1")).await, refused(400, "901002,601001", "EnrollmentKey"));
        assert_eq!(send(body("PIN-1", "MBUN-Robin")).await, refused(400, "901002,601001", "GCKey.MBUN"));
        let mbun = "AuthenticationContext.GCKey.MBUN";
        assert_eq!(send(body("PIN-1", " ")).await, refused(400, "601005,601001", mbun));
        let person = world.good("POST", &path, body("PIN-1", "M-1")).await;
        assert_eq!((&person["Id"], &person["GCKey"]["MBUN"]), (&json!(user), &json!("M-1")));
        assert_eq!(send(body("PIN-1", "M-1")).await, refused(400, "901002,601001", "EnrollmentKey"));
        let enrolment = world.good("GET", &list, Value::Null).await;
        assert_eq!(
            enrolment,
            json!([{"Id": enrolment[0]["Id"], "UserId": user, "ServiceId": service, "OrganizationId": null,
                "State": "Active", "IsActive": true, "IsSelfEnrolled": false, "HasEnrollmentKey": false,
                "DeactivationDate": null}])
        );
        assert_eq!(world.good("GET", &format!("{list}&activeUser=false"), Value::Null).await, json!([]));
        let other = format!("{list}&serviceId={}", world.other_service);
        assert_eq!(world.good("GET", &other, Value::Null).await, json!([]));
        let unknown = world.get(&format!("{PATH}/enrollments?userId=4711")).await;
        assert_eq!(unknown.refusal(), refused(400, "4041003,601013", "userId"));
    }
}

#[tokio::test]
async fn an_address_is_confirmed_by_the_code_kept_for_it() {
    for world in World::both().await {
        let user = world.user;
        let begin =
            |user: i64, code: &str| format!("{PATH}/initiate-email-verification?id={user}&code={code}");
        let end = |user: i64, code: &str| {
            format!("{PATH}/complete-email-verification?userid={user}&confirmationCode={code}")
        };
        let refusal = async |path: String| world.call("POST", &path, Value::Null).await.refusal();
        world.good("POST", &begin(user, "1234"), Value::Null).await;
        assert_eq!(refusal(end(user, "9999")).await, refused(400, "901002,601012", "confirmationCode"));
        assert_eq!(
            refusal(end(world.stranger, "1234")).await,
            refused(400, "901002,601012", "confirmationCode")
        );
        world.good("POST", &end(user, "1234"), Value::Null).await;
        let person = format!("/api/v1/users/{user}");
        assert_eq!(world.good("GET", &person, Value::Null).await["Verified"], true);
        assert_eq!(refusal(end(user, "1234")).await, refused(400, "901002,601012", "confirmationCode"));
        assert_eq!(refusal(begin(0, "1")).await, refused(400, "601010,901002", "id"));
        assert_eq!(refusal(begin(user, "")).await, refused(400, "601011,901002", "code"));
        assert_eq!(refusal(end(4711, "1")).await, refused(400, "4041003,601012", "userid"));
        let story = world.operate(move |tx, scope| audit::of(tx, scope, ("user", user))).await;
        let actions: Vec<_> = story.iter().map(|line| line.action.as_str()).collect();
        assert_eq!(actions, ["create", "email code", "email confirmed"]);
    }
}

#[tokio::test]
async fn the_permissions_of_a_service_are_applied_all_or_none() {
    for world in World::both().await {
        let (user, service) = (world.user, world.service);
        for code in [13, 17] {
            let body = json!({"PermissionId": code, "ServiceId": service});
            world.good("POST", "/api/v1/services/permissions", body).await;
        }
        let path = format!("{PATH}/applied-permissions");
        let body = |user: i64, permissions: Value| json!({"UserId": user, "ServiceId": service, "Permissions": permissions});
        let selected =
            json!([{"PermissionId": 13, "IsSelected": true}, {"PermissionId": 17, "IsSelected": false}]);
        let applied = world.good("POST", &path, body(user, selected.clone())).await;
        assert_eq!(
            applied,
            json!({"UserId": user, "ServiceId": service, "OrganizationId": null, "Permissions": [
                {"PermissionId": 13, "EnglishName": "Sign and submit service requests",
                    "FrenchName": "Signer et soumettre des demandes de service", "IsSelected": true},
                {"PermissionId": 17, "EnglishName": "Manage service requests",
                    "FrenchName": "Gérer les demandes de service", "IsSelected": false},
            ]})
        );
        let own = format!("{PATH}/{user}/applied-permissions?serviceId={service}");
        assert_eq!(world.good("GET", &own, Value::Null).await, applied);
        let send = async |body: Value| world.call("POST", &path, body).await.refusal();
        let odd =
            json!([{"PermissionId": 13, "IsSelected": false}, {"PermissionId": 99, "IsSelected": true}]);
        assert_eq!(send(body(user, odd)).await, refused(400, "901002,601018", "Permissions[1].PermissionId"));
        let held = world.operate(move |tx, scope| permission::of_user(tx, scope, user)).await;
        assert_eq!(held.iter().map(|own| own.code).collect::<Vec<_>>(), [13]);
        assert_eq!(send(json!(null)).await, refused(400, "601017,901002,601018", "body"));
        assert_eq!(send(json!({"UserId": 0})).await, refused(400, "601010,901002,601018", "UserId"));
        let stranger = body(world.stranger, selected);
        assert_eq!(send(stranger).await, refused(403, "901003,601018", "UserId"));
        let unknown = world.get(&format!("{PATH}/4711/applied-permissions?serviceId={service}")).await;
        assert_eq!(unknown.refusal(), refused(404, "4041003,601016", "id"));
    }
}
