//! W1: one SMS a request from 16 and from 64 connections, all the way to the call-back.

use crate::load::{self, Plan};
use crate::report::{Report, Sample};
use crate::smsc::Script;
use crate::subject::{self, Far, Kind};

use super::{Settings, trip};

const CONNECTIONS: [usize; 2] = [16, 64];

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let mut report = Report::new("w1");
    let kinds = settings.subjects(&mut report);
    let loads: Vec<_> = CONNECTIONS
        .iter()
        .flat_map(|connections| kinds.iter().map(|kind| (name(*kind, *connections), (*kind, *connections))))
        .collect();
    report.columns =
        settings.interleave(&loads, |(kind, connections)| once(settings, *kind, *connections))?;
    CONNECTIONS.iter().for_each(|connections| check(&mut report, *connections));
    Ok(report)
}

fn name(kind: Kind, connections: usize) -> String {
    format!("{kind} x{connections}")
}

fn once(settings: &Settings, kind: Kind, connections: usize) -> anyhow::Result<Sample> {
    let folder = settings.folder()?;
    let far = Far::open(settings.messages, Script::Plain)?;
    let running = subject::start(kind, &settings.waypost()?, folder.path(), &far)?;
    let plan = Plan::closed(running.target.clone(), connections, 0, settings.messages);
    if kind != Kind::Ceiling {
        return trip::run(plan, &far, &running);
    }
    let outcome = load::run(plan, &far.board)?;
    trip::expect_all(&outcome)?;
    let mut sample = trip::accept(&outcome);
    sample.push(("CPU us/msg", running.cpu_s() * 1e6 / outcome.accepted.max(1) as f64));
    Ok(sample)
}

fn check(report: &mut Report, connections: usize) {
    let (ours, theirs) = (name(Kind::Waypost, connections), name(Kind::Kannel, connections));
    for (figure, bound) in [("accept/s", 2.5), ("round trip msg/s", 3.0)] {
        let ratio = report.ratio(&ours, &theirs, figure);
        report.at_least(&format!("x{connections} {figure}, ratio to Kannel"), ratio, bound);
    }
    let Some(column) = report.column(&ours).cloned() else { return };
    report.at_most(&format!("x{connections} accept p99 ms"), column.median("accept p99 ms"), 10.0);
    for figure in ["missing", "duplicate at the sink", "duplicate at the SMSC"] {
        report.at_most(&format!("x{connections} {figure}, worst run"), column.worst(figure), 0.0);
    }
    report.at_most(&format!("x{connections} peak MiB"), column.median("peak MiB"), 100.0);
}
