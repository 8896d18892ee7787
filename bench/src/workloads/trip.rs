//! The round trip that several workloads share: accept, SMPP, receipt, call-back.

use std::time::Duration;

use crate::board::Board;
use crate::histogram::Histogram;
use crate::load::{Outcome, Plan};
use crate::report::Sample;
use crate::subject::{Far, Running, cpu_s, settle};

/// Without a new call-back for this long nothing more is expected.
const QUIET: Duration = Duration::from_secs(10);

/// Sends a plan's messages, waits for their call-backs and tells the figures.
pub(super) fn run(plan: Plan, far: &Far, running: &Running) -> anyhow::Result<Sample> {
    let range = plan.first..plan.first + plan.messages;
    let (before, interim_before) = (far.board.finished_count(), far.board.interim_count());
    let (cpu_before_s, ours_before_s) = (running.cpu_s(), cpu_s(std::process::id()));
    let outcome = running.send(plan, &far.board)?;
    drain(&far.board, before + outcome.accepted);
    let (cpu_after_s, ours_after_s) = (running.cpu_s(), cpu_s(std::process::id()));
    let tally = far.board.tally(range.clone());
    let callbacks = tally.finished + tally.finished_again + far.board.interim_count() - interim_before;
    let each_us = |seconds: f64| seconds * 1e6 / tally.acked.max(1) as f64;
    let mut trip = Histogram::default();
    far.board.to_final_us(range).for_each(|span| trip.record(span));
    let seconds = tally.last_final_us.saturating_sub(tally.first_sent_us) as f64 / 1e6;
    let mut sample = accept(&outcome);
    sample.extend([
        ("round trip msg/s", tally.finished as f64 / seconds.max(1e-9)),
        ("round trip p50 ms", trip.quantile_ms(500)),
        ("call-backs/msg", callbacks as f64 / tally.acked.max(1) as f64),
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

/// Waits until `wanted` messages have their call-back, or nothing moves any more.
pub(super) fn drain(board: &Board, wanted: u64) {
    settle(board, QUIET, || board.finished_count() >= wanted);
}
