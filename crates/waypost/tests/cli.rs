//! The command line as its users see it: exit codes, JSON shapes, words.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::process::{Command, Output};

use serde_json::Value;

fn waypost(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
    command.args(args).env_remove("WAYPOST_CONFIG").output().unwrap()
}

fn json(args: &[&str]) -> Value {
    let output = waypost(args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn codes_are_listed_as_objects_with_family_api_code_message_and_name() {
    let listed = json(&["codes", "list", "--json"]);
    let entries = listed.as_array().unwrap();
    assert_eq!(entries.len(), waypost_status::CATALOGUE.len());
    for entry in entries {
        assert!(entry["code"].is_i64(), "{entry}");
        for field in ["family", "api", "message", "name"] {
            assert!(entry[field].as_str().is_some_and(|text| !text.is_empty()), "{field} of {entry}");
        }
    }
}

#[test]
fn codes_can_be_narrowed_by_api_class_and_text() {
    let listed = json(&["codes", "list", "--json", "--api", "profile", "--class", "policy"]);
    let apis: Vec<&str> =
        listed.as_array().unwrap().iter().filter_map(|entry| entry["api"].as_str()).collect();
    assert!(!apis.is_empty() && apis.iter().all(|api| *api == "Profile"), "{apis:?}");
    assert_eq!(
        json(&["codes", "list", "--json", "--search", "no such words anywhere"]),
        Value::Array(Vec::new())
    );
}

#[test]
fn a_code_is_explained_with_every_meaning_it_has() {
    let meanings = json(&["codes", "explain", "7005", "--json"]);
    let mut apis: Vec<&str> =
        meanings.as_array().unwrap().iter().filter_map(|entry| entry["api"].as_str()).collect();
    apis.dedup();
    assert_eq!(apis, ["Messaging", "Transaction Status", "Event"]);
    let text = String::from_utf8(waypost(&["codes", "explain", "7005"]).stdout).unwrap();
    for word in ["means", "cause", "remedy", "Messaging: Request expired", "Event: Internal error occurred"] {
        assert!(text.contains(word), "{word} is not in {text}");
    }
}

#[test]
fn an_unknown_code_fails_and_says_where_to_look() {
    let output = waypost(&["codes", "explain", "424242"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("waypost codes list"));
}

#[test]
fn the_proof_counts_what_tests_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let key = waypost_status::CATALOGUE.iter().find(|entry| !entry.is_reserved()).unwrap().key();
    waypost_status::proof::record(folder.path(), &key).unwrap();
    let output = waypost(&["codes", "proof", "--json", "--dir", folder.path().to_str().unwrap()]);
    let table: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&table[0]["api"], &table[0]["proven"]), (&"Messaging".into(), &1.into()));
    let floor = waypost_status::proof::Floor::committed().unwrap();
    let fallen = floor.proven.iter().any(|(api, proven)| *proven > usize::from(api.as_str() == "Messaging"));
    assert_eq!(output.status.code(), Some(i32::from(fallen)));
}

#[test]
fn a_folder_without_proofs_is_told_by_name() {
    let output = waypost(&["codes", "proof", "--dir", "no-such-folder"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-folder"));
}

#[test]
fn the_written_pages_are_those_in_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("codes");
    assert_eq!(waypost(&["codes", "docs", "--out", out.to_str().unwrap()]).status.code(), Some(0));
    for (path, text) in waypost_status::docs::render() {
        assert_eq!(std::fs::read_to_string(out.join(&path)).unwrap(), text, "{path}");
    }
}

#[test]
fn a_faulty_configuration_ends_with_code_2_and_all_its_faults() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("w.toml");
    std::fs::write(&file, "[server]\nlisten = \"127.0.0.1:0\"\nx = 1\n").unwrap();
    let output = waypost(&["check-config", "--config", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("w.toml:2: server.listen") && text.contains("w.toml:3: server.x"), "{text}");
    let output = waypost(&["check-config", "--json", "--config", file.to_str().unwrap()]);
    let faults: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), faults.as_array().map(Vec::len)), (Some(2), Some(2)));
}

#[test]
fn a_wrong_option_ends_with_code_2() {
    assert_eq!(waypost(&["codes", "list", "--nonsense"]).status.code(), Some(2));
    assert_eq!(waypost(&["codes", "list", "--api", "nonsense"]).status.code(), Some(2));
}

#[test]
fn a_look_up_does_not_make_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
    let output = command.args(["trace", "hello-1"]).env("WAYPOST__STORE__DATA_DIR", &data).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no store at"));
    assert!(!data.exists());
}

#[test]
fn the_document_of_the_services_family_is_printed_on_demand() {
    let document = json(&["openapi", "--services"]);
    assert_eq!(document, waypost_services::api::document());
    assert!(document["paths"]["/api/v1/servicerequests/{id}"]["get"].is_object());
}

#[test]
fn the_openapi_document_names_both_endpoints() {
    let document = json(&["openapi"]);
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.contains_key("/resources/v1/messaging"), "{paths:?}");
    assert!(paths.contains_key("/resources/v1/messaging/status/{transactionid}"), "{paths:?}");
}
