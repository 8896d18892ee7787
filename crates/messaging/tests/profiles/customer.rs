//! `/customerprofile`.

use axum::http::Method;
use serde_json::json;
use waypost_store::directory::{AttributeKind, admin};
use waypost_store::testing::on_both_engines;

use crate::server::{Server, record, records};
use crate::support::NOW;

const PATH: &str = "/customerprofile";

#[tokio::test]
async fn a_customer_is_created_shown_changed_and_deleted() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let attributes = json!({"email": "A@x.example", "msisdn": "+911278994640", "name": "um", "sms": 1});
        let answer = server.post(PATH, &record("777777", &attributes)).await;
        let done = json!({"TotalCount": 1, "SuccessCount": 1, "FailureCount": 0, "code": "1000",
            "description": "SUCCESS", "transid": "<id>",
            "Results": [{"customerId": "777777", "code": "1000", "description": "SUCCESS"}]});
        assert_eq!((answer.http.as_u16(), answer.masked()), (200, done.clone()));

        let shown = |attributes: serde_json::Value| {
            json!({"Status": 0, "Description": "success", "code": "1000", "transid": "<id>",
                "Records": [{"Attributes": attributes, "InwardLinks": [], "OutwardLinks": []}]})
        };
        let answer = server.get(&format!("{PATH}/777777")).await;
        let all = json!([
            {"Name": "customerId", "Value": "777777", "ID": 1001},
            {"Name": "name", "Value": "um", "ID": 1002},
            {"Name": "email", "Value": "A@x.example", "ID": 1003},
            {"Name": "msisdn", "Value": "+911278994640", "ID": 1004},
            {"Name": "sms", "Value": "1", "ID": 1005},
        ]);
        assert_eq!((answer.http.as_u16(), answer.masked()), (200, shown(all)));

        // What is not named stays, what is empty goes.
        let change = record("777777", &json!({"email": "", "name": "vm", "verified": "1", "sms": null}));
        assert_eq!(server.put(PATH, &change).await.masked(), done);
        let answer = server.get(&format!("{PATH}/777777/")).await;
        let all = json!([
            {"Name": "customerId", "Value": "777777", "ID": 1001},
            {"Name": "name", "Value": "vm", "ID": 1002},
            {"Name": "msisdn", "Value": "+911278994640", "ID": 1004},
            {"Name": "sms", "Value": "1", "ID": 1005},
            {"Name": "verified", "Value": "1", "ID": 1016},
        ]);
        assert_eq!(answer.masked(), shown(all));

        assert_eq!(server.delete(&format!("{PATH}/777777")).await.masked(), done);
        assert_eq!(server.rows().await, 0, "no key of it is left either");
        assert_eq!(server.get(&format!("{PATH}/777777")).await.refusal(), "7014 Customer not found");
    })
    .await;
}

#[tokio::test]
async fn each_record_of_a_batch_stands_for_itself() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let msisdn = json!({"msisdn": "911278994640"});
        server.post(PATH, &record("1234569", &msisdn)).await;
        let answer = server
            .post(
                PATH,
                &records(&json!([
                    {"customerId": "1234568", "Attributes": msisdn},
                    {"customerId": "1234569", "Attributes": msisdn},
                    {"customerId": "1234568", "Attributes": msisdn},
                    {"Attributes": msisdn},
                    {"customerId": " ", "Attributes": msisdn},
                    {"customerId": "a", "Attributes": {"name": "x"}},
                    {"customerId": "b", "Attributes": {"msisdn": "12-34"}},
                    {"customerId": "c", "Attributes": {"msisdn": "12345", "shoe": "44"}},
                    {"customerId": "d", "Attributes": {"msisdn": "12345", "status": "2"}},
                    "no record",
                ])),
            )
            .await;
        let expected = [
            "1234568 1000 SUCCESS",
            "1234569 7015 Customer already exists",
            "1234568 7015 Customer already exists",
            " 7003 CustomerId is missing",
            "  7003 CustomerId is missing",
            "a 7003 Mandatory param msisdn missing",
            "b 7011 Invalid Attribute Value",
            "c 7017 Profile attribute doesn't exist",
            "d 7011 invalid value for param status, only values [0,1] are allowed",
            " 7003 CustomerId is missing",
        ];
        assert_eq!(answer.results(), expected);
        assert_eq!((answer.code(), answer.counts()), ((200, "1002".to_owned()), [10, 1, 9]));
        assert_eq!(answer.json()["description"], "Partial success");
        let detail = json!({"field": "Attributes.msisdn", "rule": "5 to 15 digits, with or without +",
            "remedy": "send the value as a text of this kind"});
        assert_eq!(answer.json()["Results"][6]["detail"], detail);

        // 1002 also when all failed.
        let answer = server.put(PATH, &record("nobody", &json!({"name": "x"}))).await;
        assert_eq!((answer.code().1.as_str(), answer.counts()), ("1002", [1, 0, 1]));
        assert_eq!(answer.results(), ["nobody 7014 Customer not found"]);
    })
    .await;
}

