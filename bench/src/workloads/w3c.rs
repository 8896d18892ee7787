//! W3 for content: two servers, one pushing to the other, either of them killed every 1 to 5 seconds under load.
//!
//! Changes are pushed into the first, which is fed, keeps them as its own and pushes them on to the second. Every change that
//! was acknowledged must stand at the second in the end, or a later one of the same room type.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::feed::{Feed, Push, change_name};
use crate::hotels::{Hotels, Kind};
use crate::places::runtime;
use crate::report::{Column, Report};
use crate::subject::Process;
use crate::subject::waypost::Installation;

use super::w3::Pauses;
use super::{Settings, hub};

const CLIENTS: u32 = 8;
const HOTELS: Hotels = Hotels { properties: 40, messages: 60 };
/// Pause of a client between two changes.
const PAUSE: Duration = Duration::from_millis(20);
const TRIES: u32 = 1_000;
/// Longest wait for the last change to arrive.
const SETTLE: Duration = Duration::from_secs(300);

/// What a client knows: for each room type the number of the last change that was acknowledged.
type Acknowledged = BTreeMap<(u32, u32), u64>;

struct Client {
    addr: SocketAddr,
    number: u32,
    stop: Arc<AtomicBool>,
    changes: Arc<AtomicU64>,
}

#[derive(Default)]
struct Told {
    acknowledged: Acknowledged,
    again: u64,
}

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let (hub_dir, far_dir) = (settings.folder()?, settings.folder()?);
    let far = Installation::content(&settings.waypost()?, far_dir.path())?;
    far.feeder("hub", false)?;
    let hub = hub::install(&settings.waypost()?, hub_dir.path())?;
    hub.feeder("source", true)?;
    hub.partner("far", &format!("http://{}/content", far.addr()), 50)?;
    let mut processes = [hub.serve()?, far.serve()?];
    let stop = Arc::new(AtomicBool::new(false));
    let changes = Arc::new(AtomicU64::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let client = Client { addr: hub.addr(), number, stop: stop.clone(), changes: changes.clone() };
            std::thread::spawn(move || client.run())
        })
        .collect();
    let killed = kill_again_and_again(settings, [&hub, &far], &mut processes, &changes);
    stop.store(true, Relaxed);
    let mut told = Told::default();
    for client in clients {
        let one = client.join().map_err(|_| anyhow::anyhow!("a client panicked"))??;
        told.acknowledged.extend(one.acknowledged);
        told.again += one.again;
    }
    let slowest_start_s = killed?;
    let start = Instant::now();
    let lost = settle(&far, &told.acknowledged)?;
    let settled_s = start.elapsed().as_secs_f64();
    let mut report = Report::new("w3c");
    let sample = vec![
        ("kills", f64::from(settings.kills)),
        ("changes acknowledged", changes.load(Relaxed) as f64),
        ("said again", told.again as f64),
        ("room types", told.acknowledged.len() as f64),
        ("lost", lost.len() as f64),
        ("settled after s", settled_s),
        ("slowest start s", slowest_start_s),
    ];
    report.columns = vec![Column { name: "waypost".to_owned(), runs: vec![sample] }];
    report.at_most("lost", Some(lost.len() as f64), 0.0);
    report.notes.extend(lost.into_iter().take(20));
    Ok(report)
}

/// Kills and restarts one of the two servers, drawn by lot; tells how long the slowest start took, in seconds.
fn kill_again_and_again(
    settings: &Settings,
    servers: [&Installation; 2],
    processes: &mut [Process; 2],
    changes: &AtomicU64,
) -> anyhow::Result<f64> {
    let mut pauses = Pauses::new(settings.seed);
    let mut slowest = Duration::ZERO;
    for kill in 1..=settings.kills {
        let pause = pauses.next();
        std::thread::sleep(pause);
        let which = usize::from(pause.as_millis() % 2 == 1);
        processes[which].kill();
        let start = Instant::now();
        processes[which] = servers[which].serve().with_context(|| format!("start after kill {kill}"))?;
        slowest = slowest.max(start.elapsed());
        if kill % 10 == 0 {
            eprintln!("kill {kill} of {}: {} changes acknowledged", settings.kills, changes.load(Relaxed));
        }
    }
    Ok(slowest.as_secs_f64())
}

impl Client {
    /// Launches its properties and changes their room types until it is stopped.
    fn run(self) -> anyhow::Result<Told> {
        runtime()?.block_on(async {
            let (mut feed, mut told) = (Feed::new(self.addr), Told::default());
            let own = || (0..HOTELS.properties).filter(|property| property % CLIENTS == self.number);
            for property in own() {
                for push in [Push::hotel(HOTELS, property), Push::rooms(HOTELS, property)] {
                    told.again += u64::from(feed.until_acknowledged(&push, TRIES).await?);
                }
            }
            let places =
                || HOTELS.places(Kind::Room).flat_map(|place| own().map(move |property| (property, place)));
            for (property, place) in std::iter::repeat_with(places).flatten() {
                if self.stop.load(Relaxed) {
                    break;
                }
                // Numbers of one client are its own, so ids never meet.
                let number = self.changes.fetch_add(1, Relaxed);
                let push = Push::change(property, place, number);
                told.again += u64::from(feed.until_acknowledged(&push, TRIES).await?);
                told.acknowledged.insert((property, place), number);
                tokio::time::sleep(PAUSE).await;
            }
            Ok(told)
        })
    }
}

/// Waits until the far server holds what was acknowledged; tells what it does not.
fn settle(far: &Installation, acknowledged: &Acknowledged) -> anyhow::Result<Vec<String>> {
    let (end, runtime) = (Instant::now() + SETTLE, runtime()?);
    loop {
        let lost = runtime.block_on(differing(far.addr(), acknowledged))?;
        if lost.is_empty() || Instant::now() >= end {
            return Ok(lost);
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

async fn differing(addr: SocketAddr, acknowledged: &Acknowledged) -> anyhow::Result<Vec<String>> {
    let (mut feed, mut lost) = (Feed::new(addr), Vec::new());
    for property in 0..HOTELS.properties {
        let held: BTreeMap<u32, String> = feed.room_names(property).await?.into_iter().collect();
        for ((_, place), number) in acknowledged.range((property, 0)..(property + 1, 0)) {
            let (wanted, found) = (change_name(*number), held.get(place));
            if found != Some(&wanted) {
                lost.push(format!(
                    "property {property}, room {place}: {wanted:?} was acknowledged, {found:?} is held"
                ));
            }
        }
    }
    Ok(lost)
}
