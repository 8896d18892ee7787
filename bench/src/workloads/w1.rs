//! W1: one SMS a request from 16 and from 64 connections, all the way to the call-back.

use crate::load::Plan;
use crate::report::{Report, Sample};
use crate::smsc::Script;
use crate::subject::{self, FIRST, Far, Kind};

use super::{Settings, trip};

const CONNECTIONS: [usize; 2] = [16, 64];

/// One server under one load.
#[derive(Debug, Clone, Copy)]
struct Load {
    kind: Kind,
    connections: usize,
    /// The SMSC never answers, so that the acceptance has the machine for itself.
    alone: bool,
}

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let mut report = Report::new("w1");
    let kinds = settings.subjects(&mut report);
    let load = |connections, alone| kinds.iter().map(move |kind| Load { kind: *kind, connections, alone });
    let mut loads: Vec<Load> = CONNECTIONS.iter().flat_map(|connections| load(*connections, false)).collect();
    loads.extend(load(CONNECTIONS[0], true).filter(|load| load.kind != Kind::Ceiling));
    let loads: Vec<_> = loads.into_iter().map(|load| (name(load), load)).collect();
    report.columns = settings.interleave(&loads, |load| once(settings, *load))?;
    CONNECTIONS.iter().for_each(|connections| check(&mut report, *connections));
    Ok(report)
}

fn name(Load { kind, connections, alone }: Load) -> String {
    format!("{kind} x{connections}{}", if alone { " accept alone" } else { "" })
}

fn once(settings: &Settings, load: Load) -> anyhow::Result<Sample> {
    let folder = settings.folder()?;
    let far = Far::open(settings.messages, if load.alone { Script::Silent } else { Script::Plain })?;
    let running = subject::start(load.kind, &settings.waypost()?, folder.path(), &far)?;
    let plan = Plan::closed(running.target.clone(), load.connections, FIRST, settings.messages);
    if load.kind != Kind::Ceiling && !load.alone {
        return trip::run(plan, &far, &running);
    }
    let before_s = running.cpu_s();
    let outcome = running.send(plan, &far.board)?;
    let mut sample = trip::accept(&outcome);
    sample.push(("CPU us/msg", (running.cpu_s() - before_s) * 1e6 / outcome.accepted.max(1) as f64));
    Ok(sample)
}

fn check(report: &mut Report, connections: usize) {
    let [ours, theirs] =
        [Kind::Waypost, Kind::Kannel].map(|kind| name(Load { kind, connections, alone: false }));
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
