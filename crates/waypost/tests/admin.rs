//! The admin commands on a store of their own, without a server.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at the first surprise")]

use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;
use waypost_core::time::Micros;
use waypost_messaging::records::receipt_held::{self, Held};
use waypost_store::{Ctx, Location, Sql, Store, StoreConfig};

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
        command.env_remove("WAYPOST_CONFIG").env("WAYPOST__STORE__DATA_DIR", self.0.path().join("data"));
        command.env("WAYPOST_SMPP_PASSWORD", "hunter2").arg("admin").args(args).output().unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    fn refusal(&self, args: &[&str]) -> (Option<i32>, String) {
        let output = self.run(args);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn with_tenant() -> Self {
        let desk = Self::new();
        desk.json(&[
            "tenant",
            "create",
            "--slug",
            "acme",
            "--name",
            "Acme Ltd",
            "--time-zone",
            "Europe/Berlin",
        ]);
        desk.json(&["service", "create", "--tenant", "acme", "--slug", "alerts", "--sender", "ACME"]);
        desk
    }
}

/// `value` without what differs from run to run.
fn steady(mut value: Value) -> Value {
    let items: Vec<&mut Value> = match &mut value {
        Value::Array(items) => items.iter_mut().collect(),
        one => vec![one],
    };
    for item in items {
        if let Some(object) = item.as_object_mut() {
            object.remove("created_at");
            object.remove("since");
        }
    }
    value
}

#[test]
fn a_tenant_is_created_listed_and_suspended() {
    let desk = Desk::with_tenant();
    let mut acme = json!({"id": 1, "slug": "acme", "name": "Acme Ltd", "status": "live",
        "time_zone": "Europe/Berlin", "default_priority": 2, "sandbox": false});
    assert_eq!(steady(desk.json(&["tenant", "list"])), json!([acme]));
    acme["status"] = "suspended".into();
    assert_eq!(steady(desk.json(&["tenant", "suspend", "acme"])), acme);
    assert_eq!(desk.json(&["tenant", "resume", "acme"])["status"], "live");
    let (code, text) = desk.refusal(&["tenant", "create", "--slug", "acme"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("there is a tenant acme already"), "{text}");
    let (code, text) = desk.refusal(&["tenant", "create", "--slug", "x", "--time-zone", "Mars/Base"]);
    assert!(code == Some(1) && text.contains("Mars/Base"), "{text}");
}

#[test]
fn a_key_is_shown_once_and_afterwards_by_its_first_characters() {
    let desk = Desk::with_tenant();
    let made = desk.json(&["key", "create", "--tenant", "acme", "--service", "alerts"]);
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("wps_"), "{key}");
    assert!(desk.json(&["key", "create", "--tenant", "acme"])["key"].as_str().unwrap().starts_with("wpp_"));
    let listed = desk.json(&["key", "list", "--tenant", "acme"]);
    assert!(key.starts_with(listed[0]["prefix"].as_str().unwrap()));
    assert!(!listed.to_string().contains(key));
    desk.json(&["key", "revoke", "1"]);
    let listed = desk.json(&["key", "list"]);
    assert!(listed[0]["revoked_at"].is_string() && listed[1]["revoked_at"].is_null(), "{listed}");
}

#[test]
fn a_service_has_a_notify_url_until_it_is_cleared() {
    let desk = Desk::with_tenant();
    let named = ["--tenant", "acme", "--service", "alerts"];
    desk.json(&[&["notify-url", "set"], &named[..], &["https://acme.example/dlr"]].concat());
    let urls = json!([{"service": "alerts", "notify_url": "https://acme.example/dlr"}]);
    assert_eq!(desk.json(&["notify-url", "list"]), urls);
    desk.json(&[&["notify-url", "clear"], &named[..]].concat());
    assert_eq!(desk.json(&["notify-url", "list"])[0]["notify_url"], Value::Null);
    let (code, text) = desk.refusal(&[&["notify-url", "set"], &named[..], &["ftp://x"]].concat());
    assert!(code == Some(1) && text.contains("ftp://x"), "{text}");
}

