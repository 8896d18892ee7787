//! The content family through the program: partners by command, the sandbox's receiver, certifying over the wire.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at the first surprise")]

use std::process::{Command, Output};

use serde_json::{Value, json};
use waypost::sandbox::{Options, World};

fn run(folder: &std::path::Path, args: &[&str], password: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
    command.env_remove("WAYPOST_CONFIG").env("WAYPOST__STORE__DATA_DIR", folder.join("data"));
    command.env("WAYPOST_PARTNER_PASSWORD", password).args(args).output().unwrap()
}

fn shown(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn partners_are_set_up_by_command_and_their_passwords_are_not_shown_again() {
    let folder = tempfile::tempdir().unwrap();
    let admin = |args: &[&str], password: &str| {
        run(folder.path(), &[&["admin"], args, &["--json"]].concat(), password)
    };
    shown(&admin(&["tenant", "create", "--slug", "acme", "--name", "Acme"], ""));
    let made = shown(&admin(
        &["partner", "create", "--tenant", "acme", "--slug", "ota", "--url", "https://ota.example/md/"],
        "",
    ));
    let expected = json!({"id": 1, "tenant": 1, "slug": "ota", "name": "ota", "enabled": true, "login": null,
        "url": "https://ota.example/md", "url_user": null, "has_url_password": false, "in_flight": 10,
        "opt_in_taxes": false, "opt_in_products": false, "array_updates": false, "feeds": false});
    assert_eq!(made, expected);
    let login = shown(&admin(&["partner", "login", "ota", "--user", "trader"], ""));
    assert_eq!(login["user"], "trader");
    assert_eq!(login["password"].as_str().unwrap().len(), 32);
    shown(&admin(&["partner", "credentials", "ota", "--user", "waypost"], "hunter2"));
    let changed = shown(&admin(&["partner", "set", "ota", "--in-flight", "3", "--opt-in-taxes", "true"], ""));
    assert_eq!(
        (&changed["in_flight"], &changed["opt_in_taxes"], &changed["has_url_password"]),
        (&json!(3), &json!(true), &json!(true))
    );
    let short = admin(&["partner", "login", "ota", "--user", "trader"], "short");
    assert!(String::from_utf8_lossy(&short.stderr).contains("at least 20 characters"));
    let taken = admin(&["partner", "create", "--tenant", "acme", "--slug", "ota"], "");
    assert!(String::from_utf8_lossy(&taken.stderr).contains("there is a partner ota already"));
    let nothing = admin(&["partner", "object", "off", "ota", "rateplan", "LISTEST", "RP1"], "");
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("ota has pushed no rateplan RP1 of LISTEST"));
    let listed = run(folder.path(), &["admin", "partner", "list"], "");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(!listed.contains("hunter2") && listed.contains("https://ota.example/md"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_and_its_simulated_partner_keep_every_vector_over_the_wire() {
    let world = World::start(Options::default()).await.unwrap();
    let content = world.ready().content.clone();
    let (user, password) = world.partners()[0].credentials();
    let (user, password) = (user.to_owned(), password.to_owned());
    let good = content.partner_urls[0].clone();
    let cases = [(content.base_url, content.username, content.password), (good, user, password)];
    let outputs = tokio::task::spawn_blocking(move || {
        let folder = tempfile::tempdir().unwrap();
        cases.map(|(url, user, password)| {
            run(folder.path(), &["content", "certify", &url, "--user", &user, "--json"], &password)
        })
    })
    .await
    .unwrap();
    for output in &outputs {
        let report = shown(output);
        let report = report.as_array().unwrap();
        assert_eq!(report.len(), 20);
        assert!(report.iter().all(|row| row["kept"] == true), "{report:#?}");
    }
    world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_forgets_to_delete_is_found_out_by_its_vector() {
    let world = World::start(Options::default()).await.unwrap();
    let url = world.ready().content.partner_urls[1].clone();
    let output = tokio::task::spawn_blocking(move || {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), &["content", "certify", &url, "--user", "partner", "--json"], "simulated")
    })
    .await
    .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let broken: Vec<_> = report.as_array().unwrap().iter().filter(|row| row["kept"] == false).collect();
    assert_eq!(broken.len(), 2, "{broken:#?}");
    assert_eq!(
        (&broken[0]["vector"], &broken[0]["fault"]),
        (&json!(15), &json!(r#"found ["A", "B"], expected ["A"]"#))
    );
    assert_eq!(broken[1]["vector"], 16);
    world.stop().await.unwrap();
}
