//! Artifacts of service requests.

use serde_json::{Value, json};

use crate::support::{Answer, World, refused, request};

const JSON: &str = "application/octet-stream";

fn by_kind(world: &World, id: i64, kind: &str) -> String {
    format!(
        "/api/v1/artifacts?serviceRequestId={id}&artifactType={kind}&version=DOC_v1.0&userId={}",
        world.user
    )
}

async fn created(world: &World, id: i64, kind: &str, body: &str) -> i64 {
    let answer = world.send_raw("POST", &by_kind(world, id, kind), (JSON, body.as_bytes())).await;
    assert_eq!((answer.http.as_u16(), answer.codes().as_str()), (200, "-1"), "{}", answer.body);
    answer.json()["Id"].as_i64().unwrap()
}

fn info(id: i64, request: i64, kind: &str, version: &str, deleted: bool) -> Value {
    json!({"Id": id, "ServiceRequestId": request, "ArtifactType": kind, "RdimsReference": null,
        "DocumentVersion": version, "IsDeleted": deleted})
}

#[tokio::test]
async fn a_json_artifact_is_kept_byte_for_byte() {
    for world in World::both().await {
        let id = world.requested().await;
        let body = "{ \"b\" : 1.00,\r\n  \"a\": \"\\u00e9\" }\n";
        let answer =
            world.send_raw("POST", &by_kind(&world, id, "JsonDocument"), (JSON, body.as_bytes())).await;
        let artifact = answer.json()["Id"].as_i64().unwrap();
        assert_eq!(answer.json(), info(artifact, id, "JsonDocument", "DOC_v1.0", false));
        assert_eq!(answer.header("etag"), "\"r1\"");
        for path in [by_kind(&world, id, "jsondocument"), format!("/api/v1/artifacts/{artifact}")] {
            let content = world.get(&path).await;
            assert_eq!(
                (content.body.as_str(), content.header("content-type")),
                (body, "application/json; charset=utf-8")
            );
        }
        let about = world.good("GET", &format!("/api/v1/artifacts/{artifact}/info"), Value::Null).await;
        assert_eq!(about, info(artifact, id, "JsonDocument", "DOC_v1.0", false));
    }
}

#[tokio::test]
async fn a_replaced_content_stays_among_the_archived_artifacts() {
    let world = World::new().await;
    let id = world.requested().await;
    let artifact = created(&world, id, "JsonDocument", "{\"n\": 1}").await;
    let path = format!(
        "/api/v1/artifacts/{artifact}?serviceRequestId={id}&documentVersion=2&userId={}",
        world.staff
    );
    let changed = world.send_raw("PUT", &path, ("application/json", b"{\"n\": 2}")).await;
    assert_eq!(changed.json(), info(artifact, id, "JsonDocument", "2", false));
    assert_eq!(changed.header("etag"), "\"r2\"");
    let third = world.send_raw("PUT", &by_kind(&world, id, "JsonDocument"), (JSON, b"{\"n\": 3}")).await;
    assert_eq!(third.json(), info(artifact, id, "JsonDocument", "DOC_v1.0", false));
    let listed = async |selection: &str| {
        let path = format!("/api/v1/servicerequests/{id}/artifacts{selection}");
        world.good("GET", &path, Value::Null).await
    };
    assert_eq!(listed("").await, json!([info(artifact, id, "JsonDocument", "DOC_v1.0", false)]));
    let archived = listed("?artifactSelectionType=Archived").await;
    let (first, second) = (archived[0]["Id"].as_i64().unwrap(), archived[1]["Id"].as_i64().unwrap());
    assert_eq!(
        archived,
        json!([
            info(first, id, "JsonDocument", "DOC_v1.0", true),
            info(second, id, "JsonDocument", "2", true)
        ])
    );
    assert_eq!(listed("?artifactSelectionType=all").await.as_array().unwrap().len(), 3);
    assert_eq!(world.get(&format!("/api/v1/artifacts/{first}")).await.body, "{\"n\": 1}");
    assert_eq!(world.get(&format!("/api/v1/artifacts/{artifact}")).await.body, "{\"n\": 3}");
}