#[test]
fn senders_addresses_limits_and_blocked_numbers_come_and_go() {
    let desk = Desk::with_tenant();
    let of_acme = |first: &[&'static str], rest: &[&'static str]| {
        let args = [first, &["--tenant", "acme"], rest].concat();
        steady(desk.json(&args))
    };
    of_acme(&["sender", "add"], &["--tps", "5", "ACME"]);
    assert_eq!(of_acme(&["sender", "list"], &[]), json!([{"tenant": 1, "address": "ACME", "tps": 5}]));
    of_acme(&["sender", "remove"], &["ACME"]);
    assert_eq!(of_acme(&["sender", "list"], &[]), json!([]));

    of_acme(&["ip-allow", "add"], &["10.1.2.3/8"]);
    assert_eq!(of_acme(&["ip-allow", "list"], &[]), json!(["10.0.0.0/8"]));
    of_acme(&["ip-allow", "remove"], &["10.0.0.0/8"]);
    assert_eq!(of_acme(&["ip-allow", "list"], &[]), json!([]));

    of_acme(&["tps", "set"], &["--api", "transaction-status", "--per-second", "7", "--burst-mode"]);
    let limits = json!([{"api": "transaction-status", "per_second": 7, "burst_mode": true}]);
    assert_eq!(of_acme(&["tps", "list"], &[]), limits);
    of_acme(&["tps", "clear"], &["--api", "transaction-status"]);
    assert_eq!(of_acme(&["tps", "list"], &[]), json!([]));

    of_acme(&["dnd", "add"], &["+447700900001"]);
    assert_eq!(of_acme(&["dnd", "list"], &[]), json!([{"msisdn": "447700900001", "source": "operator"}]));
    of_acme(&["dnd", "remove"], &["447700900001"]);
    assert_eq!(of_acme(&["dnd", "list"], &[]), json!([]));
}

#[test]
fn a_connection_keeps_its_settings_and_never_shows_its_password() {
    let desk = Desk::with_tenant();
    let create = ["smpp", "create", "--name", "one", "--host", "smsc.example", "--system-id", "acme"];
    desk.json(&[&create[..], &["--tenant", "acme", "--set", "window=50"]].concat());
    desk.json(&["smpp", "set", "one", "tps=20"]);
    desk.json(&["smpp", "disable", "one"]);
    let listed = desk.json(&["smpp", "list"]);
    let settings =
        json!({"host": "smsc.example", "port": 2775, "system_id": "acme", "window": 50, "tps": 20});
    let expected = json!([{"id": 1, "name": "one", "tenant": 1, "sandbox": false, "enabled": false,
        "has_password": true, "settings": settings}]);
    assert_eq!(listed, expected);
    let (code, text) = desk.refusal(&[&create[..], &["--set", "windov=1"]].concat());
    assert!(code == Some(2) && text.contains("windov"), "{text}");
}

#[test]
fn an_unknown_tenant_is_told_by_name() {
    let (code, text) = Desk::new().refusal(&["sender", "list", "--tenant", "nobody"]);
    assert!(code == Some(1) && text.contains("no tenant nobody"), "{text}");
}

#[test]
fn people_get_tables_and_lines() {
    let desk = Desk::with_tenant();
    let text = |args: &[&str]| String::from_utf8(desk.run(args).stdout).unwrap();
    assert!(text(&["tenant", "list"]).contains("| acme   | Acme Ltd | live   | Europe/Berlin |"));
    assert_eq!(text(&["sender", "list"]), "(none)\n");
    assert_eq!(text(&["tenant", "suspend", "acme"]), "tenant acme is suspended\n");
    assert_eq!(text(&["receipts", "unmatched"]), "(none)\n");
}

