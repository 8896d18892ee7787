//! Templates of e-mail notifications.

use serde_json::{Value, json};

use crate::support::{World, refused, request};

const PATH: &str = "/api/v1/notification-template";

fn template(subject: &str) -> Value {
    json!({
        "Name": "Submitted", "ServiceName": "PERMIT", "BodyTextEnglish": ["Dear {Name},", "Thank you."],
        "BodyTextFrench": ["Bonjour {Name},", "Merci."], "HasBodyParameters": true, "SubjectTextEnglish": subject,
        "SubjectTextFrench": "Reçu", "HasSubjectParameters": false,
    })
}

#[tokio::test]
async fn a_template_is_registered_replaced_deleted_and_registered_again() {
    for world in World::both().await {
        let mut shown = template("Received");
        shown["IsDeleted"] = json!(false);
        assert_eq!(world.good("POST", PATH, template("Received")).await, shown);
        let again = world.call("POST", PATH, template("Got it")).await;
        assert_eq!((again.http.as_u16(), again.header("etag")), (200, "\"r2\""));
        let one = format!("{PATH}?templateName=Submitted");
        assert_eq!(world.good("GET", &one, Value::Null).await["SubjectTextEnglish"], "Got it");
        assert_eq!(world.good("GET", PATH, Value::Null).await, json!([again.json()]));
        let mut stale = request(&world.key, "POST", PATH, template("Old"));
        stale.headers_mut().insert("if-match", "\"r1\"".parse().unwrap());
        assert_eq!(world.send(stale).await.refusal(), refused(412, "901002,605003", "If-Match"));
        let delete = format!("{PATH}/Submitted");
        world.good("DELETE", &delete, Value::Null).await;
        let gone = world.call("DELETE", &delete, Value::Null).await;
        assert_eq!(gone.refusal(), refused(404, "605002,605004", "templateName"));
        assert_eq!(world.get(&one).await.refusal(), refused(400, "605002,605005", "templateName"));
        assert_eq!(world.good("GET", PATH, Value::Null).await, json!([]));
        let deleted = world.good("GET", &format!("{one}&includeDeleted=true"), Value::Null).await;
        assert_eq!(deleted["IsDeleted"], true);
        assert_eq!(world.good("POST", PATH, template("Back")).await["IsDeleted"], false);
    }
}

#[tokio::test]
async fn a_template_has_a_name_and_both_languages() {
    let world = World::new().await;
    for (member, value) in [
        ("Name", json!(" ")),
        ("SubjectTextFrench", json!(null)),
        ("BodyTextEnglish", json!([])),
        ("BodyTextFrench", json!([1])),
        ("HasBodyParameters", json!("perhaps")),
    ] {
        let mut body = template("x");
        body[member] = value;
        let answer = world.call("POST", PATH, body).await;
        assert_eq!(answer.refusal(), refused(400, "901002,605003", member));
    }
    let weak = world.call_by(world.staff, "POST", PATH, template("x")).await;
    assert_eq!(weak.refusal(), refused(403, "901006", "current-user-id"));
}
