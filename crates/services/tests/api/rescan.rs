//! Stored files scanned again with newer signatures.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use waypost_core::time::Clock;
use waypost_services::files::{Blobs, Clamd, ScannerAddress};
use waypost_services::records::Scope;
use waypost_services::work::rescan::{Rescan, RescanError, Tally};
use waypost_simulators::clamd::ClamdFault;

use crate::support::{NOW, World, refused};

async fn upload(world: &World, request: i64, content: &[u8]) -> i64 {
    let path = format!(
        "/api/v1/file-attachments?serviceRequestId={request}&filename=a.txt&contentType=text/plain&size={}",
        content.len()
    );
    let made = world.send_raw("POST", &path, ("application/octet-stream", content)).await;
    made.json()["Id"].as_i64().unwrap()
}

fn rescan(world: &World) -> Rescan {
    let address = ScannerAddress::Tcp(world.clamd.address().to_string());
    Rescan {
        store: world.store.clone(),
        blobs: Blobs::open(world.files.path(), SystemTime::now()).unwrap(),
        clamd: Arc::new(Clamd::new(address, Duration::from_secs(10))),
        clock: Arc::clone(&world.clock) as Arc<dyn Clock>,
    }
}

async fn run(world: &World) -> Tally {
    rescan(world).run(&Scope::operator(world.tenant, NOW)).await.unwrap()
}

/// Contents below a part of the blob folder.
fn lying(folder: &Path, part: &str) -> usize {
    let shards = std::fs::read_dir(folder.join(part)).into_iter().flatten();
    shards.map(|shard| std::fs::read_dir(shard.unwrap().path()).unwrap().count()).sum()
}

#[tokio::test]
async fn what_newer_signatures_find_is_held_back_until_they_find_it_no_more() {
    for world in World::both().await {
        let request = world.requested().await;
        let (bad, good) = (b"looks harmless".as_slice(), b"is harmless".as_slice());
        let first = upload(&world, request, bad).await;
        let second = upload(&world, request, good).await;
        let third = upload(&world, request, bad).await;
        // The same engine with the same signatures has nothing new to say.
        assert_eq!(run(&world).await, Tally { clean: 3, ..Tally::default() });
        world.clamd.learn(&[b"looks"]);
        let found = Tally {
            scanned: 2,
            clean: 1,
            infected: 2,
            newly_infected: vec![first, third],
            ..Tally::default()
        };
        assert_eq!(run(&world).await, found);
        let path = |id: i64| format!("/api/v1/file-attachments/{id}");
        assert_eq!(world.get(&path(first)).await.refusal(), refused(400, "621002,607004", "id"));
        assert_eq!(world.get(&path(second)).await.http, 200);
        let listed = format!("/api/v1/servicerequests/{request}/file-attachments");
        let ids = async || {
            let shown = world.good("GET", &listed, Value::Null).await;
            shown.as_array().unwrap().iter().map(|one| one["Id"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(ids().await, [second]);
        let folder = world.files.path();
        assert_eq!((lying(folder, "files"), lying(folder, "infected")), (1, 2));
        let kept = world
            .operate(|tx, _| {
                let rows =
                    tx.query("SELECT state, threat, engine, signatures FROM sd_scan ORDER BY state", &[])?;
                Ok(json!([rows[1].int(0)?, rows[1].text(1)?, rows[1].text(2)?, rows[1].text(3)?]))
            })
            .await;
        assert_eq!(kept, json!([2, "Learned", "ClamAV 1.0.0-simulated", "2/Thu Jan  1 00:00:00 1970"]));
        world.good("DELETE", &path(third), Value::Null).await;
        assert_eq!(lying(folder, "infected"), 1);
        world.clamd.learn(&[]);
        let released = Tally { scanned: 2, clean: 2, released: vec![first], ..Tally::default() };
        assert_eq!(run(&world).await, released);
        assert_eq!((ids().await, lying(folder, "infected")), (vec![first, second], 0));
    }
}

#[tokio::test]
async fn without_a_verdict_nothing_changes() {
    let world = World::new().await;
    let request = world.requested().await;
    let file = upload(&world, request, b"harmless").await;
    world.clamd.update_signatures();
    world.clamd.misbehave(ClamdFault::Broken);
    let stopped = rescan(&world).run(&Scope::operator(world.tenant, NOW)).await;
    assert!(matches!(stopped, Err(RescanError::Scanner(_))), "{stopped:?}");
    assert_eq!(world.get(&format!("/api/v1/file-attachments/{file}")).await.http, 200);
    world.clamd.misbehave(ClamdFault::None);
    assert_eq!(run(&world).await, Tally { scanned: 1, clean: 1, ..Tally::default() });
}