#[tokio::test]
async fn reports_that_no_message_claimed_are_listed_newest_first() {
    let desk = Desk::with_tenant();
    let store =
        Store::open(&StoreConfig::new(Location::Sqlite(desk.0.path().join("data/waypost.db")))).unwrap();
    let ctx = Ctx::all("test");
    let held = |provider_id: &str, at: i64| Held {
        id: 0,
        connection: 4,
        provider_id: provider_id.to_owned(),
        source: "447700900001".to_owned(),
        received_at: Micros::from_secs(1_790_000_000 + at),
        stat: "UNDELIV".to_owned(),
        err: Some("011".to_owned()),
        code: Some(7204),
    };
    let reports = [held("first", 0), held("claimed", 1), held("last", 2)];
    let job = move |tx: &mut dyn Sql| {
        reports.iter().try_for_each(|held| receipt_held::hold(tx, &ctx, held, 7))?;
        receipt_held::matched(tx, &ctx, 2, 99, Micros::from_secs(1_790_000_003))
    };
    store.write(job).await.unwrap();
    store.close().await;
    let row = |id: i64, provider_id: &str, at: &str| {
        json!({"id": id, "connection": 4, "provider_id": provider_id, "stat": "UNDELIV", "err": "011",
            "received_at": at})
    };
    let (first, last) =
        (row(1, "first", "2026-09-21T14:13:20.000Z"), row(3, "last", "2026-09-21T14:13:22.000Z"));
    assert_eq!(desk.json(&["receipts", "unmatched"]), json!([last, first]));
    assert_eq!(desk.json(&["receipts", "unmatched", "--max", "1"]), json!([last]));
}

#[test]
fn attributes_of_profiles_are_added_listed_and_removed() {
    let desk = Desk::with_tenant();
    let of = |rest: &[&str]| desk.json(&[&["profile-attribute"], rest].concat());
    of(&["add", "--tenant", "acme", "--kind", "date", "birthday"]);
    assert_eq!(of(&["list", "--tenant", "acme"]), json!([{"name": "birthday", "kind": "date"}]));
    let (code, text) = desk.refusal(&["profile-attribute", "add", "--tenant", "acme", "BirthDay"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("there is an attribute BirthDay already"), "{text}");
    of(&["remove", "--tenant", "acme", "birthday"]);
    assert_eq!(of(&["list", "--tenant", "acme"]), json!([]));
}

#[test]
fn the_switches_of_the_profile_api_are_kept_beside_other_settings() {
    let desk = Desk::with_tenant();
    let of = |rest: &[&str]| desk.json(&[&["profile-settings", "--tenant", "acme"], rest].concat());
    let off = json!({"no_store": false, "msisdn_optional": false, "old_delete_codes": false});
    assert_eq!(of(&[]), off);
    let changed = json!({"no_store": true, "msisdn_optional": false, "old_delete_codes": true});
    assert_eq!(of(&["--store", "off", "--old-delete-codes", "on"]), changed);
    assert_eq!(of(&[]), changed);
    assert_eq!(of(&["--store", "on", "--old-delete-codes", "off"]), off);
}

#[test]
fn a_customer_is_shown_listed_and_deleted() {
    use waypost_messaging::records::profile::{CustomerRecord, customer};
    use waypost_store::TenantId;

    let desk = Desk::with_tenant();
    let place = Location::Sqlite(desk.0.path().join("data/waypost.db"));
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(&StoreConfig::new(place)).unwrap();
        let keep = |tx: &mut dyn Sql| {
            let new = CustomerRecord {
                customer_id: "C1".to_owned(),
                active: true,
                attributes: r#"{"name":"A B"}"#.to_owned(),
                ..CustomerRecord::default()
            };
            customer::insert(tx, &Ctx::system(TenantId(1), "test"), &new, Micros::from_secs(1_790_000_000))
        };
        assert_eq!(store.write(keep).await, Ok(true));
        store.close().await;
    });
    let at = "2026-09-21T14:13:20.000Z";
    let customer = json!({"customer_id": "C1", "active": true, "verified": false, "created_at": at,
        "updated_at": at, "attributes": {"name": "A B"}, "app_profiles": []});
    assert_eq!(desk.json(&["profile", "get", "--tenant", "acme", "C1"]), customer);
    assert_eq!(desk.json(&["profile", "list", "--tenant", "acme"]), json!([customer]));
    desk.json(&["profile", "delete", "--tenant", "acme", "C1"]);
    let (code, text) = desk.refusal(&["profile", "get", "--tenant", "acme", "C1"]);
    assert_eq!((code, text.contains("no customer C1")), (Some(1), true), "{text}");
}

