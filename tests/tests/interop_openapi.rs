//! The service desk's own document in the hands of schemathesis, which nobody here wrote: it makes requests from the
//! document, good and bad ones, and holds each answer against it. No answer is a failure of the server, none is outside
//! the document.
//!
//! `WAYPOST_OPENAPI_SECONDS` makes a run of so many seconds with a random seed, in place of the bounded one.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tokio::process::Command;
use tokio::time::timeout;
use waypost::sandbox::{Options, ReadyServices, World};

/// Test cases per operation of the bounded run.
const EXAMPLES: u32 = 6;
const SEED: u32 = 20_261_126;
/// Longest bounded run, and what a long one may take beyond its time.
const LIMIT: Duration = Duration::from_secs(300);

/// What every answer is held against. Not among them: whether everything the document does not allow is refused, as reading
/// is more tolerant than the document on purpose (names in any case, numbers as texts).
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,unsupported_method,allow_header_conformance,ignored_auth";

fn known_ids(ready: &ReadyServices) -> String {
    let ids = [
        ("serviceid", ready.service_id),
        ("services", ready.service_id),
        ("userid", ready.user_id),
        ("users", ready.user_id),
        ("createdbyuserid", ready.internal_user_id),
        ("filteruserid", ready.internal_user_id),
        ("requesterid", ready.user_id),
        ("organizationid", ready.organization_id),
        ("organizations", ready.organization_id),
        ("servicerequestid", ready.service_request_id),
        ("servicerequests", ready.service_request_id),
        ("permissionid", 13),
    ];
    json!(ids.into_iter().collect::<std::collections::BTreeMap<_, _>>()).to_string()
}

fn schemathesis(ready: &ReadyServices, long: Option<u64>) -> Command {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");
    let mut command = Command::new(format!("{folder}/.venv/bin/schemathesis"));
    command.arg("run").arg(format!("{}/swagger/docs/v1", ready.base_url));
    command.args(["--header", &format!("api-key: {}", ready.api_key)]);
    command.args(["--header", &format!("app-jwt: {}", ready.app_jwt)]);
    command.args([
        "--checks",
        CHECKS,
        "--workers",
        "2",
        "--continue-on-failure",
        "--suppress-health-check",
        "all",
    ]);
    command.args(["--request-timeout", "30", "--warnings", "off", "--no-color"]);
    match long {
        None => {
            let (examples, seed) = (EXAMPLES.to_string(), SEED.to_string());
            command.args(["--phases", "coverage,fuzzing", "--no-shrink", "--max-examples", &examples]);
            command.args(["--seed", &seed, "--generation-database", "none"]);
        }
        Some(seconds) => {
            command.args(["--max-time", &seconds.to_string()]);
        }
    }
    command.env("SCHEMATHESIS_HOOKS", "openapi_hooks").env("PYTHONPATH", folder);
    command.env("WAYPOST_KNOWN_IDS", known_ids(ready));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_to_schemathesis_is_a_failure_or_outside_the_document() {
    let long = std::env::var("WAYPOST_OPENAPI_SECONDS").ok().and_then(|text| text.parse().ok());
    let world = World::start(Options::default()).await.expect("a sandbox");
    let run = schemathesis(&world.ready().services, long)
        .current_dir(world.ready().data_dir.clone())
        .spawn()
        .expect("schemathesis starts; run tests/interop/install");
    let limit = LIMIT + Duration::from_secs(long.unwrap_or(0));
    let output = timeout(limit, run.wait_with_output()).await.expect("an end in time").expect("its output");
    world.stop().await.expect("an orderly stop");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    // A run that tested nothing would pass too.
    let count = waypost_services::api::operations().count();
    assert!(told.contains(&format!("Tested: {count}")), "{told}");
}
