//! `/customerappprofile/<appid>`.

use serde_json::{Value, json};
use waypost_store::testing::on_both_engines;

use crate::server::{Server, record, records};

const FB: &str = "/customerappprofile/f_acme";
const MOBILE: &str = "/customerappprofile/m_acme";
const PUSH: &str = "/customerappprofile/p_acme";

fn device(n: u8) -> Value {
    json!({"status": "1", "connectStatus": "1", "deviceId": format!("d{n}"), "rtmId": format!("u1_d{n}"),
        "pushId": format!("token-{n}"), "os": "android"})
}

fn values(attributes: &Value) -> Vec<String> {
    let one =
        |shown: &Value| format!("{}={}", shown["Name"].as_str().unwrap(), shown["Value"].as_str().unwrap());
    attributes.as_array().unwrap().iter().map(one).collect()
}

#[tokio::test]
async fn each_store_misses_what_it_must_have() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let cases = [
            ("f", json!({}), "7003 Mandatory param status missing or it is empty"),
            ("f", json!({"status": ""}), "7003 Mandatory param status missing or it is empty"),
            ("f", json!({"status": "1"}), "7003 Mandatory param psid missing"),
            ("f", json!({"status": "1", "psid": "1"}), "7003 Mandatory param access_token missing"),
            (
                "f",
                json!({"status": "1", "psid": "1", "access_token": "t"}),
                "7003 Mandatory param access_token_expiry missing",
            ),
            ("t", json!({"status": "1"}), "7003 Mandatory param twitter_user_id missing"),
            ("t", json!({"status": "1", "twitter_user_id": "1"}), "7003 Mandatory param screenName missing"),
            (
                "t",
                json!({"status": "1", "twitterid": "1", "twitter_handle": "a", "access_token": "t"}),
                "7003 Mandatory param access_token_secret missing",
            ),
            ("w", json!({"status": "1"}), "7003 Mandatory param wechat_user_id missing"),
            ("m", json!({"status": "1"}), "7003 Mandatory param connectStatus missing"),
            ("m", json!({"status": "1", "connectStatus": "1"}), "7003 Mandatory param deviceId missing"),
            (
                "m",
                json!({"status": "1", "connectStatus": "1", "deviceId": "d"}),
                "7003 Mandatory param rtmId missing",
            ),
            ("p", json!({"status": "1"}), "7003 Mandatory param deviceId missing"),
            (
                "w",
                json!({"status": "yes", "wechat_user_id": "o"}),
                "7003 Invalid value for param status, only values [0,1] are allowed",
            ),
            (
                "w",
                json!({"status": "1", "wechat_user_id": "o", "psid": "1"}),
                "7017 Profile attribute doesn't exist",
            ),
            (
                "w",
                json!({"status": "1", "wechat_user_id": "o", "channel": "fb"}),
                "7011 Invalid Attribute Value",
            ),
            (
                "t",
                json!({"status": "1", "twitterid": "x", "screenName": "a", "access_token": "t",
                "access_token_secret": "s"}),
                "7011 Invalid Attribute Value",
            ),
        ];
        for (store, attributes, expected) in cases {
            let path = format!("/customerappprofile/{store}_acme");
            let answer = server.post(&path, &record("8953", &attributes)).await;
            assert_eq!(answer.results(), [format!("8953 {expected}")], "{attributes}");
        }
        assert_eq!(server.rows().await, 0, "nothing is written on a refusal");
    })
    .await;
}