#[test]
fn a_balance_is_exact_and_its_changes_are_in_the_audit() {
    let desk = Desk::with_tenant();
    let acme = ["--tenant", "acme"];
    let credit = |args: &[&str]| steady(desk.json(&[&["credit"], args, &acme].concat()));
    let shown = |granted: &str, balance: &str, charged: bool| json!({"tenant": "acme", "charged": charged, "granted": granted, "balance": balance, "updated_at": "<time>"});
    let balance = |mut value: Value| {
        value["updated_at"] = json!("<time>");
        value
    };
    assert_eq!(balance(credit(&["add", "--amount", "10.000001"])), shown("10.000001", "10.000001", true));
    assert_eq!(balance(credit(&["take", "--amount", "0.5"])), shown("9.500001", "9.500001", true));
    assert_eq!(balance(credit(&["stop"])), shown("9.500001", "9.500001", false));
    assert_eq!(balance(credit(&["show"])), shown("9.500001", "9.500001", false));
    assert_eq!(credit(&["charges"]), json!([]));
    let (code, told) = desk.refusal(&["credit", "take", "--tenant", "acme", "--amount", "100"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("the balance is below 100.00"), "{told}");
    let (code, told) = desk.refusal(&["credit", "add", "--tenant", "acme", "--amount", "1,5"]);
    assert_eq!(code, Some(2), "{told}");
    let audit = desk.json(&["audit", "--tenant", "acme", "--max", "3"]);
    let actions: Vec<&str> =
        audit.as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["credit.stop", "credit.take", "credit.add"]);
    assert_eq!(audit[1]["detail"], "0.50");
    assert_eq!(audit[1]["actor"], "operator");
}

#[test]
fn a_rate_plan_and_the_lists_are_set_up_and_listed() {
    let desk = Desk::with_tenant();
    desk.json(&[
        "rate",
        "set",
        "--tenant",
        "acme",
        "--channel",
        "sms",
        "--prefix",
        "+44",
        "--price",
        "0.0225",
    ]);
    desk.json(&["rate", "set", "--tenant", "acme", "--channel", "push", "--price", "0.001"]);
    assert_eq!(
        desk.json(&["rate", "list", "--tenant", "acme"]),
        json!([
            {"channel": "push", "prefix": "", "price": "0.001"},
            {"channel": "sms", "prefix": "44", "price": "0.0225"},
        ])
    );
    desk.json(&["rate", "remove", "--tenant", "acme", "--channel", "sms", "--prefix", "44"]);
    let (_, told) =
        desk.refusal(&["rate", "remove", "--tenant", "acme", "--channel", "sms", "--prefix", "44"]);
    assert!(told.contains("there is no price for sms 44"), "{told}");
    let (_, told) = desk.refusal(&["rate", "set", "--tenant", "acme", "--channel", "fax", "--price", "1"]);
    assert!(told.contains("`fax` is no channel"), "{told}");

    desk.json(&["spam", "add", "Free   Money"]);
    desk.json(&["spam", "add", "--tenant", "acme", "casino"]);
    assert_eq!(desk.json(&["spam", "list"]), json!(["free money"]));
    assert_eq!(desk.json(&["spam", "list", "--tenant", "acme"]), json!(["casino"]));
    desk.json(&["spam", "remove", "FREE money"]);
    assert_eq!(desk.json(&["spam", "list"]), json!([]));

    desk.json(&["verified", "add", "--tenant", "acme", "+447700900001"]);
    assert_eq!(desk.json(&["verified", "list", "--tenant", "acme"])[0]["destination"], "447700900001");
    desk.json(&["verified", "remove", "--tenant", "acme", "447700900001"]);

    desk.json(&["dnd", "add", "447700900009"]);
    assert_eq!(desk.json(&["dnd", "list"])[0]["msisdn"], "447700900009");
    assert_eq!(desk.json(&["dnd", "list", "--tenant", "acme"]), json!([]));
    assert_eq!(desk.json(&["audit", "--max", "1"])[0]["action"], "dnd.add");
}

