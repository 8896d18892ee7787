//! W3: `kill -9` every 1 to 5 seconds under load; every acknowledged message must still reach its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::board::Board;
use crate::load::{self, Outcome, Plan};
use crate::report::{Column, Report};
use crate::smsc::Script;
use crate::subject::waypost::Installation;
use crate::subject::{self, Far, Running};

use super::Settings;

const CONNECTIONS: usize = 16;
/// Longest pause between two kills, in seconds; sizes the board.
const PAUSE_S_MAX: f64 = 5.0;
/// Longest a start may take on average, in seconds; sizes the board.
const START_S_MAX: f64 = 1.0;
/// Longer than the server's pause before it tries a call-back again.
const QUIET: Duration = Duration::from_secs(150);
/// States of the transaction status API that are an end.
const ENDS: [&str; 3] = ["delivered", "failed", "expired"];

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let seconds = f64::from(settings.kills + 1) * (PAUSE_S_MAX + START_S_MAX);
    let capacity = (seconds * settings.kill_rate_per_s) as u32;
    let folder = settings.folder()?;
    let far = Far::open(capacity, Script::Plain)?;
    let installation = Installation::new(&settings.waypost()?, folder.path(), &far)?;
    let mut running = installation.start(&far)?;
    let stop = Arc::new(AtomicBool::new(false));
    let plan = Plan {
        rate_per_s: Some(settings.kill_rate_per_s),
        survives: true,
        stop: stop.clone(),
        ..Plan::closed(running.target.clone(), CONNECTIONS, 0, capacity)
    };
    let board = far.board.clone();
    let client =
        std::thread::Builder::new().name("load".to_owned()).spawn(move || load::run(plan, &board))?;
    let killed = kill_again_and_again(settings, &installation, &far, &mut running);
    stop.store(true, Relaxed);
    let outcome = client.join().map_err(|_| anyhow::anyhow!("the load generator panicked"))??;
    let slowest_start_s = killed?;
    subject::settle(&far.board, QUIET, || far.board.tally(0..capacity).missing == 0);
    report(settings, &installation, &far, &outcome, slowest_start_s)
}

/// Kills and restarts the server; tells how long its slowest start took, in seconds.
fn kill_again_and_again(
    settings: &Settings,
    installation: &Installation,
    far: &Far,
    running: &mut Running,
) -> anyhow::Result<f64> {
    let mut pauses = Pauses::new(settings.seed);
    let mut slowest = Duration::ZERO;
    for kill in 1..=settings.kills {
        std::thread::sleep(pauses.next());
        running.kill();
        let start = Instant::now();
        *running = installation.start(far).with_context(|| format!("start after kill {kill}"))?;
        slowest = slowest.max(start.elapsed());
        if kill % 10 == 0 {
            let (seen, ended) = (far.board.submitted_count(), far.board.finished_count());
            eprintln!("kill {kill} of {}: {seen} messages at the SMSC, {ended} at their end", settings.kills);
        }
    }
    Ok(slowest.as_secs_f64())
}

fn report(
    settings: &Settings,
    installation: &Installation,
    far: &Far,
    outcome: &Outcome,
    slowest_start_s: f64,
) -> anyhow::Result<Report> {
    let tally = far.board.tally(0..far.board.capacity());
    let lost = lost(&far.board, installation, outcome)?;
    let mut report = Report::new("w3");
    let sample = vec![
        ("kills", f64::from(settings.kills)),
        ("acknowledged", tally.acked as f64),
        ("connections broken", outcome.broken as f64),
        ("refused", outcome.refused as f64),
        ("not acknowledged but sent", tally.unacknowledged as f64),
        ("without call-back", tally.missing as f64),
        ("lost", lost.len() as f64),
        ("duplicate at the SMSC", tally.submitted_again as f64),
        ("duplicate at the sink", tally.finished_again as f64),
        ("slowest start s", slowest_start_s),
    ];
    report.columns = vec![Column { name: "waypost".to_owned(), runs: vec![sample] }];
    report.at_most("lost", Some(lost.len() as f64), 0.0);
    report.notes.extend(lost.into_iter().take(20));
    report.notes.extend(outcome.first_refusal.iter().map(|answer| format!("first refusal: {answer}")));
    Ok(report)
}

/// Acknowledged messages with neither a final call-back nor a final state in the status API.
fn lost(board: &Board, installation: &Installation, outcome: &Outcome) -> anyhow::Result<Vec<String>> {
    let mut lost = Vec::new();
    for (number, transaction) in outcome.transactions.iter().filter(|(number, _)| board.is_missing(*number)) {
        let statuses = installation.statuses(transaction).unwrap_or_default();
        if statuses.is_empty() || statuses.iter().any(|status| !ENDS.contains(&status.as_str())) {
            lost.push(format!("message {number}, transaction {transaction}: {statuses:?}"));
        }
    }
    Ok(lost)
}

/// Pauses between 1 and 5 seconds by a small generator (splitmix64), the same for the same seed.
pub(super) struct Pauses(u64);

impl Pauses {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Duration::from_millis(1_000 + (mixed ^ (mixed >> 31)) % 4_001)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_between_one_and_five_seconds_and_repeat_with_their_seed() {
        let pauses = |seed| {
            let mut pauses = Pauses::new(seed);
            (0..1_000).map(|_| pauses.next()).collect::<Vec<_>>()
        };
        assert_eq!(pauses(1), pauses(1));
        assert_ne!(pauses(1), pauses(2));
        assert!(pauses(1).iter().all(|pause| (1_000..=5_000).contains(&pause.as_millis())));
    }
}