#[tokio::test]
async fn an_app_profile_is_linked_to_its_customer_both_ways() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        server.post("/customerprofile", &record("8953", &json!({"msisdn": "12345", "name": "A B"}))).await;
        let attributes = json!({"status": "1", "verified": "1", "psid": "1234567890", "name": "A B",
            "access_token": "secret-token", "access_token_expiry": "2030-01-01"});
        let answer = server.post(FB, &record("8953", &attributes)).await;
        let done = json!({"TotalCount": 1, "SuccessCount": 1, "FailureCount": 0, "code": "1000",
            "description": "SUCCESS", "transid": "<id>", "Results": [
            {"customerId": "8953", "userId": "1234567890", "code": "1000", "description": "SUCCESS"}]});
        assert_eq!(answer.masked(), done);
        let again = server.post(FB, &record("8953", &attributes)).await;
        assert_eq!(again.results(), ["8953 7015 App profile already exists"]);

        let shown = server.get(&format!("{FB}/8953")).await;
        let tenant = server.tenant;
        let expected = json!({"Status": 0, "Description": "success", "code": "1000", "transid": "<id>", "Records": [{
            "Attributes": [
                {"Name": "customerId", "Value": "8953", "ID": 2001},
                {"Name": "psid", "Value": "1234567890", "ID": 2002},
                {"Name": "status", "Value": "1", "ID": 2003},
                {"Name": "verified", "Value": "1", "ID": 2004},
                {"Name": "access_token", "Value": "********", "ID": 2005},
                {"Name": "access_token_expiry", "Value": "2030-01-01", "ID": 2006},
                {"Name": "name", "Value": "A B", "ID": 2007},
                {"Name": "channel", "Value": "fb", "ID": 2012},
                {"Name": "createdOn", "Value": "2026-09-21 14:13:20", "ID": 2013},
                {"Name": "updatedOn", "Value": "2026-09-21 14:13:20", "ID": 2014},
            ],
            "InwardLinks": [],
            "OutwardLinks": [{"ProfileID": tenant * 2, "ProfileName": "acme_cpms_1", "Records": [[
                {"Name": "customerid", "Value": "8953", "ID": 1001},
                {"Name": "name", "Value": "A B", "ID": 1002},
                {"Name": "msisdn", "Value": "12345", "ID": 1004},
            ]]}],
        }]});
        assert_eq!(shown.masked(), expected);

        let links = async |n: u8| {
            let shown = server.get(&format!("/customerprofile/8953?showinwardlinks={n}")).await.json();
            shown["Records"][0]["InwardLinks"].clone()
        };
        assert_eq!(links(0).await, json!([]));
        let link = links(1).await;
        assert_eq!(link[0]["ProfileName"], "acme_f_acme");
        assert_eq!(
            values(&link[0]["Records"][0]),
            ["customerid=8953", "psid=1234567890", "status=1", "channel=fb"]
        );
        assert_eq!(links(2).await[0]["Records"][0].as_array().unwrap().len(), 10);
        let bad = server.get("/customerprofile/8953?showinwardlinks=3").await;
        assert_eq!(bad.refusal(), "7011 Invalid Attribute Value");
    })
    .await;
}

#[tokio::test]
async fn a_change_is_for_the_customers_own_profile_only() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let wechat = "/customerappprofile/w_acme";
        server.post(wechat, &record("A", &json!({"status": "1", "wechat_user_id": "o1", "nick": "n"}))).await;
        let change = json!({"status": "0", "wechat_user_id": "o1", "city": "Ulm"});
        // A slip in the id must not move a person's address to another person.
        assert_eq!(
            server.put(wechat, &record("B", &change)).await.results(),
            ["B 7014 App profile not found"]
        );
        assert_eq!(server.put(wechat, &record("A", &change)).await.results(), ["A 1000 SUCCESS"]);
        let shown = server.get(&format!("{wechat}?identifier=o1")).await.json();
        assert_eq!(
            values(&shown["Records"][0]["Attributes"]),
            ["customerId=A", "wechat_user_id=o1", "status=0", "nick=n", "city=Ulm", "channel=wechat"]
        );
        let unknown = server.put(wechat, &record("A", &json!({"status": "0", "wechat_user_id": "o2"}))).await;
        assert_eq!(unknown.results(), ["A 7014 App profile not found"]);
    })
    .await;
}

