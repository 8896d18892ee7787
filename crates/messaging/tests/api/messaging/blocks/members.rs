use serde_json::{Value, json};

use super::{Row, check};
use crate::support::{Server, sms};

#[tokio::test]
async fn what_the_members_of_later_versions_are_refused_for() {
    let links = |links: Value| json!({"channels": {"sms": {"text": "Hi"}, "smartlinks": links}});
    let policy = |policy: Value| json!({"channels": {"sms": {"text": "Hi"}, "contactPolicy": policy}});
    let rows: Vec<Row> = vec![
        (
            "links",
            links(json!({"linkid": 5})),
            7004,
            "invalid value for param smartlinks",
            "channels.smartlinks",
        ),
        (
            "no link",
            links(json!([{"validity": 5}])),
            7003,
            "param 'linkid' missing",
            "channels.smartlinks[0].linkid",
        ),
        (
            "link twice",
            links(json!([{"linkid": 5}, {"linkid": "5"}])),
            7004,
            "invalid value for param linkid",
            "channels.smartlinks[1].linkid",
        ),
        (
            "validity",
            links(json!([{"linkid": 5, "validity": -1}])),
            7004,
            "invalid value for param validity",
            "channels.smartlinks[0].validity",
        ),
        (
            "asks nothing",
            policy(json!({"contactPolicyGroup": "g"})),
            7004,
            "invalid value for param contactPolicy",
            "channels.contactPolicy",
        ),
        (
            "no group",
            policy(json!({"channelCheckConsent": "true"})),
            7003,
            "param 'contactPolicyGroup' missing",
            "channels.contactPolicy.contactPolicyGroup",
        ),
        ("options", json!({"options": "x"}), 7004, "invalid value for param options", "options"),
        (
            "no domain",
            json!({"options": {"trackClicks": true}}),
            7003,
            "param 'domain' missing",
            "options.domain",
        ),
        ("icmessage", json!({"icmessage": 1}), 7004, "invalid value for param icmessage", "icmessage"),
        (
            "conversation",
            json!({"conversationid": []}),
            7004,
            "invalid value for param conversationid",
            "conversationid",
        ),
        ("tracing ids", json!({"gtrId": ["a", "b"]}), 7004, "invalid value for param gtrId", "gtrId"),
    ];
    check("later_members", "", rows).await;
}

#[tokio::test]
async fn a_refused_destination_object_names_its_place_and_member() {
    let server = Server::new();
    let destinations =
        json!([{"msisdn": "1"}, {"wrong": "1"}, {"psid": {}}, 7, {"msisdn": "1", "correlationId": []}]);
    let answer = server.post(sms(json!({"destination": destinations}))).await;
    let body = answer.json();
    let fields: Vec<_> =
        body["response"].as_array().unwrap().iter().map(|unit| unit["detail"]["field"].as_str()).collect();
    let expected = [
        None,
        Some("destination[1]"),
        Some("destination[2].psid"),
        Some("destination[3]"),
        Some("destination[4].correlationid"),
    ];
    assert_eq!(fields, expected);
}

#[tokio::test]
async fn a_refused_member_of_an_sms_is_named_by_its_path() {
    let server = Server::new();
    for (block, field) in [
        (json!({"text": []}), "channels.sms.text"),
        (json!({"text": "a", "senderid": {}}), "channels.sms.senderid"),
        (json!({"text": "a", "media-path": {}}), "channels.sms.media-path"),
        (json!({"text": "a", "extras": 7}), "channels.sms.extras"),
        (json!({"text": "a", "extras": {"dlt_templateid": []}}), "channels.sms.extras.dlt_templateid"),
        (json!({"type": 3, "body": []}), "channels.sms.body"),
    ] {
        let answer = server.post(sms(json!({"channels": {"sms": block}}))).await;
        assert_eq!(answer.json()["response"]["detail"]["field"], field);
    }
    let answer = server.post(sms(json!({"message": {"template": []}}))).await;
    assert_eq!(answer.json()["response"]["detail"]["field"], "message.template");
}
