//! Notifications by e-mail (spec 4.4, Email).

use serde_json::{Value, json};
use waypost_mail::Safeguard;

use crate::post::{Post, read};
use crate::support::{World, refused};

const PATH: &str = "/api/v1/notifications";

fn template() -> Value {
    json!({
        "Name": "Submitted", "ServiceName": "PERMIT", "BodyTextEnglish": ["Dear {Name},", "Request {ServiceRequestId}: thank you."],
        "BodyTextFrench": ["Bonjour {Name},", "Demande {ServiceRequestId} : merci."], "HasBodyParameters": true,
        "SubjectTextEnglish": "Received: {What}", "SubjectTextFrench": "Reçu : {What}", "HasSubjectParameters": true,
    })
}

/// A notification to one address, with `more` members.
fn notification(more: Value) -> Value {
    let mut body = json!({
        "NotificationTemplateName": "Submitted", "ServiceRequestId": 0, "UserId": 0, "UserName": "Ann", "Language": "English",
        "From": "", "To": "ann@example.net", "IsHtml": false, "Attachements": [],
        "Parameters": [{"Key": "Name", "Value": "Ann"}, {"key": "What", "value": "a permit"},
            {"Key": "ServiceRequestId", "Value": "7"}],
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn ready(world: &World) {
    world.good("POST", "/api/v1/notification-template", template()).await;
}

#[tokio::test]
async fn a_template_is_filled_in_the_language_asked_for_and_sent() {
    for post in Post::both().await {
        ready(&post.world).await;
        assert_eq!(post.world.good("POST", PATH, notification(json!({}))).await, Value::Null);
        let letter = post.letters(1).await.remove(0);
        assert_eq!(
            (letter.sender.as_str(), letter.recipients.as_slice()),
            ("no-reply@example.org", ["ann@example.net".to_owned()].as_slice())
        );
        assert_eq!(letter.header("Subject").as_deref(), Some("Received: a permit"));
        assert_eq!(read(&letter), "Dear Ann,\n\nRequest 7: thank you.");
        let id = post.world.requested().await;
        let french = json!({"Language": "French", "ServiceRequestId": id, "To": null, "UserId": post.world.user,
            "Parameters": [{"Key": "name", "Value": "Zoé <b>"}, {"Key": "what", "Value": "un permis\r\nBcc: x@y.ca"}]});
        post.world.good("POST", PATH, notification(french)).await;
        let letter =
            post.letters(2).await.into_iter().find(|one| one.recipients == ["alex@example.org"]).unwrap();
        assert_eq!(read(&letter), format!("Bonjour Zoé <b>,\n\nDemande {id} : merci."));
        assert_eq!(letter.header("To").as_deref(), Some("\"Alex Applicant\" <alex@example.org>"));
        assert_eq!(letter.header("Content-Language").as_deref(), Some("fr"));
        assert!(letter.header("Bcc").is_none());
        post.end().await;
    }
}

#[tokio::test]
async fn each_recipient_gets_a_letter_of_their_own() {
    let post = Post::new().await;
    ready(&post.world).await;
    let to = json!({"To": "bob@example.net; Ann A. <ann@example.net>, bob@example.net"});
    post.world.good("POST", PATH, notification(to)).await;
    let letters = post.letters(2).await;
    let to: Vec<_> = letters.iter().map(|letter| letter.header("To").unwrap()).collect();
    assert_eq!(to, ["\"Ann A.\" <ann@example.net>", "bob@example.net"]);
    assert_eq!(post.end().await.len(), 2);
}

#[tokio::test]
async fn html_is_sent_with_its_words_and_files_are_attached() {
    let post = Post::new().await;
    let mut html = template();
    html["BodyTextEnglish"] = json!(["<p>Dear {Name},</p>", "<p>Thank you.</p>"]);
    post.world.good("POST", "/api/v1/notification-template", html).await;
    let files = json!([{"Name": "permit.txt", "Type": "text/plain", "Sream": {}, "AttachmentBytes": "SGVsbG8="},
        {"Name": "x.bin", "AttachmentBytes": "AAEC"}]);
    let parameters = json!([{"Key": "Name", "Value": "<Ann>"}, {"Key": "What", "Value": "x"}]);
    for member in ["Attachements", "Attachments"] {
        let mut body =
            notification(json!({"IsHtml": true, "From": "clerk@example.com", "Parameters": parameters}));
        body["Attachements"] = Value::Null;
        body[member] = files.clone();
        post.world.good("POST", PATH, body).await;
    }
    for letter in post.letters(2).await {
        assert_eq!(letter.header("Reply-To").as_deref(), Some("clerk@example.com"));
        let body = letter.body().replace("\r\n", "\n");
        for part in [
            "<p>Dear &lt;Ann&gt;,</p>\n<p>Thank you.</p>",
            "\n\nDear <Ann>,\n\nThank you.",
            "Content-Disposition: attachment; filename=\"permit.txt\"\nContent-Type: text/plain\n",
            "Content-Disposition: attachment; filename=\"x.bin\"\nContent-Type: application/octet-stream\n",
        ] {
            assert!(body.contains(part), "{part}\n{body}");
        }
    }
    post.end().await;
}

#[tokio::test]
async fn a_notification_names_what_is_wrong_with_it_and_then_nothing_leaves() {
    let post = Post::new().await;
    let world = &post.world;
    ready(world).await;
    let big = "A".repeat(56_000);
    for (more, codes, field) in [
        (json!({"NotificationTemplateName": "Other"}), "605002,605001", "NotificationTemplateName"),
        (json!({"NotificationTemplateName": null}), "901002,605001", "NotificationTemplateName"),
        (json!({"To": "nobody"}), "901002,605001", "To"),
        (json!({"To": "ann@example.net\r\nBcc: x@y.ca"}), "901002,605001", "To"),
        (json!({"To": ""}), "901002,605001", "To"),
        (json!({"From": "clerk"}), "901002,605001", "From"),
        (json!({"Language": "Latin"}), "901002,605001", "Language"),
        (json!({"UserId": 4711}), "4041003,605001", "UserId"),
        (json!({"ServiceRequestId": 4711}), "4041001,605001", "ServiceRequestId"),
        (json!({"Parameters": [{"Key": "What", "Value": "x"}]}), "901002,605001", "Parameters"),
        (json!({"Parameters": [{"Value": "x"}]}), "901002,605001", "Parameters[0].Key"),
        (json!({"Attachements": [{"Name": "x"}]}), "901002,605001", "Attachements[0].AttachmentBytes"),
        (json!({"Attachements": [{"AttachmentBytes": "AA=="}]}), "901002,605001", "Attachements[0].Name"),
        (json!({"Attachements": [{"Name": "x", "AttachmentBytes": big}]}), "901002,605001", "Attachements"),
    ] {
        let answer = world.call("POST", PATH, notification(more.clone())).await;
        assert_eq!(answer.refusal(), refused(400, codes, field), "{more}");
    }
    let no_body = world.call("POST", PATH, Value::Null).await;
    assert_eq!(no_body.refusal(), refused(400, "901002,605001", "body"));
    assert!(post.end().await.is_empty());
}

#[tokio::test]
async fn the_safeguard_diverts_unless_the_sender_overrides_it() {
    let divert_to = Some("tests@example.org".parse().unwrap());
    let post = Post::guarded(Safeguard { on: true, allowed: Vec::new(), divert_to }).await;
    ready(&post.world).await;
    post.world.good("POST", PATH, notification(json!({}))).await;
    let path = format!("{PATH}?overrideEmailRecipientsSafeguard=true");
    post.world.good("POST", &path, notification(json!({}))).await;
    let letters = post.letters(2).await;
    let to: Vec<_> = letters.iter().map(|letter| letter.recipients[0].as_str()).collect();
    assert_eq!(to, ["ann@example.net", "tests@example.org"]);
    assert_eq!(letters[1].header("X-Meant-For").as_deref(), Some("ann@example.net"));
    post.end().await;
}

#[tokio::test]
async fn a_services_own_setting_turns_the_safeguard_on_for_its_letters() {
    let divert_to = Some("tests@example.org".parse().unwrap());
    let post = Post::guarded(Safeguard { on: false, allowed: Vec::new(), divert_to }).await;
    ready(&post.world).await;
    let setting = json!({"ServiceId": post.world.service, "Key": "isEmailNotificationTestModeEnabled", "Value": "True"});
    post.world.good("POST", "/api/v1/service-settings", setting).await;
    post.world.good("POST", PATH, notification(json!({}))).await;
    assert_eq!(post.letters(1).await[0].recipients, ["tests@example.org"]);
    post.end().await;
}

#[tokio::test]
async fn the_code_that_confirms_an_address_is_sent_to_the_user() {
    for post in Post::both().await {
        let path = format!("{PATH}/verificationcode");
        for (english, part) in
            [(true, "Your confirmation code is: C-1"), (false, "Votre code de confirmation est : C-1")]
        {
            let body = json!({"UserId": post.world.user, "Url": "https://apply.example/confirm", "ConfirmationCode": "C-1",
                "IsEnglish": english});
            assert_eq!(post.world.good("POST", &path, body).await, Value::Null);
            let n = if english { 1 } else { 2 };
            let letters = post.letters(n).await;
            let text: Vec<_> = letters.iter().map(read).collect();
            assert!(text.iter().any(|text| text.contains(part)), "{text:?}");
            assert!(text.iter().all(|text| text.contains("https://apply.example/confirm")));
            assert_eq!(letters[0].recipients, ["alex@example.org"]);
        }
        let whole =
            json!({"UserId": post.world.user, "Url": "https://apply.example", "ConfirmationCode": "C"});
        for (member, value, codes) in [
            ("UserId", json!(4711), "4041003,605006"),
            ("UserId", json!(null), "901002,605006"),
            ("Url", json!("/confirm"), "901002,605006"),
            ("ConfirmationCode", json!(" "), "901002,605006"),
            ("IsEnglish", json!("perhaps"), "901002,605006"),
        ] {
            let mut body = whole.clone();
            body[member] = value;
            assert_eq!(post.world.call("POST", &path, body).await.refusal(), refused(400, codes, member));
        }
        let user = post.world.user;
        let sql = "DELETE FROM sd_coordinate WHERE owner = ?1 AND owner_kind = 1";
        post.world.operate(move |tx, _| tx.exec(sql, &[user.into()])).await;
        let silent = post.world.call("POST", &path, whole).await;
        assert_eq!(silent.refusal(), refused(400, "901002,605006", "UserId"));
        assert_eq!(post.end().await.len(), 2);
    }
}

#[tokio::test]
async fn without_a_relay_nothing_is_promised() {
    let world = World::new().await;
    ready(&world).await;
    let answer = world.call("POST", PATH, notification(json!({}))).await;
    assert_eq!(answer.refusal(), refused(503, "605001", "body"));
    let code = json!({"UserId": world.user, "Url": "https://a.example", "ConfirmationCode": "x"});
    let answer = world.call("POST", &format!("{PATH}/verificationcode"), code).await;
    assert_eq!(answer.refusal(), refused(503, "605006", "body"));
}
