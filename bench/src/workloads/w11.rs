//! W11: in-app sessions that are open and silent: the memory they add.

use std::thread::sleep;
use std::time::Duration;

use crate::devices::{Crowd, register};
use crate::report::{Report, Sample};
use crate::smsc::Script;
use crate::subject::Far;
use crate::subject::waypost::Installation;

use super::Settings;

/// As the contract has it.
const KEEP_ALIVE_S: u16 = 10;
/// Three keep-alives of everybody.
const IDLE: Duration = Duration::from_secs(30);

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let mut report = Report::new("w11");
    report.columns = settings.interleave(&[("waypost".to_owned(), ())], |()| once(settings))?;
    let added = report.column("waypost").and_then(|column| column.worst("added MiB"));
    report.at_most("memory added since the start, MiB, worst run", added, 150.0);
    let broken = report.column("waypost").and_then(|column| column.worst("broken"));
    report.at_most("sessions that broke, worst run", broken, 0.0);
    Ok(report)
}

fn once(settings: &Settings) -> anyhow::Result<Sample> {
    let folder = settings.folder()?;
    let far = Far::open(0, Script::Plain)?;
    let mut installation = Installation::new(&settings.waypost()?, folder.path(), &far)?;
    let broker = installation.chat()?;
    let process = installation.serve()?;
    let started = process.resident_mib();
    let devices = register(installation.addr(), settings.sessions)?;
    let registered = process.resident_mib();
    let crowd = Crowd::open(broker, devices, 2, KEEP_ALIVE_S, far.board.clone())?;
    let connected = process.resident_mib();
    let busy_s = process.cpu_s();
    sleep(IDLE);
    let (idle, busy_s) = (process.resident_mib(), process.cpu_s() - busy_s);
    Ok(vec![
        ("sessions", f64::from(settings.sessions)),
        ("MiB started", started),
        ("MiB registered", registered),
        ("MiB connected", connected),
        ("MiB after 30 s idle", idle),
        ("added MiB", idle.max(connected) - started),
        ("KiB a session", (idle - registered) * 1_024.0 / f64::from(settings.sessions)),
        ("CPU of idling, %", busy_s / IDLE.as_secs_f64() * 100.0),
        ("broken", f64::from(crowd.broken())),
    ])
}
