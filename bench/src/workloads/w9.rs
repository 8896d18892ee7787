//! W9: W1 over a ledger of 10,000 rows and over a large one, both filled through the batch endpoint.

use anyhow::{Context as _, ensure};

use crate::load::Plan;
use crate::report::{Column, Report};
use crate::smsc::Script;
use crate::subject::{self, FIRST, Far, Kind};

use super::{Settings, trip};

const SMALL_ROWS: u32 = 10_000;
const BATCH: u32 = 1_000;
const FILL_CONNECTIONS: usize = 4;
const CONNECTIONS: usize = 16;

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let mut report = Report::new("w9");
    for rows in [SMALL_ROWS, settings.ledger_rows.next_multiple_of(BATCH)] {
        report.columns.push(over(settings, rows)?);
    }
    let names: Vec<String> = report.columns.iter().map(|column| column.name.clone()).collect();
    for figure in ["accept/s", "round trip msg/s"] {
        let ratio = report.ratio(&names[1], &names[0], figure);
        report.at_least(&format!("{figure}, large to small"), ratio, 0.8);
    }
    Ok(report)
}

fn over(settings: &Settings, rows: u32) -> anyhow::Result<Column> {
    let folder = settings.folder()?;
    let runs = u32::try_from(settings.runs).context("runs")?;
    let far = Far::open(rows + runs * settings.messages, Script::Plain)?;
    let running = subject::start(Kind::Waypost, &settings.waypost()?, folder.path(), &far)?;
    let batches = running.target.batched(BATCH).context("no batches")?;
    eprintln!("filling the ledger with {rows} rows");
    let filled = running.send(Plan::closed(batches, FILL_CONNECTIONS, FIRST, rows), &far.board)?;
    let wanted = u64::from(FIRST) + filled.accepted;
    trip::drain(&far.board, wanted);
    ensure!(far.board.finished_count() == wanted, "the ledger's messages did not all reach their end");
    let mut column = Column { name: format!("{rows} rows"), runs: Vec::new() };
    for run in 0..runs {
        let first = FIRST + rows + run * settings.messages;
        let plan = Plan::closed(running.target.clone(), CONNECTIONS, first, settings.messages);
        column.runs.push(trip::run(plan, &far, &running)?);
    }
    Ok(column)
}
