//! W4: partners that are well, beside one that never answers and one that answers after 14 seconds.

use std::time::{Duration, Instant};

use crate::feed::{Feed, Push};
use crate::hotels::{Hotels, Kind};
use crate::partner::{Ledger, Manner, Partner};
use crate::places::{runtime, wait_until};
use crate::report::{Report, Sample};
use crate::subject::waypost::Installation;

use super::{Settings, hub};

const PARTNERS: usize = 40;
const HOTELS: Hotels = Hotels { properties: 100, messages: 60 };
/// Changes a second, each for all partners.
const RATE_PER_S: f64 = 10.0;
const SECONDS: u32 = 60;
const SLOW: Duration = Duration::from_secs(14);
const TRIES: u32 = 50;
const SETTLE: Duration = Duration::from_secs(120);
/// "Less than a fifth".
const RATIO_MAX: f64 = 1.2;

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let loads = [("alone".to_owned(), false), ("beside the ill".to_owned(), true)];
    let mut report = Report::new("w4");
    report.columns = settings.interleave(&loads, |ill| once(settings, *ill))?;
    let ratio = report.ratio("beside the ill", "alone", "p99 ms");
    report.at_most("p99 beside the ill / alone", ratio, RATIO_MAX);
    let missing = report.column("beside the ill").and_then(|column| column.worst("missing"));
    report.at_most("missing", missing, 0.0);
    Ok(report)
}

fn once(settings: &Settings, ill: bool) -> anyhow::Result<Sample> {
    let folder = settings.folder()?;
    let changes = (RATE_PER_S * f64::from(SECONDS)) as usize;
    let well = Partner::open(Ledger::new(HOTELS, PARTNERS, changes), Manner::default())?;
    let silent = Partner::open(Ledger::new(HOTELS, 1, 0), Manner::SILENT)?;
    let slow = Partner::open(Ledger::new(HOTELS, 1, 0), Manner { pause: SLOW, ..Manner::default() })?;
    let installation = Installation::content(&settings.waypost()?, folder.path())?;
    installation.feeder("source", true)?;
    for number in 0..PARTNERS {
        installation.partner(&format!("well{number}"), &well.url(number), 10)?;
    }
    if ill {
        installation.partner("silent", &silent.url(0), 10)?;
        installation.partner("slow", &slow.url(0), 10)?;
    }
    let mut process = installation.serve()?;
    let runtime = runtime()?;
    runtime.block_on(launch(&installation))?;
    let rooms = HOTELS.places(Kind::Room).len();
    let launched = (PARTNERS * HOTELS.properties as usize * (1 + rooms)) as u64;
    wait_until(SETTLE, Duration::from_millis(20), || well.ledger.counts().accepted >= launched);
    runtime.block_on(change(&installation, &well.ledger, changes))?;
    let wanted = (changes * PARTNERS) as u64;
    wait_until(SETTLE, Duration::from_millis(20), || well.ledger.counts().updates >= wanted);
    hub::alive(&mut process)?;
    let (counts, times) = (well.ledger.counts(), well.ledger.take_changes());
    Ok(vec![
        ("changes", changes as f64),
        ("arrivals", counts.updates as f64),
        (
            "missing",
            wanted.saturating_sub(counts.updates) as f64 + launched.saturating_sub(counts.accepted) as f64,
        ),
        ("p50 ms", times.quantile_ms(500)),
        ("p99 ms", times.quantile_ms(990)),
        ("to the silent", silent.ledger.counts().pushes as f64),
        ("to the slow", slow.ledger.counts().pushes as f64),
        ("CPU s", process.cpu_s()),
        ("peak MiB", process.peak_mib()),
    ])
}

async fn launch(installation: &Installation) -> anyhow::Result<()> {
    let mut feed = Feed::new(installation.addr());
    for property in 0..HOTELS.properties {
        feed.until_acknowledged(&Push::hotel(HOTELS, property), TRIES).await?;
        feed.until_acknowledged(&Push::rooms(HOTELS, property), TRIES).await?;
    }
    Ok(())
}

/// Changes at a fixed rate, each in another lane than the ones before it; counted from when it is meant to leave.
async fn change(installation: &Installation, ledger: &Ledger, changes: usize) -> anyhow::Result<()> {
    let (mut feed, start) = (Feed::new(installation.addr()), Instant::now());
    let rooms = HOTELS.places(Kind::Room);
    for number in 0..changes {
        let due = start + Duration::from_secs_f64(number as f64 / RATE_PER_S);
        tokio::time::sleep_until(due.into()).await;
        ledger.asked(number, due);
        let (property, turn) = (number as u32 % HOTELS.properties, number as u32 / HOTELS.properties);
        let place = rooms.start + turn % rooms.len() as u32;
        feed.until_acknowledged(&Push::change(property, place, number as u64), TRIES).await?;
    }
    Ok(())
}
