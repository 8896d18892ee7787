//! The story of a service request for the operator, and what must not be in it.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use waypost_services::records::request_trace;
use waypost_store::{Ctx, Sql};

use crate::support::World;

/// Words that stand for personal values; none is part of anything else.
const PERSONAL: [&str; 9] = [
    "Zebulon",
    "Quixwood",
    "zq@private.example",
    "6135550177",
    "MBUN-SECRET",
    "a private remark",
    "My private permit",
    "PrivatePlan",
    "private-value",
];

async fn of_request(world: &World, id: &str) -> Vec<request_trace::Traced> {
    let id = id.to_owned();
    world.store.read(move |tx| request_trace::find(tx, &Ctx::all("trace"), &id)).await.unwrap()
}

/// Everything an applicant does with a request, with personal values in every member that may hold some.
async fn walked(world: &World) -> i64 {
    let [first, last, email, phone, mbun, remark, name, file, value] = PERSONAL;
    let person = json!({"FirstName": first, "LastName": last, "Email": email, "DisplayPhoneNumber": phone});
    let register = json!({"User": person, "AuthenticationContext": {"GCKey": {"MBUN": mbun, "Issuer": "x"}}});
    let user = world.good("POST", "/api/v1/account/register", register).await["Id"].as_i64().unwrap();
    let (service, staff) = (world.service, world.staff);
    world.good("POST", &format!("/api/v1/services/{service}/enrolluser?userId={user}"), Value::Null).await;
    let names = json!({"UserId": user, "RequesterId": user, "Comment": remark, "EnglishDisplayName": name,
        "FrenchDisplayName": name});
    let id = world.requested_with(names).await;
    let path = |rest: &str| format!("/api/v1/servicerequests/{id}/{rest}");
    let moved = path(&format!(
        "updatestatus?userId={user}&serviceRequestStatus=Submitted&comment=a%20private%20remark"
    ));
    world.good("POST", &moved, Value::Null).await;
    let artifact =
        format!("/api/v1/artifacts?serviceRequestId={id}&artifactType=JsonMetadata&version=1&userId={user}");
    world.good("POST", &artifact, json!({"k": value})).await;
    let upload = format!(
        "/api/v1/file-attachments?serviceRequestId={id}&filename={file}.txt&contentType=text%2Fplain&size={}",
        value.len()
    );
    assert_eq!(
        world.send_raw("POST", &upload, ("application/octet-stream", value.as_bytes())).await.http,
        200
    );
    world.good("POST", &path("assignments"), json!({"UserIds": [staff]})).await;
    let invoice = json!({"ServiceRequestId": id, "Number": value, "Amount": 1});
    world.good("POST", "/api/v1/invoices", invoice).await;
    let code = world.good("POST", &path(&format!("transfer?userId={user}")), Value::Null).await;
    let code = code["TransferCode"].as_str().unwrap().to_owned();
    let accept = format!("/api/v1/servicerequests/transfer?code={code}&userId={}&action=Accept", world.user);
    world.good("POST", &accept, Value::Null).await;
    // Refusals are logged where the server counts them.
    let refused = world
        .call("POST", "/api/v1/users", json!({"FirstName": first, "Emails": [{"EmailAddress": email}]}))
        .await;
    assert_eq!(refused.http, 400);
    id
}

#[tokio::test]
async fn the_story_says_who_changed_what_when_and_from_where() {
    for world in World::both().await {
        let id = walked(&world).await;
        let [traced] = <[_; 1]>::try_from(of_request(&world, &id.to_string()).await).unwrap();
        assert_eq!(of_request(&world, &traced.guid.to_uppercase()).await, std::slice::from_ref(&traced));
        assert_eq!(
            (traced.service.as_str(), traced.status.name(), traced.user),
            ("PERMIT", "Submitted", world.user)
        );
        let done: Vec<_> =
            traced.changes.iter().map(|own| (own.entity.as_str(), own.action.as_str())).collect();
        let own = |action| ("service_request", action);
        let expected = [
            own("create"),
            own("update"),
            own("create artifact"),
            own("attach file"),
            own("file"),
            own("assign"),
            ("invoice", "create"),
            own("initiate transfer"),
            own("accept transfer"),
        ];
        assert_eq!(done, expected);
        let update = &traced.changes[1];
        assert_eq!(update.detail, "RequestStatus InProgress to Submitted");
        assert_eq!(
            (update.application.as_deref(), update.at),
            (Some("PORTAL"), waypost_core::time::Clock::now(&*world.clock))
        );
        assert!(update.user.is_some_and(|user| user != world.user));
        assert_eq!(of_request(&world, "4711").await, []);
    }
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn nothing_personal_is_in_the_log_or_in_the_story() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone());
    // Of the whole process: the store writes on threads of its own.
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
    let world = World::new().await;
    let id = walked(&world).await;
    // A store that fails is told of in the log.
    world.store.clone().close().await;
    let failed = world.get(&format!("/api/v1/servicerequests/{id}")).await;
    assert_eq!(failed.http, 503, "{}", failed.body);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!text.is_empty(), "the log is read");
    for personal in PERSONAL {
        assert!(!text.contains(personal), "the log holds {personal}");
    }
}

#[tokio::test]
async fn nothing_personal_is_in_the_audit() {
    let world = World::new().await;
    walked(&world).await;
    let lines = |tx: &mut dyn Sql| tx.query("SELECT entity, action, detail, source FROM sd_audit", &[]);
    let lines = world.store.read(lines).await.unwrap();
    assert!(lines.len() > 10, "{}", lines.len());
    for line in &lines {
        let text: Vec<_> = (0..4).map(|column| line.text(column).unwrap()).collect();
        let text = text.join(" ");
        for personal in PERSONAL {
            assert!(!text.contains(personal), "{text}");
        }
    }
}
