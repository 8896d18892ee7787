//! W1b: requests of 1,000 destinations; counted when the answer is there, so durably accepted.

use crate::load::Plan;
use crate::report::{Report, Sample};
use crate::smsc::Script;
use crate::subject::{self, FIRST, Far, Kind};

use super::{Settings, trip};

const BATCH: u32 = 1_000;
const CONNECTIONS: usize = 4;
/// Batches are measured over this many times W1's messages, to last about as long.
const TIMES: u32 = 5;

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let mut report = Report::new("w1b");
    report.columns = settings.interleave(&[("waypost".to_owned(), ())], |()| once(settings))?;
    let rate = report.column("waypost").and_then(|column| column.median("destinations/s"));
    report.at_least("destinations/s accepted durably", rate, 60_000.0);
    let missing = report.column("waypost").and_then(|column| column.worst("missing"));
    report.at_most("missing, worst run", missing, 0.0);
    Ok(report)
}

fn once(settings: &Settings) -> anyhow::Result<Sample> {
    let messages = (settings.messages * TIMES).next_multiple_of(BATCH);
    let folder = settings.folder()?;
    let far = Far::open(messages, Script::Plain)?;
    let running = subject::start(Kind::Waypost, &settings.waypost()?, folder.path(), &far)?;
    let Some(target) = running.target.batched(BATCH) else { anyhow::bail!("no batches") };
    let before = far.board.finished_count();
    let outcome = running.send(Plan::closed(target, CONNECTIONS, FIRST, messages), &far.board)?;
    trip::drain(&far.board, before + outcome.accepted);
    let tally = far.board.tally(FIRST..FIRST + messages);
    let seconds = tally.last_final_us.saturating_sub(tally.first_sent_us) as f64 / 1e6;
    Ok(vec![
        ("destinations/s", outcome.accepted_per_s()),
        ("request p50 ms", outcome.latency.quantile_ms(500)),
        ("request p99 ms", outcome.latency.quantile_ms(990)),
        ("round trip msg/s", tally.finished as f64 / seconds.max(1e-9)),
        ("missing", tally.missing as f64),
        ("duplicate at the sink", tally.finished_again as f64),
        ("duplicate at the SMSC", tally.submitted_again as f64),
        ("peak MiB", running.peak_mib()),
    ])
}
