//! W6: one message a second on an idle server: from the request's start to the SMSC.

use crate::histogram::Histogram;
use crate::load::Plan;
use crate::report::{Column, Report};
use crate::smsc::Script;
use crate::subject::{self, FIRST, Far, Kind};

use super::{Settings, trip};

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let mut report = Report::new("w6");
    let mut kinds = settings.subjects(&mut report);
    kinds.retain(|kind| *kind != Kind::Ceiling);
    for kind in kinds {
        report.columns.push(Column { name: kind.to_string(), runs: vec![once(settings, kind)?] });
    }
    let p99 = report.column("waypost").and_then(|column| column.median("to first submit p99 ms"));
    report.at_most("request to first submit_sm, p99 ms", p99, 20.0);
    Ok(report)
}

fn once(settings: &Settings, kind: Kind) -> anyhow::Result<crate::report::Sample> {
    let messages = settings.idle_s;
    let folder = settings.folder()?;
    let far = Far::open(messages, Script::Plain)?;
    let running = subject::start(kind, &settings.waypost()?, folder.path(), &far)?;
    let plan = Plan { rate_per_s: Some(1.0), ..Plan::closed(running.target.clone(), 2, FIRST, messages) };
    let before = far.board.finished_count();
    let outcome = running.send(plan, &far.board)?;
    trip::drain(&far.board, before + outcome.accepted);
    let (mut submit, mut callback) = (Histogram::default(), Histogram::default());
    far.board.to_submit_us(FIRST..FIRST + messages).for_each(|span| submit.record(span));
    far.board.to_final_us(FIRST..FIRST + messages).for_each(|span| callback.record(span));
    Ok(vec![
        ("messages", submit.total() as f64),
        ("accept p50 ms", outcome.latency.quantile_ms(500)),
        ("accept p99 ms", outcome.latency.quantile_ms(990)),
        ("to first submit p50 ms", submit.quantile_ms(500)),
        ("to first submit p99 ms", submit.quantile_ms(990)),
        ("to call-back p50 ms", callback.quantile_ms(500)),
        ("to call-back p99 ms", callback.quantile_ms(990)),
    ])
}
