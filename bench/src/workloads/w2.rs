//! W2: ordered push of objects over 1, 10 and 1,000 lanes to a partner that fails 2 % of the time.

use crate::hotels::Hotels;
use crate::partner::{Ledger, Manner, Partner};
use crate::report::{Report, Sample};

use super::{Settings, hub};

/// Objects a second over 1,000 lanes.
const TARGET_PER_S: f64 = 2_000.0;
const IN_FLIGHT: u32 = 200;

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let lanes =
        |properties: u32, messages: u32| (format!("{properties} lanes"), Hotels { properties, messages });
    let each = settings.objects.div_ceil(1_000).max(15);
    let loads = [lanes(1, each * 5), lanes(10, each * 3), lanes(1_000, each)];
    let mut report = Report::new("w2");
    report.columns = settings.interleave(&loads, |hotels| once(settings, *hotels))?;
    for (name, hotels) in &loads {
        hub::nothing_wrong(&mut report, name, hotels.total());
    }
    let rate = report.column("1000 lanes").and_then(|column| column.median("objects/s"));
    report.at_least("1000 lanes: objects/s", rate, TARGET_PER_S);
    Ok(report)
}

fn once(settings: &Settings, hotels: Hotels) -> anyhow::Result<Sample> {
    let folder = settings.folder()?;
    let partner = Partner::open(Ledger::new(hotels, 1, 0), Manner::FAULTY)?;
    let installation = hub::install(&settings.waypost()?, folder.path())?;
    installation.partner("ota", &partner.url(0), IN_FLIGHT)?;
    // Before the server stands: what is measured is the pushing.
    installation.import(hotels, folder.path())?;
    let mut process = installation.serve()?;
    let whole = hub::wait(&partner.ledger, hotels);
    hub::alive(&mut process)?;
    let drift = if whole { installation.drift("ota")? } else { usize::MAX };
    Ok(hub::figures(&partner.ledger, &process, drift))
}
