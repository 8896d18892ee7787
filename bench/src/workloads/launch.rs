//! The launch: 1,000 properties of 150 messages, imported while the server stands, to a partner that takes 5 ms for each.

use std::time::{Duration, Instant};

use crate::hotels::Hotels;
use crate::partner::{Ledger, Manner, Partner};
use crate::report::{Report, Sample};

use super::{Settings, hub};

const MESSAGES: u32 = 150;
const PAUSE: Duration = Duration::from_millis(5);
/// Seconds from the start of the import to the last object.
const SECONDS_MAX: f64 = 600.0;
const MIB_MAX: f64 = 150.0 * 1e6 / 1_048_576.0;

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let hotels = Hotels { properties: settings.properties, messages: MESSAGES };
    let mut report = Report::new("launch");
    report.columns =
        settings.interleave(&[("launch".to_owned(), hotels)], |hotels| once(settings, *hotels))?;
    hub::nothing_wrong(&mut report, "launch", hotels.total());
    let column = report.column("launch");
    let (seconds, mib) =
        (column.and_then(|it| it.worst("whole s")), column.and_then(|it| it.worst("peak MiB")));
    report.at_most("import to the last object, s", seconds, SECONDS_MAX);
    report.at_most("peak MiB (150 MB)", mib, MIB_MAX);
    Ok(report)
}

/// With every default of the server, and ten messages in flight.
fn once(settings: &Settings, hotels: Hotels) -> anyhow::Result<Sample> {
    let folder = settings.folder()?;
    let manner = Manner { pause: PAUSE, ..Manner::default() };
    let partner = Partner::open(Ledger::new(hotels, 1, 0), manner)?;
    let installation = crate::subject::waypost::Installation::content(&settings.waypost()?, folder.path())?;
    installation.partner("ota", &partner.url(0), 10)?;
    let mut process = installation.serve()?;
    let start = Instant::now();
    installation.import(hotels, folder.path())?;
    let imported_s = start.elapsed().as_secs_f64();
    let whole = hub::wait(&partner.ledger, hotels);
    let whole_s = partner.ledger.last().map_or(f64::MAX, |last| (last - start).as_secs_f64());
    hub::alive(&mut process)?;
    let drift = if whole { installation.drift("ota")? } else { usize::MAX };
    let mut sample = vec![("import s", imported_s), ("whole s", whole_s)];
    sample.extend(hub::figures(&partner.ledger, &process, drift));
    Ok(sample)
}