#[tokio::test]
async fn every_device_of_a_user_is_a_record() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let both = records(&json!([
            {"customerId": "8953", "Attributes": device(1)},
            {"customerId": "8953", "Attributes": device(2)},
        ]));
        assert_eq!(server.post(MOBILE, &both).await.results(), ["8953 1000 SUCCESS", "8953 1000 SUCCESS"]);
        for query in ["/8953", "?customerId=8953", "?identifier=u1"] {
            let shown = server.get(&format!("{MOBILE}{query}")).await.json();
            let devices: Vec<_> = shown["Records"]
                .as_array()
                .unwrap()
                .iter()
                .map(|record| {
                    values(&record["Attributes"])
                        .into_iter()
                        .find(|value| value.starts_with("deviceId"))
                        .unwrap()
                })
                .collect();
            assert_eq!(devices, ["deviceId=d1", "deviceId=d2"], "{query}");
        }
        let partly = server.get(&format!("{MOBILE}?customerId=8953&customerId=x")).await;
        assert_eq!(partly.code().1, "1002");
        for query in ["/x", "?identifier=u2"] {
            let none = server.get(&format!("{MOBILE}{query}")).await;
            assert_eq!(none.refusal(), "7014 App profile not found");
        }
        assert_eq!(server.get(MOBILE).await.refusal(), "7003 CustomerId is missing");
    })
    .await;
}

#[tokio::test]
async fn a_push_only_app_needs_no_rtm_id() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let new = json!({"status": "1", "deviceId": "d1", "userId": "u1", "pushId": "t", "os": "ios"});
        let answer = server.post(PUSH, &record("C", &new)).await;
        assert_eq!(answer.json()["Results"][0]["userId"], "u1");
        let change = record("C", &json!({"status": "1", "deviceId": "d1", "pushId": "t2"}));
        assert_eq!(server.put(PUSH, &change).await.results(), ["C 1000 SUCCESS"]);
        let shown = server.get(&format!("{PUSH}/C")).await.json();
        let shown = values(&shown["Records"][0]["Attributes"]);
        assert!(
            shown.contains(&"rtmId=u1_d1".to_owned()) && shown.contains(&"pushId=t2".to_owned()),
            "{shown:?}"
        );
        let other = server.put(PUSH, &record("D", &json!({"status": "1", "deviceId": "d1"}))).await;
        assert_eq!(other.results(), ["D 7014 App profile not found"]);
    })
    .await;
}

#[tokio::test]
async fn tokens_are_sealed_at_rest_and_damaged_ones_fail_their_record_only() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        let new = |n: u8| {
            json!({"status": "1", "psid": format!("{n}"), "access_token": "secret-token",
            "access_token_expiry": "1"})
        };
        let both = records(&json!([
            {"customerId": "A", "Attributes": new(1)}, {"customerId": "B", "Attributes": new(2)}]));
        server.post(FB, &both).await;
        let texts = server.store.read(|tx| {
            let rows = tx.query("SELECT attributes, secrets FROM app_profile ORDER BY id", &[])?;
            let one = |row: &waypost_store::Row| Ok((row.text(0)?.to_owned(), row.blob(1)?.to_vec()));
            rows.iter().map(one).collect::<Result<Vec<_>, waypost_store::StoreError>>()
        });
        for (plain, sealed) in texts.await.unwrap() {
            assert!(!plain.contains("secret") && !String::from_utf8_lossy(&sealed).contains("secret"));
        }
        let damage = "UPDATE app_profile SET secrets = ?1 WHERE ident = '1'";
        server.operate(move |tx, _| tx.exec(damage, &[(&[1_u8, 2, 3]).into()])).await;
        let change = |n: u8| json!({"status": "1", "psid": format!("{n}"), "access_token": "new"});
        let both = records(&json!([
            {"customerId": "A", "Attributes": change(1)}, {"customerId": "B", "Attributes": change(2)}]));
        assert_eq!(server.put(FB, &both).await.results(), ["A 7016 Unknown error", "B 1000 SUCCESS"]);
    })
    .await;
}
