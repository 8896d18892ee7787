//! The services family behind the server's door: the sandbox's service desk, and the operator's commands for it.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::process::{Command, Output};

use http::Request;
use serde_json::{Value, json};
use waypost::demo::Client;
use waypost::sandbox::{Options, World};

#[tokio::test]
async fn the_sandbox_tells_of_a_service_desk_that_answers_and_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { data_dir: Some(folder.path().join("data")), ..Options::default() };
    let world = World::start(options.clone()).await.unwrap();
    let told = world.ready().services.clone();
    assert_eq!(told.base_url, world.ready().http);
    let mut client = Client::connect(world.address()).await.unwrap();
    let request =
        Request::get("/api/v1/whoami").header("api-key", &told.api_key).header("app-jwt", &told.app_jwt);
    let answer: Value = serde_json::from_slice(&client.send(request, Vec::new()).await.unwrap()).unwrap();
    assert_eq!(answer["Services"][0]["Id"], told.service_id, "{answer}");
    let ids = [
        told.user_id,
        told.other_user_id,
        told.internal_user_id,
        told.organization_id,
        told.service_request_id,
    ];
    assert!(ids.iter().all(|id| *id > 0), "{ids:?}");
    drop(client);
    world.stop().await.unwrap();
    let world = World::start(options).await.unwrap();
    let again = world.ready().services.clone();
    assert_eq!((again.api_key, again.service_request_id), (told.api_key, told.service_request_id));
    world.stop().await.unwrap();
}

struct Desk(tempfile::TempDir);

impl Desk {
    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
        command.env_remove("WAYPOST_CONFIG").env("WAYPOST__STORE__DATA_DIR", self.0.path().join("data"));
        command.arg("admin").args(args).output().unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn refusal(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn with_service() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.json(&["tenant", "create", "--slug", "acme"]);
        let service = ["--tenant", "acme", "--service", "PERMIT"];
        let texts = [
            "--name",
            "Permit",
            "--name-fr",
            "Permis",
            "--base-url",
            "https://apply.example",
            "--group",
            "Boats",
        ];
        desk.json(&[&["online-service", "create"], &service[..], &texts[..]].concat());
        desk
    }
}

const CSF: [&str; 4] = ["--tenant", "acme", "--application", "CSF"];

#[test]
fn an_operator_sets_up_a_service_with_its_clock_and_standard() {
    let desk = Desk::with_service();
    let listed = desk.json(&["online-service", "list", "--tenant", "acme"]);
    let permit = json!([{"id": 1, "service": "PERMIT", "name": "Permit", "name_fr": "Permis",
        "base_url": "https://apply.example", "open": false}]);
    assert_eq!(listed, permit);
    let named = ["--tenant", "acme", "--service", "PERMIT"];
    desk.json(
        &[&["online-service", "set-status"], &named[..], &["--status", "inreview", "--clock-off"]].concat(),
    );
    let standard = ["--name", "Ten days", "--name-fr", "Dix jours", "--days", "10"];
    desk.json(&[&["online-service", "add-standard"], &named[..], &standard[..]].concat());
    let odd = desk.refusal(&[&["online-service", "set-status"], &named[..], &["--status", "Done"]].concat());
    assert!(odd.contains("no status `Done`"), "{odd}");
}

#[test]
fn a_key_of_an_application_is_shown_once_with_the_token_made_for_it() {
    let desk = Desk::with_service();
    let made =
        desk.json(&[&["application", "create"], &CSF[..], &["--grants", "requests,users:read"]].concat());
    let csf = json!({"id": 1, "application": "CSF", "name": "CSF", "name_fr": "CSF", "status": "live",
        "grants": "requests users:read", "all_services": false});
    assert_eq!(made, csf);
    desk.json(&[&["application", "bind"], &CSF[..], &["--service", "PERMIT"]].concat());
    let key = desk.json(&[&["application", "create-key"], &CSF[..]].concat());
    let text = key["api_key"].as_str().unwrap();
    assert!(
        text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)),
        "{text}"
    );
    assert_eq!(key["app_jwt"].as_str().unwrap().split('.').count(), 3);
    let output = desk.run(&[&["application", "create-key", "--http"], &CSF[..]].concat());
    let requests = String::from_utf8(output.stdout).unwrap();
    assert!(
        requests.contains("GET {{base}}/api/v1/whoami\napi-key: {{key}}\napp-jwt: {{token}}\n"),
        "{requests}"
    );
    desk.json(&["application", "revoke-key", "--tenant", "acme", "1"]);
    assert!(desk.refusal(&["application", "revoke-key", "--tenant", "acme", "9"]).contains("no key 9"));
    assert_eq!(desk.json(&[&["application", "suspend"], &CSF[..]].concat())["status"], "suspended");
    assert_eq!(desk.json(&["application", "list", "--tenant", "acme"])[0]["status"], "suspended");
    assert_eq!(desk.json(&[&["application", "resume"], &CSF[..]].concat())["status"], "live");
    let odd = desk.refusal(&[&["application", "create"], &CSF[..], &["--grants", "everything"]].concat());
    assert!(odd.contains("no grant `everything`"), "{odd}");
}

#[test]
fn an_operator_sets_the_roles_of_an_application_and_gives_them_to_people_who_are_there() {
    let desk = Desk::with_service();
    desk.json(&[&["application", "create"], &CSF[..]].concat());
    let role = [
        "--role",
        "5",
        "--name",
        "Officer",
        "--name-fr",
        "Agent",
        "--manages-users",
        "--permissions",
        "13,17",
    ];
    let set = desk.json(&[&["application-role", "set"], &CSF[..], &role[..]].concat());
    assert_eq!(
        set,
        json!({"role": 5, "name": "Officer", "name_fr": "Agent", "manages_users": true, "permissions": [13, 17]})
    );
    assert_eq!(desk.json(&[&["application-role", "list"], &CSF[..]].concat()), json!([set]));
    let give = |role: &'static str, service: &'static str| {
        let rest = ["--role", role, "--user", "1", "--service", service];
        [&["application-role", "give"], &CSF[..], &rest[..]].concat()
    };
    assert!(desk.refusal(&give("5", "NONE")).contains("no online service NONE"));
    assert!(desk.refusal(&give("5", "PERMIT")).contains("no user 1"));
    let zero = [&["application-role", "set"], &CSF[..], &["--role", "0", "--name", "x"][..]].concat();
    assert!(desk.refusal(&zero).contains("from 1 on"));
}
