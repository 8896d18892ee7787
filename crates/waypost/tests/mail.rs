//! E-mail through the whole server: the sandbox's letters, and the operator's commands for them.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use http::Request;
use serde_json::Value;
use waypost::demo::Client;
use waypost::sandbox::{Options, World};

/// Far above what anything here takes; a test that hits it has failed.
const DEADLINE: Duration = Duration::from_secs(60);

fn run(data_dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
    command.env_remove("WAYPOST_CONFIG").env("WAYPOST__STORE__DATA_DIR", data_dir);
    command.arg("mail").args(args).output().unwrap()
}

fn text(data_dir: &Path, args: &[&str]) -> String {
    let output = run(data_dir, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(data_dir: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&text(data_dir, &[args, &["--json"]].concat())).unwrap()
}

/// Invites this address to the sandbox's service.
async fn invite(world: &World, email: &str) -> Value {
    let told = &world.ready().services;
    let path = format!(
        "/api/v1/services/{}/initiate-invite?userId={}&email={email}&organizationId={}",
        told.service_id, told.user_id, told.organization_id
    );
    let request = Request::post(path).header("api-key", &told.api_key).header("app-jwt", &told.app_jwt);
    let mut client = Client::connect(world.address()).await.unwrap();
    serde_json::from_slice(&client.send(request, Vec::new()).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_letter_of_the_sandbox_is_a_file_and_one_that_is_refused_is_shown_and_sent_again_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let options = Options { data_dir: Some(data_dir.clone()), ..Options::default() };
    let world = World::start(options).await.unwrap();
    // `+` is a blank in a query.
    invite(&world, "bob%2B550@example.org").await;
    let made = invite(&world, "ann@example.org").await;
    let mut taken = world.post().relay().taken();
    let arrived = tokio::time::timeout(DEADLINE, taken.wait_for(|taken| *taken == 1));
    arrived.await.expect("a letter in time").unwrap();
    let file = std::fs::read_to_string(world.ready().mail.letters.join("000001.eml")).unwrap();
    assert!(file.contains("To: ann@example.org\r\n"), "{file}");
    assert!(file.contains(made["InvitationCode"].as_str().unwrap()), "{file}");
    // What is on its way ends first.
    world.stop().await.unwrap();

    let listed = json(&data_dir, &["list"]);
    let states: Vec<_> =
        listed.as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["sent", "refused"]);
    let unsent = json(&data_dir, &["list", "--unsent"]);
    assert_eq!((unsent.as_array().unwrap().len(), &unsent[0]["replyCode"]), (1, &Value::from(550)));
    assert!(text(&data_dir, &["list"]).contains("refused"));
    let id = unsent[0]["id"].to_string();
    let shown = json(&data_dir, &["show", &id]);
    assert_eq!(
        (&shown["letter"]["to"], &shown["attempts"]),
        (&Value::from("bob+550@example.org"), &Value::from(1))
    );
    let shown = text(&data_dir, &["show", &id]);
    assert!(
        shown.starts_with("State: refused after 1 attempts\nThe relay said: permanent error (550)"),
        "{shown}"
    );
    assert_eq!(text(&data_dir, &["retry", &id]), format!("letter {id} is on its way again\n"));
    assert_eq!(json(&data_dir, &["list", "--unsent"])[0]["state"], "waiting");
    let again = run(&data_dir, &["retry", &id]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("refused, given up or withheld"));
    assert_eq!(run(&data_dir, &["show", "1"]).status.code(), Some(1));
}
