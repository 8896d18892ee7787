//! W10: from an empty folder to ready.

use std::time::Instant;

use crate::report::{Report, Sample};
use crate::subject::waypost::Installation;

use super::Settings;

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let mut report = Report::new("w10");
    report.columns = settings.interleave(&[("waypost".to_owned(), ())], |()| once(settings))?;
    let seconds = report.column("waypost").and_then(|column| column.median("seconds to ready"));
    report.at_most("empty folder to ready, seconds", seconds, 0.5);
    Ok(report)
}

fn once(settings: &Settings) -> anyhow::Result<Sample> {
    let folder = settings.folder()?;
    let installation = Installation::bare(&settings.waypost()?, folder.path())?;
    let start = Instant::now();
    let process = installation.serve()?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(vec![("seconds to ready", seconds), ("MiB when ready", process.peak_mib())])
}
