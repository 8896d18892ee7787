//! The pages of the channels: every request in them is tried, every code they link is there.

use std::path::{Path, PathBuf};

use serde_json::Value;
use waypost_store::directory::{AppKind, Tenant};
use waypost_suite::{Backstage, Engine, SENDER, desk, on_both_engines};

on_both_engines!(every_request_of_the_channels_pages_is_taken);

/// One page for each channel.
const PAGES: [&str; 7] = ["sms", "voice", "push", "rt", "messenger", "x", "wechat"];

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

fn page(name: &str) -> String {
    std::fs::read_to_string(docs().join("channels").join(format!("{name}.md"))).unwrap()
}

/// The blocks of JSON that are requests.
fn requests(page: &str) -> Vec<Value> {
    let blocks = page.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let read = blocks
        .map(|block| serde_json::from_str::<Value>(block).unwrap_or_else(|error| panic!("{error}: {block}")));
    read.filter(|block| block.get("deliverychannel").is_some()).collect()
}

async fn every_request_of_the_channels_pages_is_taken(engine: Engine) {
    let backstage = Backstage::new(engine).await;
    let tenant = backstage.tenant(Tenant { sandbox: true, ..desk::tenant("reader") }).await;
    let login = backstage.desk().create_service(tenant, desk::service("reader")).await;
    backstage.desk().add_sender(tenant, SENDER).await;
    let apps = [
        ("push", "SA28064527", AppKind::Mobile),
        ("rt", "MU20051001", AppKind::Mobile),
        ("fb", "FB28064527", AppKind::Fb),
        ("twitter", "TW28064527", AppKind::Twitter),
        ("wechat", "WC28064527", AppKind::Wechat),
    ];
    for (channel, app_id, kind) in apps {
        backstage.desk().create_app(tenant, app_id, kind).await;
        backstage.desk().default_app(tenant, login.service, channel, app_id).await;
    }
    let stage = backstage.start().await;
    for name in PAGES {
        let requests = requests(&page(name));
        assert!(!requests.is_empty(), "{name}.md shows no request");
        for request in requests {
            let answer = stage.http.post(&login.key, &request).await;
            assert_eq!(answer.json()["response"][0]["code"], "1001", "{name}.md: {}", answer.text());
        }
    }
}

#[test]
fn every_code_that_a_channels_page_links_stands_on_the_generated_page() {
    let mut checked = 0;
    for name in PAGES {
        for link in page(name).split("](../status-codes/").skip(1) {
            let link = link.split(')').next().unwrap();
            let Some((file, anchor)) = link.split_once('#') else { continue };
            let target = std::fs::read_to_string(docs().join("status-codes").join(file)).unwrap();
            assert!(target.contains(&format!("<a id=\"{anchor}\">")), "{name}.md links {link}");
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn every_command_of_the_channels_pages_is_in_the_admin_reference() {
    let reference = std::fs::read_to_string(docs().join("admin-reference.md")).unwrap();
    for name in PAGES {
        for line in page(name).lines().filter(|line| line.contains("waypost admin ")) {
            let words: Vec<&str> = line.split("waypost admin ").nth(1).unwrap().split_whitespace().collect();
            let [group, verb, ..] = words[..] else { panic!("{name}.md: {line}") };
            assert!(reference.contains(&format!("### `waypost admin {group} {verb}`")), "{name}.md: {line}");
            for flag in words.iter().filter(|word| word.starts_with("--")) {
                assert!(reference.contains(&format!("| `{flag}")), "{name}.md: {flag} in {line}");
            }
        }
    }
}