#[tokio::test]
async fn a_deleted_artifact_is_archived_and_found_by_its_kind_no_more() {
    let world = World::new().await;
    let id = world.requested().await;
    let artifact = created(&world, id, "SignedJsonDocument", "{}").await;
    let head = async |id: i64| {
        let path = by_kind(&world, id, "SignedJsonDocument");
        let answer = world.call("HEAD", &path, Value::Null).await;
        (answer.http.as_u16(), answer.codes())
    };
    assert_eq!(head(id).await, (200, "-1".to_owned()));
    assert_eq!(
        world.good("DELETE", &by_kind(&world, id, "SignedJsonDocument"), Value::Null).await,
        Value::Null
    );
    assert_eq!(head(id).await, (404, "4041009,604005".to_owned()));
    assert_eq!(head(4711).await, (404, "4041001,604005".to_owned()));
    let about = world.good("GET", &format!("/api/v1/artifacts/{artifact}/info"), Value::Null).await;
    assert_eq!(about, info(artifact, id, "SignedJsonDocument", "DOC_v1.0", true));
    let gone = world.get(&format!("/api/v1/artifacts/{artifact}")).await;
    assert_eq!(gone.refusal(), refused(404, "4041009,604004", "id"));
    assert_eq!(gone.json()["MtapiStatus"][1]["Name"], "RetrievingArtifactFailed");
    let again = world
        .call("DELETE", &format!("/api/v1/artifacts/{artifact}?userId={}", world.user), Value::Null)
        .await;
    assert_eq!(again.refusal(), refused(404, "4041009,604003", "id"));
    let other = created(&world, id, "JsonDocument", "{}").await;
    world.good("DELETE", &format!("/api/v1/artifacts/{other}?userId={}", world.user), Value::Null).await;
    let listed = format!("/api/v1/artifacts?serviceRequestId={id}");
    assert_eq!(world.good("GET", &listed, Value::Null).await, json!([]));
}

#[tokio::test]
async fn a_metadata_artifact_is_the_metadata_of_its_request() {
    for world in World::both().await {
        let id = world.requested().await;
        let metadata = async || {
            world.good("GET", &format!("/api/v1/servicerequests/{id}"), Value::Null).await["Metadata"].clone()
        };
        let first =
            created(&world, id, "JsonMetadata", "{\"projectName\": \"Élan\", \"size\": 12, \"none\": null}")
                .await;
        assert_eq!(
            metadata().await,
            json!([{"Key": "none", "Value": null}, {"Key": "projectName", "Value": "Élan"}, {"Key": "size", "Value": "12"}])
        );
        let second = created(&world, id, "JsonMetadata", "[{\"Key\": \"b\", \"Value\": \"x\"}]").await;
        assert_eq!(metadata().await, json!([{"Key": "b", "Value": "x"}]));
        let delete = |id: i64| format!("/api/v1/artifacts/{id}?userId={}", world.user);
        world.good("DELETE", &delete(second), Value::Null).await;
        assert_eq!(metadata().await[1]["Value"], "Élan");
        world.good("DELETE", &delete(first), Value::Null).await;
        assert_eq!(metadata().await, Value::Null);
    }
}