#[test]
fn policies_are_set_for_a_tenant_or_a_service_and_a_bad_value_changes_nothing() {
    let desk = Desk::with_tenant();
    let of = |args: &[&str]| desk.json(&[&["policy"], args].concat());
    let set = of(&["social-hours", "--tenant", "acme", "--time-zone", "Europe/Paris", "09:00-20:00"]);
    assert_eq!((&set["social_hours"], &set["zone"]), (&json!("09:00-20:00"), &json!("Europe/Paris")));
    of(&["promotional", "--tenant", "acme", "--service", "alerts", "on"]);
    of(&["text-length", "--tenant", "acme", "--service", "alerts", "1024"]);
    of(&["verified-only", "--tenant", "acme", "on"]);
    of(&["profile", "--tenant", "acme", "off"]);
    let (code, told) = desk.refusal(&["policy", "social-hours", "--tenant", "acme", "9-20"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("HH:MM-HH:MM"), "{told}");
    let (_, told) = desk.refusal(&["policy", "text-length", "--tenant", "acme", "4001"]);
    assert!(told.contains("1 to 4000 characters"), "{told}");
    assert_eq!(
        of(&["show", "--tenant", "acme"]),
        json!({
            "switched_off": true, "verified_only": true, "promotional": false,
            "social_hours": "09:00-20:00", "zone": "Europe/Paris",
        })
    );
    assert_eq!(
        of(&["show", "--tenant", "acme", "--service", "alerts"]),
        json!({"switched_off": false, "verified_only": false, "promotional": true, "text_chars_max": 1024})
    );
}

#[test]
fn a_service_is_changed_after_its_creation_and_a_secret_that_is_no_base64_is_refused() {
    let desk = Desk::with_tenant();
    let named = ["--tenant", "acme", "--service", "alerts"];
    let set = |args: &[&str]| desk.json(&[&["service", "set"], &named[..], args].concat());
    let changed = set(&["--receipts", "delivered,failed", "--signature", "sha512", "--sender", ""]);
    assert_eq!(
        [&changed["receipts"], &changed["signature"], &changed["sender"]],
        [&json!(["delivered", "failed"]), &json!("sha512"), &Value::Null]
    );
    let changed = set(&["--inbound-url", "https://sink.example/mo", "--route", "IMMD"]);
    assert_eq!(changed["inbound_url"], "https://sink.example/mo");
    assert_eq!(changed["receipts"], json!(["delivered", "failed"]), "what is not named stays");
    let (code, told) = desk.refusal(&[&["service", "set"], &named[..]].concat());
    assert_eq!((code, told.contains("name a setting")), (Some(2), true), "{told}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
    command.env_remove("WAYPOST_CONFIG").env("WAYPOST__STORE__DATA_DIR", desk.0.path().join("data"));
    command.env("WAYPOST_SECRET", "not base64!").args(["admin", "service", "jwt-secret"]).args(named);
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), told.contains("not base64")), (Some(2), true), "{told}");
}

#[test]
fn a_channel_of_messaging_can_be_limited() {
    let desk = Desk::with_tenant();
    desk.json(&["tps", "set", "--tenant", "acme", "--api", "messaging/push", "--per-second", "5"]);
    assert_eq!(
        desk.json(&["tps", "list", "--tenant", "acme"]),
        json!([{"api": "messaging/push", "per_second": 5, "burst_mode": false}])
    );
    let (code, told) = desk.refusal(&["tps", "set", "--tenant", "acme", "--api", "fax", "--per-second", "5"]);
    assert_eq!((code, told.contains("messaging/sms")), (Some(2), true), "{told}");
}
