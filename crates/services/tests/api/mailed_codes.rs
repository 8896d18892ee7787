//! Codes of invites, recoveries and transfers arrive by mail (spec 5.7 to 5.9).

use serde_json::{Value, json};

use crate::post::{Post, read};
use crate::support::refused;

/// What stands behind `label` in a letter, up to the end of the line.
fn told(text: &str, label: &str) -> String {
    let (_, rest) = text.split_once(label).unwrap_or_else(|| panic!("{label}: {text}"));
    rest.lines().next().unwrap().trim().to_owned()
}

#[tokio::test]
async fn an_invite_is_mailed_and_its_code_is_not_in_the_answer() {
    for post in Post::both().await {
        let world = &post.world;
        let path = format!(
            "/api/v1/services/{}/initiate-invite?userId={}&email=robin@example.org&isEnglish=true\
             &returnUrl=https://apply.example/in",
            world.service, world.user
        );
        let made = world.good("POST", &path, Value::Null).await;
        let id = made["ServiceRequestId"].as_i64().unwrap();
        assert_eq!(made["InvitationCode"], Value::Null);
        let letter = post.letters(1).await.remove(0);
        assert_eq!(letter.recipients, ["robin@example.org"]);
        assert_eq!(letter.header("Subject").as_deref(), Some("You are invited to PERMIT service"));
        let text = read(&letter);
        let code = told(&text, "Your invitation code is:");
        assert!(
            text.contains(&format!("https://apply.example/in?serviceRequestId={id}&invitationCode={code}")),
            "{text}"
        );
        let complete = format!(
            "/api/v1/services/complete-invite?userId={}&serviceRequestId={id}&invitationCode={code}",
            world.stranger
        );
        world.good("POST", &complete, Value::Null).await;
        post.end().await;
    }
}

#[tokio::test]
async fn a_recovery_is_mailed_and_its_code_is_not_in_the_answer() {
    for post in Post::both().await {
        let world = &post.world;
        let path = "/api/v1/account/initiate-recovery?email=alex@example.org&mbun=M-NEW&issuer=gckey&isEnglish=false";
        let made = world.good("POST", path, Value::Null).await;
        assert_eq!(made["RecoveryCode"], Value::Null);
        let letter = post.letters(1).await.remove(0);
        assert_eq!(letter.recipients, ["alex@example.org"]);
        let code = told(&read(&letter), "Votre code de récupération est :");
        let id = &made["AccountRecoveryId"];
        let end = format!(
            "/api/v1/account/complete-recovery?accountRecoveryId={id}&code={code}&mbun=M-NEW&action=Accept"
        );
        world.good("POST", &end, Value::Null).await;
        post.end().await;
    }
}

#[tokio::test]
async fn a_recovery_that_is_refused_mails_nothing() {
    let post = Post::new().await;
    let path = "/api/v1/account/initiate-recovery?email=nobody@example.org&mbun=M-NEW";
    let answer = post.world.call("POST", path, Value::Null).await;
    assert_eq!(answer.refusal(), refused(400, "4041003,601007", "email"));
    assert!(post.end().await.is_empty());
}

#[tokio::test]
async fn a_transfer_is_told_to_the_application_and_mailed_to_the_requester() {
    for post in Post::both().await {
        let world = &post.world;
        let id = world.requested_with(json!({"RequesterId": world.stranger})).await;
        let path = format!("/api/v1/servicerequests/{id}/transfer?userId={}", world.user);
        let body = world.good("POST", &path, Value::Null).await;
        let code = body["TransferCode"].as_str().unwrap();
        let letter = post.letters(1).await.remove(0);
        assert_eq!(letter.recipients, ["robin@example.org"]);
        let text = read(&letter);
        assert_eq!(told(&text, "with this code:"), code);
        assert!(text.contains("Un permis") && text.contains("A permit"), "{text}");
        post.end().await;
    }
}

#[tokio::test]
async fn an_address_that_no_letter_can_go_to_is_not_invited() {
    let post = Post::new().await;
    let (service, user) = (post.world.service, post.world.user);
    let path = format!(
        "/api/v1/services/{service}/initiate-invite?userId={user}&email=h%C3%A9l%C3%A8ne@example.org"
    );
    let answer = post.world.call("POST", &path, Value::Null).await;
    assert_eq!(answer.refusal(), refused(400, "901002,618011", "email"));
    assert!(post.end().await.is_empty());
}

#[tokio::test]
async fn an_account_whose_address_no_letter_can_go_to_is_not_recovered_by_mail() {
    let post = Post::new().await;
    let person = json!({"FirstName": "Hélène", "LastName": "Demo", "Email": "hélène@example.org"});
    let context = json!({"Type": "GCKey", "GCKey": {"MBUN": "M-2", "Issuer": "gckey"}});
    let body = json!({"User": person, "AuthenticationContext": context});
    post.world.good("POST", "/api/v1/account/register", body).await;
    let path = "/api/v1/account/initiate-recovery?email=h%C3%A9l%C3%A8ne@example.org&mbun=M-NEW";
    let answer = post.world.call("POST", path, Value::Null).await;
    assert_eq!(answer.refusal(), refused(400, "901002,601007", "email"));
    assert!(post.end().await.is_empty());
}