#[tokio::test]
async fn a_content_must_be_what_its_kind_says() {
    let world = World::new().await;
    let id = world.requested().await;
    for (kind, body, codes, field) in [
        ("JsonDocument", "{", "901002,604004", "body"),
        ("JsonDocument", " ", "901002,604004", "body"),
        ("JsonMetadata", "\"text\"", "901002,604004", "body"),
        ("JsonMetadata", "{\"a\": \"\\u0000\"}", "901002,604004", "body"),
        ("None", "{}", "604001,604004", "artifactType"),
        ("Nonsense", "{}", "604001,901002,604004", "artifactType"),
    ] {
        let answer = world.send_raw("POST", &by_kind(&world, id, kind), (JSON, body.as_bytes())).await;
        assert_eq!(answer.refusal(), refused(400, codes, field), "{kind} {body}");
        let last = answer.json()["MtapiStatus"].as_array().unwrap().last().unwrap()["Name"].clone();
        assert_eq!(last, "CreatingArtifactFailed");
    }
    let long = vec![b' '; 64 * 1024 + 1];
    let answer = world.send_raw("POST", &by_kind(&world, id, "JsonDocument"), (JSON, &long)).await;
    assert_eq!(answer.refusal(), refused(413, "901002,604004", "body"));
    let picture = b"GIF89a".as_slice();
    let made = world.send_raw("POST", &by_kind(&world, id, "Image"), (JSON, picture)).await.json();
    let content = world.get(&format!("/api/v1/artifacts/{}", made["Id"])).await;
    assert_eq!((content.body.as_str(), content.header("content-type")), ("GIF89a", "image/gif"));
}

#[tokio::test]
async fn an_artifact_belongs_to_a_request_a_person_and_its_service() {
    let world = World::new().await;
    let id = world.requested().await;
    let artifact = created(&world, id, "JsonDocument", "{}").await;
    let send =
        async |method: &str, path: String| -> Answer { world.send_raw(method, &path, (JSON, b"{}")).await };
    let post = send("POST", by_kind(&world, 4711, "JsonDocument")).await;
    assert_eq!(post.refusal(), refused(400, "4041001,604004", "serviceRequestId"));
    let stranger =
        by_kind(&world, id, "JsonDocument").replace(&format!("userId={}", world.user), "userId=4711");
    assert_eq!(send("POST", stranger).await.refusal(), refused(400, "4041003,604004", "userId"));
    let get = world.get(&by_kind(&world, id, "Pdf")).await;
    assert_eq!(get.refusal(), refused(400, "4041009,604004", "artifactType"));
    let put = send("PUT", by_kind(&world, id, "Pdf")).await;
    assert_eq!(put.refusal(), refused(400, "4041009,604002", "artifactType"));
    let delete = send("DELETE", by_kind(&world, id, "Pdf")).await;
    assert_eq!(delete.refusal(), refused(400, "4041009,604003", "artifactType"));
    let other = world.requested().await;
    let wrong = format!(
        "/api/v1/artifacts/{artifact}?serviceRequestId={other}&documentVersion=2&userId={}",
        world.user
    );
    assert_eq!(
        send("PUT", wrong.clone()).await.refusal(),
        refused(400, "4041009,604002", "serviceRequestId")
    );
    let unknown = wrong.replace(&format!("artifacts/{artifact}"), "artifacts/4711");
    assert_eq!(send("PUT", unknown).await.refusal(), refused(404, "4041009,604002", "id"));
    let none = world.get("/api/v1/servicerequests/4711/artifacts").await;
    assert_eq!(none.refusal(), refused(404, "4041001,617005", "id"));
    let (elsewhere, service) = (world.other_service, world.service);
    world
        .operate(move |tx, _| {
            tx.exec(
                "UPDATE sd_application_service SET service = ?1 WHERE service = ?2",
                &[elsewhere.into(), service.into()],
            )
        })
        .await;
    let closed =
        world.call_as(&world.bound, "GET", &format!("/api/v1/artifacts/{artifact}"), Value::Null).await;
    assert_eq!(closed.refusal(), refused(403, "901006", "ServiceId"));
}

#[tokio::test]
async fn an_artifact_that_was_changed_meanwhile_is_left_alone() {
    let world = World::new().await;
    let id = world.requested().await;
    created(&world, id, "JsonDocument", "{}").await;
    let mut change = request(&world.key, "PUT", &by_kind(&world, id, "JsonDocument"), json!({"n": 1}));
    change.headers_mut().insert("if-match", "\"r7\"".parse().unwrap());
    assert_eq!(world.send(change).await.refusal(), refused(412, "901002,604002", "If-Match"));
}
