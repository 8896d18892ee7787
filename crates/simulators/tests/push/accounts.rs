//! Settings and credentials that are missing or wrong.

use serde_json::{Value, json};
use waypost_channels::connector::{AddressKind, Connector, Handed};
use waypost_channels::push::check_account;

use crate::support::{Bench, DEVICE, code, everywhere, refused, taken};

#[tokio::test]
async fn a_platform_without_credentials_is_not_configured_and_the_others_work() {
    let mut bench = Bench::new().await;
    for key in ["fcm_service_account", "apns_key", "vapid_private_key"] {
        bench.account.secrets = bench.sims.app_secrets();
        bench.account.secrets[key] = Value::Null;
        bench.account.revision += 1;
        let sent = [
            bench.text(AddressKind::AndroidPush, "device-a").await,
            bench.text(AddressKind::IosPush, DEVICE).await,
            bench.text(AddressKind::SafariPush, "sub-a").await,
        ];
        let codes = sent.each_ref().map(code);
        assert_eq!(codes.iter().filter(|code| **code == 7106).count(), 1, "{key}: {sent:?}");
        assert_eq!(codes.iter().filter(|code| **code == 7501).count(), 2, "{key}: {sent:?}");
        assert_eq!(check_account(&bench.account), []);
    }
}

#[tokio::test]
async fn wrong_settings_are_named_beforehand_and_are_our_configuration_when_used() {
    let cases = [
        ("config", "fcm_base_url", json!("nonsense"), "fcm_base_url: it must be a URL"),
        ("config", "apns_topic", Value::Null, "apns_topic: it is missing"),
        ("config", "apns_key_id", json!(5), "apns_key_id: it must be a text"),
        (
            "config",
            "apns_environment",
            json!("test"),
            "apns_environment: it must be production or development",
        ),
        ("config", "vapid_subject", json!("x"), "vapid_subject: it must be a mailto: or https: address"),
        ("config", "web_sandbox", json!({}), "web_sandbox: it must have a text base_url"),
        (
            "secrets",
            "apns_key",
            json!("x"),
            "apns_key: it cannot be used: it is not a PEM file with a PKCS#8 private key",
        ),
        ("secrets", "vapid_private_key", json!("x"), "vapid_private_key: it must be 32 bytes in base64url"),
        (
            "secrets",
            "fcm_service_account",
            json!({}),
            "fcm_service_account: it must be a service account's JSON file with a private key",
        ),
    ];
    let mut bench = Bench::new().await;
    for (part, key, value, expected) in cases {
        bench.account.config = bench.sims.app_config();
        bench.account.secrets = bench.sims.app_secrets();
        let part = if part == "config" { &mut bench.account.config } else { &mut bench.account.secrets };
        part[key] = value;
        bench.account.revision += 1;
        let problems = check_account(&bench.account);
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
        let (kind, address) = match &key[..3] {
            "fcm" => (AddressKind::AndroidPush, "device-a"),
            "apn" => (AddressKind::IosPush, DEVICE),
            _ => (AddressKind::ChromePush, "sub-a"),
        };
        assert_eq!(bench.text(kind, address).await, refused(7114, expected));
    }
}

#[tokio::test]
async fn a_sandbox_account_reaches_only_this_machine() {
    let mut bench = Bench::new().await;
    bench.account.config = json!({
        "apns_team_id": "T", "apns_key_id": "K", "apns_topic": "a.b", "vapid_subject": "mailto:a@b.test",
        "fcm_oauth_url": bench.account.config["fcm_oauth_url"],
    });
    let rule = "a sandbox account may only reach this machine";
    let android = bench.text(AddressKind::AndroidPush, "device-a").await;
    assert_eq!(android, refused(7114, &format!("fcm_base_url: {rule}")));
    let ios = bench.text(AddressKind::IosPush, DEVICE).await;
    assert_eq!(ios, refused(7114, &format!("apns_base_url: {rule}")));
    bench.account.config["fcm_base_url"] = bench.sims.fcm.base_url().into();
    bench.account.config["fcm_oauth_url"] = "https://oauth2.googleapis.com/token".into();
    bench.account.revision = 2;
    let android = bench.text(AddressKind::AndroidPush, "device-a").await;
    assert_eq!(android, refused(7114, &format!("fcm_oauth_url: {rule}")));
}

#[tokio::test]
async fn a_new_revision_is_a_new_account() {
    let mut bench = Bench::new().await;
    taken(&bench.text(AddressKind::IosPush, DEVICE).await);
    bench.account.config["apns_topic"] = "com.example.other".into();
    taken(&bench.text(AddressKind::IosPush, DEVICE).await);
    bench.account.revision = 2;
    assert_eq!(bench.text(AddressKind::IosPush, DEVICE).await, refused(7515, "TopicDisallowed"));
}

#[tokio::test]
async fn an_app_without_the_sdk_gets_no_receipts() {
    let mut bench = Bench::new().await;
    bench.account.config["receipts"] = false.into();
    let handed = bench.text(AddressKind::AndroidPush, "device-a").await;
    assert!(matches!(handed, Handed::Taken { receipt_follows: false, .. }), "{handed:?}");
}

#[tokio::test]
async fn huawei_and_addresses_of_other_channels_are_refused() {
    let bench = Bench::new().await;
    let handed = bench.text(AddressKind::HmsPush, "token").await;
    assert_eq!(handed, refused(7106, "Huawei's push is not supported"));
    for kind in AddressKind::ALL.into_iter().filter(|kind| !kind.is_push()) {
        assert_eq!(code(&bench.text(kind, "x").await), 7102, "{}", kind.id_key());
    }
}

#[tokio::test]
async fn an_account_without_any_credentials_is_named() {
    let mut bench = Bench::new().await;
    bench.account.secrets = json!({});
    let problems = check_account(&bench.account);
    let expected = "secrets: one of fcm_service_account, apns_key and vapid_private_key is needed";
    assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
    let outgoing = bench.outgoing(AddressKind::AndroidPush, "device-a", everywhere());
    let expected = refused(7106, "the app has no FCM service account");
    assert_eq!(bench.connector.hand_over(outgoing).await, expected);
}
