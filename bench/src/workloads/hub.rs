//! What the content workloads share: a hub with partners, its launch, and how a run of it is told.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::hotels::Hotels;
use crate::partner::{Counts, Ledger};
use crate::places::wait_until;
use crate::report::{Report, Sample};
use crate::subject::Process;
use crate::subject::waypost::Installation;

/// Longest time without a new object before a launch counts as stuck.
const QUIET: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);
/// Longest wait for the audits after the last push.
const AUDITS_LIMIT: Duration = Duration::from_secs(120);

/// A hub in an empty folder with short pauses between retries, so that faults and not their pauses are measured.
pub(super) fn install(binary: &Path, dir: &Path) -> anyhow::Result<Installation> {
    let mut installation = Installation::content(binary, dir)?;
    installation.set("WAYPOST__CONTENT__TIMEOUT_MS", "1000");
    installation.set("WAYPOST__CONTENT__RETRY_DELAYS_S", "[1, 1, 1, 1, 1]");
    installation.set("WAYPOST__CONTENT__AUDIT_AGAIN_S", "[1, 1]");
    Ok(installation)
}

/// Waits until the partner has everything, and until it was asked for everything; tells whether that came.
pub(super) fn wait(ledger: &Ledger, hotels: Hotels) -> bool {
    let (mut moved, mut seen) = (Instant::now(), 0);
    let whole = wait_until(Duration::from_secs(3_600), LOOK, || {
        let now = ledger.counts().accepted;
        if now != seen {
            (seen, moved) = (now, Instant::now());
        }
        now >= hotels.total() || moved.elapsed() >= QUIET
    });
    let audits = u64::from(hotels.properties) * 6;
    let audited = wait_until(AUDITS_LIMIT, LOOK, || ledger.counts().audits >= audits);
    whole && audited
}

/// Fails when the server has ended by itself.
pub(super) fn alive(process: &mut Process) -> anyhow::Result<()> {
    ensure!(process.is_alive(), "waypost ended, see waypost.log");
    Ok(())
}

/// The figures of a launch.
pub(super) fn figures(ledger: &Ledger, process: &Process, drift: usize) -> Sample {
    let counts = ledger.counts();
    let Counts {
        pushes,
        accepted,
        gaps,
        reorders,
        repeats,
        other_ids,
        overlaps,
        faults,
        audits,
        foreign,
        ..
    } = counts;
    let seconds = ledger.seconds();
    vec![
        ("objects", accepted as f64),
        ("seconds", seconds),
        ("objects/s", accepted as f64 / seconds.max(0.001)),
        ("pushes", pushes as f64),
        ("faults", faults as f64),
        ("gaps", gaps as f64),
        ("reorders", reorders as f64),
        ("again, same id", repeats as f64),
        ("again, other id", other_ids as f64),
        ("two at once in a lane", overlaps as f64),
        ("not understood", foreign as f64),
        ("audits", audits as f64),
        ("drifted", drift as f64),
        ("CPU us/object", process.cpu_s() * 1e6 / (accepted as f64).max(1.0)),
        ("peak MiB", process.peak_mib()),
    ]
}

/// The targets every launch has: all arrived, once and in order, and the audits agree.
pub(super) fn nothing_wrong(report: &mut Report, column: &str, total: u64) {
    let worst = |figure: &str| report.column(column).and_then(|column| column.worst(figure));
    let figures =
        ["gaps", "reorders", "again, other id", "two at once in a lane", "not understood", "drifted"];
    let found: Vec<_> = figures.iter().map(|figure| (format!("{column}: {figure}"), worst(figure))).collect();
    let objects = report.column(column).and_then(|column| column.median("objects"));
    found.into_iter().for_each(|(what, value)| report.at_most(&what, value, 0.0));
    report.at_least(&format!("{column}: objects"), objects, total as f64);
}
