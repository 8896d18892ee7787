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
