//! W12: in-app messages at a fixed rate: from the request to the device.

use std::sync::Arc;
use std::time::Duration;

use crate::devices::{Crowd, register};
use crate::histogram::Histogram;
use crate::load::{self, Plan};
use crate::places::wait_until;
use crate::report::{Report, Sample};
use crate::smsc::Script;
use crate::subject::waypost::Installation;
use crate::subject::{FIRST, Far, cpu_s};

use super::Settings;

const KEEP_ALIVE_S: u16 = 10;
const CONNECTIONS: usize = 16;
/// Longest wait for the last message.
const LAST: Duration = Duration::from_secs(30);
/// Repetitions would come within this.
const REPEATS: Duration = Duration::from_millis(500);

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let mut report = Report::new("w12");
    let loads = [1_u8, 2].map(|qos| (format!("waypost, quality {qos}"), qos));
    report.columns = settings.interleave(&loads, |qos| once(settings, *qos))?;
    for (name, qos) in &loads {
        let of = |figure: &str| report.column(name).and_then(|column| column.worst(figure));
        let (p99, missing, again) = (of("to the device p99 ms"), of("missing"), of("twice"));
        report.at_most(&format!("request to device, p99 ms, quality {qos}"), p99, 50.0);
        report.at_most(&format!("missing, quality {qos}"), missing, 0.0);
        report.at_most(&format!("twice, quality {qos}"), again, 0.0);
    }
    Ok(report)
}

fn once(settings: &Settings, qos: u8) -> anyhow::Result<Sample> {
    let messages = (settings.chat_rate_per_s * f64::from(settings.chat_s)) as u32;
    let folder = settings.folder()?;
    let far = Far::open(messages, Script::Plain)?;
    let mut installation = Installation::new(&settings.waypost()?, folder.path(), &far)?;
    let broker = installation.chat()?;
    let process = installation.serve()?;
    let devices = register(installation.addr(), settings.sessions)?;
    let crowd = Crowd::open(broker, devices, qos, KEEP_ALIVE_S, far.board.clone())?;
    let target = installation.chat_target(&far, settings.sessions);
    let warm = Plan::closed(target.clone(), 4, 0, FIRST);
    load::run(warm, &far.board)?;
    let arrived = |wanted: u64| {
        wait_until(LAST, Duration::from_millis(5), || far.board.submitted_count() >= wanted);
    };
    arrived(u64::from(FIRST));
    let (cpu, ours) = (process.cpu_s(), cpu_s(std::process::id()));
    let rate_per_s = Some(settings.chat_rate_per_s);
    let plan = Plan { rate_per_s, ..Plan::closed(target, CONNECTIONS, FIRST, messages) };
    let outcome = load::run(plan, &Arc::clone(&far.board))?;
    arrived(u64::from(FIRST) + outcome.accepted);
    std::thread::sleep(REPEATS);
    let (cpu, ours) = (process.cpu_s() - cpu, cpu_s(std::process::id()) - ours);
    let tally = far.board.tally(FIRST..FIRST + messages);
    let mut trip = Histogram::default();
    far.board.to_submit_us(FIRST..FIRST + messages).for_each(|span| trip.record(span));
    let each_us = |seconds: f64| seconds * 1e6 / f64::from(messages);
    Ok(vec![
        ("sessions", f64::from(settings.sessions)),
        ("accepted/s", outcome.accepted_per_s()),
        ("accept p99 ms", outcome.latency.quantile_ms(990)),
        ("to the device p50 ms", trip.quantile_ms(500)),
        ("to the device p99 ms", trip.quantile_ms(990)),
        ("to the device p99.9 ms", trip.quantile_ms(999)),
        ("refused", outcome.refused as f64),
        ("missing", tally.acked.saturating_sub(tally.submitted) as f64 + outcome.refused as f64),
        ("twice", tally.submitted_again as f64),
        ("sessions that broke", f64::from(crowd.broken())),
        ("peak MiB", process.peak_mib()),
        ("CPU us/msg", each_us(cpu)),
        ("instruments' CPU us/msg", each_us(ours)),
    ])
}
