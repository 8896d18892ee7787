//! The round trip that several workloads share: accept, SMPP, receipt, call-back.

use std::time::{Duration, Instant};

use anyhow::bail;

use crate::board::Board;
use crate::histogram::Histogram;
use crate::load::{self, Outcome, Plan};
use crate::report::Sample;
use crate::subject::{Far, Running, cpu_s};

/// Without a new call-back for this long nothing more is expected.
const QUIET: Duration = Duration::from_secs(10);
/// Longest wait for the last call-back.
const DRAIN_LIMIT: Duration = Duration::from_secs(1_800);
/// How long repetitions are waited for after the last expected call-back.
const REPEATS: Duration = Duration::from_millis(500);

/// Sends a plan's messages, waits for their call-backs and tells the figures.
pub(super) fn run(plan: Plan, far: &Far, running: &Running) -> anyhow::Result<Sample> {
    let range = plan.first..plan.first + plan.messages;
    let before = far.board.finished_count();
    let (cpu_before_s, ours_before_s) = (running.cpu_s(), cpu_s(std::process::id()));
    let outcome = load::run(plan, &far.board)?;
    expect_all(&outcome)?;
    drain(&far.board, before + outcome.accepted);
    let (cpu_after_s, ours_after_s) = (running.cpu_s(), cpu_s(std::process::id()));
    let tally = far.board.tally(range.clone());
    let each_us = |seconds: f64| seconds * 1e6 / tally.acked.max(1) as f64;
    let mut trip = Histogram::default();
    far.board.to_final_us(range).for_each(|span| trip.record(span));
    let seconds = tally.last_final_us.saturating_sub(tally.first_sent_us) as f64 / 1e6;
    let mut sample = accept(&outcome);
    sample.extend([
        ("round trip msg/s", tally.finished as f64 / seconds.max(1e-9)),
        ("round trip p50 ms", trip.quantile_ms(500)),
        ("missing", tally.missing as f64),
        ("duplicate at the sink", tally.finished_again as f64),
        ("duplicate at the SMSC", tally.submitted_again as f64),
        ("peak MiB", running.peak_mib()),
        ("CPU us/msg", each_us(cpu_after_s - cpu_before_s)),
        ("instruments' CPU us/msg", each_us(ours_after_s - ours_before_s)),
    ]);
    Ok(sample)
}

/// The figures of the acceptance alone.
pub(super) fn accept(outcome: &Outcome) -> Sample {
    vec![
        ("accept/s", outcome.accepted_per_s()),
        ("accept p50 ms", outcome.latency.quantile_ms(500)),
        ("accept p99 ms", outcome.latency.quantile_ms(990)),
    ]
}

/// A rate over refusals would be a lie.
pub(super) fn expect_all(outcome: &Outcome) -> anyhow::Result<()> {
    if let Some(first) = &outcome.first_refusal {
        bail!("{} messages were refused; the first answer: {first}", outcome.refused);
    }
    Ok(())
}

/// Waits until `wanted` messages have their call-back, or nothing moves any more.
pub(super) fn drain(board: &Board, wanted: u64) {
    settle(board, QUIET, || board.finished_count() >= wanted);
}

/// Waits until `done`, or no new call-back came for the `quiet` time; then a little longer, for repetitions.
pub(super) fn settle(board: &Board, quiet: Duration, mut done: impl FnMut() -> bool) {
    let (end, mut moved, mut seen) = (Instant::now() + DRAIN_LIMIT, Instant::now(), 0);
    while !done() && Instant::now() < end && moved.elapsed() < quiet {
        std::thread::sleep(Duration::from_millis(5));
        let now = board.finished_count();
        if now != seen {
            (seen, moved) = (now, Instant::now());
        }
    }
    std::thread::sleep(REPEATS);
}