#[tokio::test]
async fn both_shapes_and_both_versions_are_served() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let body = json!({"customerId": "1", "attributes": {"msisdn": "12345"}});
        assert_eq!(server.post("/customerprofile/", &body).await.results(), ["1 1000 SUCCESS"]);
        let mut request = server.request(Method::GET, "/x", axum::body::Body::empty());
        *request.uri_mut() = "/resources/v1/customerprofile?customerId=1".parse().unwrap();
        assert_eq!(server.call(request).await.code(), (200, "1000".to_owned()));
        let wrong = server.send(Method::PATCH, PATH, "{}").await;
        assert_eq!((wrong.http.as_u16(), wrong.body.as_str()), (405, ""));
    })
    .await;
}

#[tokio::test]
async fn several_are_shown_and_deleted_at_once() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        for id in ["a", "b"] {
            server.post(PATH, &record(id, &json!({"msisdn": "12345"}))).await;
        }
        let answer = server.get(&format!("{PATH}?customerId=b&customerId=nobody&customerId=a")).await;
        let body = answer.json();
        assert_eq!((&body["code"], &body["Description"]), (&json!("1002"), &json!("Partial success")));
        let ids: Vec<_> =
            body["Records"].as_array().unwrap().iter().map(|r| &r["Attributes"][0]["Value"]).collect();
        assert_eq!(ids, ["b", "a"]);
        let none = server.get(&format!("{PATH}?customerId=x&customerId=y")).await;
        assert_eq!(none.refusal(), "7014 Customer not found");

        let answer = server.delete(&format!("{PATH}?customerId=a&customerId=nobody")).await;
        assert_eq!(answer.results(), ["a 1000 SUCCESS", "nobody 7014 Customer not found"]);
        assert_eq!(answer.code().1, "1002");
        // The delete pages know no 1002: where nothing was there, the whole answer says so.
        let answer = server.delete(&format!("{PATH}/nobody")).await;
        assert_eq!((answer.code().1.as_str(), answer.counts()), ("7014", [1, 0, 1]));
        assert_eq!(answer.results(), ["nobody 7014 Customer not found"]);
        for path in [PATH.to_owned(), format!("{PATH}/%20")] {
            assert_eq!(server.delete(&path).await.refusal(), "7003 CustomerId is missing");
            assert_eq!(server.get(&path).await.refusal(), "7003 CustomerId is missing");
        }
    })
    .await;
}

#[tokio::test]
async fn a_tenants_own_attributes_are_kept_by_their_kind() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let id = server
            .operate(|tx, ctx| admin::add_profile_attribute(tx, ctx, NOW, "birthday", AttributeKind::Date))
            .await;
        let born = |value: &str| record("1", &json!({"msisdn": "12345", "BirthDay": value}));
        assert_eq!(server.post(PATH, &born("soon")).await.results(), ["1 7011 Invalid Attribute Value"]);
        assert_eq!(server.post(PATH, &born("1990-02-28")).await.results(), ["1 1000 SUCCESS"]);
        let shown = server.get(&format!("{PATH}/1")).await.json();
        let expected = json!({"Name": "birthday", "Value": "1990-02-28", "ID": 100_000 + id});
        assert_eq!(shown["Records"][0]["Attributes"][2], expected);
        server.operate(|tx, ctx| admin::remove_profile_attribute(tx, ctx, NOW, "birthday")).await;
        let shown = server.get(&format!("{PATH}/1")).await.json();
        assert_eq!(shown["Records"][0]["Attributes"].as_array().unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn the_switches_of_a_tenant_relax_the_number_and_bring_the_old_delete_codes_back() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        server.switch(r#"{"profile":{"msisdn_optional":true,"old_delete_codes":true}}"#).await;
        assert_eq!(
            server.post(PATH, &record("1", &json!({"name": "x"}))).await.results(),
            ["1 1000 SUCCESS"]
        );
        let answer = server.delete(&format!("{PATH}/2")).await;
        assert_eq!(answer.code().1, "7203");
        assert_eq!(answer.results(), ["2 7203 Customer not found"]);
        // Everywhere else the number stays.
        assert_eq!(server.get(&format!("{PATH}/2")).await.refusal(), "7014 Customer not found");
        server.operate(|tx, ctx| admin::allow_ip(tx, ctx, NOW, "203.0.113.0/24")).await;
        let refused = server.delete(&format!("{PATH}/1")).await;
        assert_eq!(refused.refusal(), "7208 Source IP is not whitelisted");
        assert_eq!(server.get(&format!("{PATH}/1")).await.refusal(), "7010 Source IP is not whitelisted");
    })
    .await;
}
