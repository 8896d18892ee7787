//! Kills: of the server amid a launch, of the server after an acknowledgement, of either end again and again.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use waypost::config::Config;
use waypost_content::wire::Json;
use waypost_content::{Kind, Op, sample};
use waypost_simulators::partner::Faults;
use waypost_suite::{Backstage, Engine, Http, Stage, on_both_engines, within};

use super::receiver::{Feed, success};
use super::{OBJECTS, import, partner, property, quick, run};
use crate::SERVER;

on_both_engines!(
    nothing_is_lost_or_reordered_when_the_server_is_killed_amid_a_launch,
    what_was_acknowledged_to_a_partner_is_there_after_a_kill,
    no_acknowledged_change_is_lost_when_either_end_is_killed_again_and_again,
);

const LAUNCHED: usize = 20;

async fn nothing_is_lost_or_reordered_when_the_server_is_killed_amid_a_launch(engine: Engine) {
    let mut stage = Backstage::new(engine).await.config(quick).start_process(SERVER).await;
    let ota = partner(&stage, "ota", Faults { slow_ms: 5, ..Faults::default() }).await;
    let codes: Vec<String> = (0..LAUNCHED).map(|n| format!("H{n:02}")).collect();
    let messages: Vec<String> = codes.iter().flat_map(|code| property(code)).collect();
    import(&stage, &messages).await;
    let all = OBJECTS * LAUNCHED as u64;
    for part in [all / 3, all * 2 / 3] {
        within("a part of the launch", ota.wait(|counts| counts.applied >= part)).await;
        stage.kill().await;
        stage.run_again(SERVER).await;
    }
    within("the launch", ota.wait(|counts| counts.applied == all)).await;
    let mut orders: BTreeMap<String, Vec<(Kind, String)>> = BTreeMap::new();
    for seen in ota.journal().into_iter().filter(|seen| !seen.repeated) {
        orders.entry(seen.property).or_default().push((seen.kind, seen.code));
    }
    assert_eq!(orders.keys().collect::<Vec<_>>(), codes.iter().collect::<Vec<_>>());
    for (property, order) in orders {
        assert_eq!(order.len() as u64, OBJECTS, "{property}");
        assert!(order.is_sorted(), "{property}: {order:?}");
    }
}

async fn what_was_acknowledged_to_a_partner_is_there_after_a_kill(engine: Engine) {
    let mut stage = Backstage::new(engine).await.config(quick).start_process(SERVER).await;
    let mut feed = Feed::new(&stage).await;
    let hotel = sample::hotel("LIS1");
    let message = format!(r#"{{"messageId":"m-1","updateType":"NEW","hotel":{hotel}}}"#);
    let taken = feed.send(Method::POST, "/hotel", message.clone()).await;
    let success = success("m-1");
    assert_eq!((taken.http, &taken.body[..]), (200, success.as_bytes()));
    stage.kill().await;
    stage.run_again(SERVER).await;
    feed.http = stage.http.clone();
    let again = feed.send(Method::POST, "/hotel", message.clone()).await;
    assert_eq!((again.http, &again.body[..]), (200, success.as_bytes()));
    let other = message.replace("NEW", "DISABLE");
    let refused = feed.send(Method::POST, "/hotel", other).await;
    assert_eq!(refused.http, 400);
    assert_eq!(refused.json()["status"]["errors"][0]["errorCode"], json!(4006));
    let audit = feed.send(Method::POST, "/hotel-audit", r#"{"messageId":"a","propertyCode":"LIS1"}"#).await;
    let expected: Value = serde_json::from_str(&hotel.to_string()).unwrap();
    assert_eq!((audit.http, &audit.json()["hotel"]), (200, &expected));
}

/// Kills of the long run in `docs/benchmarks.md` are a hundred.
const KILLS: u64 = 10;
/// Changes acknowledged between two kills at least.
const BETWEEN: u64 = 5;

/// Retries enough to outlast the kills.
fn quicker(config: &mut Config) {
    quick(config);
    config.content.timeout_ms = 2_000;
    config.content.retry_delays_s = vec![1; 10];
}

/// Changes a room's name again and again, each until it is acknowledged; returns the last name that was.
async fn change_until(stop: CancellationToken, hub: Feed, acknowledged: watch::Sender<u64>) -> String {
    let (address, authorization) = (hub.http.address(), hub.authorization);
    let mut name = String::new();
    for number in 1.. {
        if stop.is_cancelled() {
            break;
        }
        name = format!("change {number}");
        let mut room = sample::room("A");
        room.set("name", Json::from(name.as_str()));
        let id = format!("change-{number}");
        let message = sample::message(&id, Kind::Room, Op::Update, "LIS1", vec![room]).to_string();
        // The server may be gone, or go in between: the same message again, under the same id.
        loop {
            let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
            let http = Http::new(address);
            let said =
                http.try_send(Method::PUT, "/content/roomtype/A", &headers, message.clone().into()).await;
            match said {
                Ok(answer) if answer.http < 500 => {
                    assert_eq!((answer.http, answer.text()), (200, success(&id).as_str()));
                    break;
                }
                Ok(_) | Err(_) => tokio::task::yield_now().await,
            }
        }
        acknowledged.send_replace(number);
    }
    name
}

async fn no_acknowledged_change_is_lost_when_either_end_is_killed_again_and_again(engine: Engine) {
    let mut far = Backstage::new(engine).await.config(quicker).start_process(SERVER).await;
    let receiver = Feed::new(&far).await;
    let mut hub = Backstage::new(engine).await.config(quicker).start_process(SERVER).await;
    let source = Feed::feeding(&hub).await;
    let (tenant, url) = (hub.login.tenant_slug.clone(), format!("http://{}/content", far.http.address()));
    run(&hub, &["admin", "partner", "create", "--tenant", &tenant, "--slug", "far", "--url", &url]).await;
    let secret = [("WAYPOST_PARTNER_PASSWORD", receiver.password.as_str())];
    hub.command(SERVER, &["admin", "partner", "credentials", "far", "--user", "feed"], &secret).await;
    source.furnish("LIS1").await;

    let (stop, (acknowledged, mut seen)) = (CancellationToken::new(), watch::channel(0));
    let client = tokio::spawn(change_until(stop.clone(), source, acknowledged));
    for kill in 1..=KILLS {
        let enough = |number: &u64| *number >= kill * BETWEEN;
        within("changes", seen.wait_for(enough)).await.unwrap();
        let end: &mut Stage = if kill % 2 == 1 { &mut hub } else { &mut far };
        end.kill().await;
        end.run_again(SERVER).await;
    }
    stop.cancel();
    let last = within("the last change", client).await.unwrap();
    let arrived = async {
        loop {
            let asked = r#"{"messageId":"a","propertyCode":"LIS1","roomCodes":["A"]}"#;
            let headers =
                [("authorization", receiver.authorization.as_str()), ("content-type", "application/json")];
            let answer = far.http.send(Method::POST, "/content/roomtype-audit", &headers, asked).await;
            if answer.json()["rooms"][0]["name"] == json!(last) {
                return;
            }
        }
    };
    within("the last acknowledged change at the far end", arrived).await;
}
