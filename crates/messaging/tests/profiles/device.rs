//! Deleting app profiles and devices.

use serde_json::{Value, json};
use waypost_store::testing::on_both_engines;

use crate::server::{Server, records};

const PATH: &str = "/customerappprofile/m_acme";

async fn with_devices(server: &Server) {
    let device = |customer: &str, user: &str, device: &str| -> Value {
        json!({"customerId": customer, "Attributes": {"status": "1", "connectStatus": "1", "deviceId": device,
            "rtmId": format!("{user}_{device}"), "pushId": format!("t-{user}-{device}"), "os": "ios"}})
    };
    let all = json!([device("A", "u1", "d1"), device("A", "u1", "d2"), device("B", "u2", "d1")]);
    assert_eq!(server.post(PATH, &records(&all)).await.code().1, "1000");
}

#[tokio::test]
async fn a_device_is_deleted_by_its_user_or_by_itself() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        with_devices(&server).await;
        let answer = server.delete(&format!("{PATH}/u1/d1")).await;
        let done = json!({"TotalCount": 1, "SuccessCount": 1, "FailureCount": 0, "code": "1000",
            "description": "SUCCESS", "transid": "<id>",
            "Results": [{"customerId": "A", "userId": "u1", "code": "1000", "description": "SUCCESS"}]});
        assert_eq!(answer.masked(), done);
        let answer = server.delete(&format!("{PATH}/u1/d1")).await;
        assert_eq!((answer.code().1.as_str(), answer.counts()), ("7014", [1, 0, 1]));
        assert_eq!(answer.results(), [" 7014 App profile not found"]);

        let answer = server.delete(&format!("{PATH}/deviceid/d1?customerId=A")).await;
        assert_eq!(answer.code().1, "7014", "the other customer's is not meant");
        assert_eq!(server.delete(&format!("{PATH}/deviceid/d1")).await.results(), ["B 1000 SUCCESS"]);
        assert_eq!(server.get(&format!("{PATH}/A")).await.json()["Records"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn app_profiles_are_deleted_by_customer_and_by_user() {
    on_both_engines(|store| async move {
        let server = Server::on(store).await;
        with_devices(&server).await;
        let answer = server.delete(&format!("{PATH}?identifier=u2")).await;
        assert_eq!(answer.results(), ["B 1000 SUCCESS"]);
        let answer = server.delete(&format!("{PATH}?customerId=A&customerId=B")).await;
        assert_eq!(answer.results(), ["A 1000 SUCCESS", "B 7014 App profile not found"]);
        assert_eq!(answer.code().1, "1002");
        assert_eq!(server.rows().await, 0);
        for query in ["/A", "?identifier=u1"] {
            assert_eq!(server.delete(&format!("{PATH}{query}")).await.code(), (200, "7014".to_owned()));
        }
        // The customer may come back and is linked again.
        with_devices(&server).await;
        assert_eq!(server.get(&format!("{PATH}/A")).await.code().1, "1000");
    })
    .await;
}
