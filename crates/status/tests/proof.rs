//! What was observed is mapped to its entry, recorded, counted, and held against the floor.

use std::collections::BTreeSet;
use std::path::PathBuf;

use waypost_status::proof::{self, Fallen, Floor, ProofError};
use waypost_status::{Api, CATALOGUE, MessagingCode};

fn set(keys: &[&str]) -> BTreeSet<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

fn observed(api: Api, code: i64, message: &str) -> Option<String> {
    proof::observed(api, code, message)
}

#[test]
fn every_entry_that_can_be_sent_is_recognised_by_what_is_sent() {
    for entry in CATALOGUE.iter().filter(|entry| !entry.is_reserved()) {
        assert_eq!(observed(entry.api, entry.code, entry.text()), Some(entry.key()));
        assert_eq!(
            observed(entry.api, entry.code, entry.message),
            Some(entry.key()),
            "by the published text"
        );
    }
}

#[test]
fn a_filled_text_is_recognised_by_its_template() {
    for (api, code, message, key) in [
        (
            Api::Messaging,
            7003,
            "mandatory param value missing for action SHARE",
            "messaging/7003/action-value-missing",
        ),
        (Api::Messaging, 7003, "param 'destination' missing", "messaging/7003/param-missing"),
        (Api::Messaging, 7003, "param 'sms' missing for channel sms", "messaging/7003/param-sms-missing"),
        (Api::Messaging, 7004, "duplicate device type ios", "messaging/7004/device-type-duplicate"),
        (
            Api::Messaging,
            7004,
            "Invalid number of actions, expected actions size 2, but found 3",
            "messaging/7004/actions-count-invalid",
        ),
        (
            Api::MetadataPush,
            7055,
            "Room type with code 'X' not found",
            "metadata-push/7055/room-type-not-found",
        ),
    ] {
        assert_eq!(observed(api, code, message).as_deref(), Some(key), "{message}");
    }
}

#[test]
fn a_filled_status_is_recognised_as_the_entry_it_was_made_from() {
    for code in MessagingCode::ALL.iter().filter(|code| !code.entry().is_reserved()) {
        let values: Vec<(&str, &str)> =
            ["action", "device_type", "identifier", "positions", "expected", "found", "param", "hex"]
                .map(|name| (name, "v1"))
                .to_vec();
        let status = code.status_with(&values);
        assert_eq!(observed(Api::Messaging, code.entry().code, status.message()), Some(code.entry().key()));
    }
}

#[test]
fn a_text_or_number_the_catalogue_lacks_is_not_recognised() {
    for (code, message) in [
        (7003, "made up"),
        (7004, "duplicate device type"),
        (1, "Queued"),
        (7003, "mandatory param value missing"),
    ] {
        assert_eq!(observed(Api::Messaging, code, message), None, "{code} {message}");
    }
}

#[test]
fn what_is_recorded_is_loaded_once_and_other_files_are_ignored() {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("proof-{}", std::process::id()));
    for key in ["messaging/7000/invalid-json", "event/1002/queued", "messaging/7000/invalid-json"] {
        proof::record(&dir, key).unwrap();
    }
    std::fs::write(dir.join("notes.txt"), "no key").unwrap();
    std::fs::write(dir.join("other.log"), "profile/1000/success\n\n").unwrap();
    let loaded = proof::load(&dir).unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    assert_eq!(loaded, set(&["event/1002/queued", "messaging/7000/invalid-json", "profile/1000/success"]));
}

#[test]
fn the_table_counts_entries_reserved_proven_and_lists_the_rest() {
    let table = proof::table(&set(&["event/1002/queued", "event/7000/invalid-json"])).unwrap();
    let event = table.apis.iter().find(|row| row.api == Api::Event).unwrap();
    assert_eq!((event.entries, event.reserved, event.proven, event.unproven.len()), (20, 0, 2, 18));
    assert!((event.share() - 2.0 / 20.0).abs() < f64::EPSILON);
    assert!(!event.unproven.contains(&"event/1002/queued".to_owned()));
    for row in &table.apis {
        assert_eq!(row.entries, row.reserved + row.proven + row.unproven.len(), "{}", row.api);
    }
    assert_eq!(table.apis.iter().map(|row| row.api).collect::<Vec<_>>(), Api::ALL);
}

#[test]
fn the_share_is_taken_over_the_entries_that_can_occur() {
    let all: BTreeSet<String> =
        CATALOGUE.iter().filter(|entry| !entry.is_reserved()).map(waypost_status::Entry::key).collect();
    let table = proof::table(&all).unwrap();
    for row in &table.apis {
        assert!((row.share() - 1.0).abs() < f64::EPSILON, "{}", row.api);
        assert_eq!(row.unproven, Vec::<String>::new());
    }
}

#[test]
fn a_proof_of_an_unknown_or_reserved_entry_is_an_error() {
    assert_eq!(
        proof::table(&set(&["messaging/7000/invalid-json", "messaging/7000/renamed", "x"])),
        Err(ProofError::Unknown(vec!["messaging/7000/renamed".to_owned(), "x".to_owned()]))
    );
    assert_eq!(
        proof::table(&set(&["messaging/7208/source-ip-not-white-listed"])),
        Err(ProofError::Reserved(vec!["messaging/7208/source-ip-not-white-listed".to_owned()]))
    );
}

#[test]
fn an_api_below_its_floor_is_reported_with_its_unproven_entries() {
    let before =
        proof::table(&set(&["event/1002/queued", "event/7000/invalid-json", "profile/1000/success"]))
            .unwrap();
    let now = proof::table(&set(&["event/1002/queued", "profile/1000/success"])).unwrap();
    assert_eq!(before.compare(&before.floor()), Ok(()));
    assert_eq!(before.compare(&now.floor()), Ok(()), "rising is fine");
    let event = now.apis.iter().find(|row| row.api == Api::Event).unwrap();
    let unproven = event.unproven.clone();
    assert!(unproven.contains(&"event/7000/invalid-json".to_owned()));
    assert_eq!(
        now.compare(&before.floor()),
        Err(vec![Fallen { api: Api::Event, floor: 2, proven: 1, unproven }])
    );
}

#[test]
fn a_floor_is_read_as_it_is_written_and_the_committed_one_can_be_read() {
    let floor = proof::table(&set(&["event/1002/queued"])).unwrap().floor();
    assert_eq!(Floor::parse(&floor.to_string()).unwrap(), floor);
    assert_eq!(Floor::committed().unwrap().proven.keys().copied().collect::<Vec<_>>(), Api::ALL);
    assert!(Floor::parse("[proven]\nNonsense = 1\n").is_err());
}
