//! Account recovery (spec 5.9).

use serde_json::{Value, json};

use crate::support::{World, refused};

const PATH: &str = "/api/v1/account";

async fn begin(world: &World, email: &str, mbun: &str) -> Value {
    let path = format!("{PATH}/initiate-recovery?email={email}&mbun={mbun}&issuer=gckey&isEnglish=true");
    world.good("POST", &path, Value::Null).await
}

fn end(id: &Value, code: &Value, mbun: &str, rest: &str) -> String {
    let code = code.as_str().unwrap();
    format!("{PATH}/complete-recovery?accountRecoveryId={id}&code={code}&mbun={mbun}{rest}")
}

#[tokio::test]
async fn an_account_is_recovered_by_its_code_once() {
    for world in World::both().await {
        let made = begin(&world, "ALEX@example.org", "M-NEW").await;
        let (id, code) = (&made["AccountRecoveryId"], &made["RecoveryCode"]);
        assert_eq!(
            made,
            json!({"AccountRecoveryId": id, "RecoveryCode": code, "ExpiryDateUtc": "2026-09-22T14:13:20",
            "AccountRecoveries": [
                {"AccountRecoveryId": id, "UserId": world.user, "FirstName": "Alex", "LastName": "Applicant"},
            ]})
        );
        let refusal = async |path: String| world.call("POST", &path, Value::Null).await.refusal();
        assert_eq!(refusal(end(id, &json!("X"), "M-NEW", "")).await, refused(400, "901002,601009", "code"));
        assert_eq!(
            refusal(end(&json!(4711), code, "M-NEW", "")).await,
            refused(400, "901002,601009", "code")
        );
        assert_eq!(refusal(end(id, code, "M-OTHER", "")).await, refused(400, "901002,601009", "mbun"));
        let zero = end(&json!(0), code, "M-NEW", "");
        assert_eq!(refusal(zero).await, refused(400, "601008,901002,601009", "accountRecoveryId"));
        assert_eq!(
            refusal(end(id, &json!(""), "M-NEW", "")).await,
            refused(400, "601011,901002,601009", "code")
        );
        assert_eq!(refusal(end(id, code, "", "")).await, refused(400, "601005,901002,601009", "mbun"));
        world.good("POST", &end(id, code, "M-NEW", "&action=Accept"), Value::Null).await;
        let person = world.good("GET", "/api/v1/users?mbun=M-NEW", Value::Null).await;
        assert_eq!(person["Id"], world.user);
        assert_eq!(world.get("/api/v1/users?mbun=MBUN-Alex").await.http, 400);
        assert_eq!(refusal(end(id, code, "M-NEW", "")).await, refused(400, "901002,601009", "code"));
        let request = world.good("GET", &format!("/api/v1/servicerequests/{id}"), Value::Null).await;
        assert_eq!(request["RequestStatus"], "Accepted");
    }
}

#[tokio::test]
async fn a_cancelled_and_an_old_recovery_leave_the_account_as_it_was() {
    let world = World::new().await;
    let made = begin(&world, "alex@example.org", "M-NEW").await;
    let path = end(&made["AccountRecoveryId"], &made["RecoveryCode"], "M-NEW", "&action=Cancel");
    world.good("POST", &path, Value::Null).await;
    let made = begin(&world, "alex@example.org", "M-NEW").await;
    world.clock.advance_ms(86_400_000);
    let path = end(&made["AccountRecoveryId"], &made["RecoveryCode"], "M-NEW", "");
    let late = world.call("POST", &path, Value::Null).await;
    assert_eq!(late.refusal(), refused(400, "901002,601009", "code"));
    assert_eq!(world.get("/api/v1/users?mbun=MBUN-Alex").await.http, 200);
}

#[tokio::test]
async fn people_who_share_an_address_have_a_request_each_under_one_parent() {
    for world in World::both().await {
        let context = json!({"Type": "GCKey", "GCKey": {"MBUN": "M-2", "Issuer": "gckey"}});
        let twin = json!({"FirstName": "Ali", "LastName": "Applicant", "Email": "alex@example.org"});
        let body = json!({"User": twin, "AuthenticationContext": context});
        let twin = world.good("POST", &format!("{PATH}/register"), body).await["Id"].as_i64().unwrap();
        let made = begin(&world, "alex@example.org", "M-NEW").await;
        let each = made["AccountRecoveries"].as_array().unwrap();
        assert_eq!(
            each.iter().map(|own| own["UserId"].as_i64().unwrap()).collect::<Vec<_>>(),
            [world.user, twin]
        );
        let parent = end(&made["AccountRecoveryId"], &made["RecoveryCode"], "M-NEW", "");
        let parent = world.call("POST", &parent, Value::Null).await;
        assert_eq!(parent.refusal(), refused(400, "901002,601009", "accountRecoveryId"));
        let path = end(&each[1]["AccountRecoveryId"], &made["RecoveryCode"], "M-NEW", "");
        world.good("POST", &path, Value::Null).await;
        let person = world.good("GET", "/api/v1/users?mbun=M-NEW", Value::Null).await;
        assert_eq!(person["Id"], twin);
    }
}

#[tokio::test]
async fn a_recovery_names_what_is_wrong_with_it() {
    let world = World::new().await;
    let refusal = async |query: &str| {
        world.call("POST", &format!("{PATH}/initiate-recovery?{query}"), Value::Null).await.refusal()
    };
    assert_eq!(refusal("mbun=x").await, refused(400, "601004,901002,601007", "email"));
    assert_eq!(refusal("email=a@b.ca").await, refused(400, "601005,901002,601007", "mbun"));
    assert_eq!(refusal("email=a@b.ca&mbun=x").await, refused(400, "4041003,601007", "email"));
    assert_eq!(refusal("email=sam@example.org&mbun=x").await, refused(400, "4041003,601007", "email"));
    let url = "email=alex@example.org&mbun=x&returnUrl=back";
    assert_eq!(refusal(url).await, refused(400, "901002,601007", "returnUrl"));
}
