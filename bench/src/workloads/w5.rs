//! W5: an SMSC with every bad habit; every message must end in the right state.

use crate::load::Plan;
use crate::report::{Column, Report};
use crate::smsc::{Habit, Script};
use crate::subject::{self, FIRST, Far, Kind};

use super::{Settings, trip};

/// Messages of each habit.
const EACH: u32 = 100;
const CONNECTIONS: usize = 16;
const DELIVERED: u32 = 7_500;

pub(super) fn run(settings: &Settings) -> anyhow::Result<Report> {
    let habits = Habit::ALL.len() as u32;
    let messages = EACH * habits;
    let folder = settings.folder()?;
    let far = Far::open(messages, Script::Chaos)?;
    let running = subject::start(Kind::Waypost, &settings.waypost()?, folder.path(), &far)?;
    let before = far.board.finished_count();
    running.send(Plan::closed(running.target.clone(), CONNECTIONS, FIRST, messages), &far.board)?;
    // Messages whose only receipt names an unknown id stay sent: no final call-back is due.
    trip::drain(&far.board, before + u64::from(messages - EACH));
    let mut report = Report::new("w5");
    for habit in Habit::ALL {
        let (right, repeated) = count(&far, messages, habit);
        let name = serde_json::to_value(habit)?.as_str().unwrap_or_default().to_owned();
        report.at_least(&format!("{name}: right final state"), Some(right), f64::from(EACH));
        report.at_most(&format!("{name}: more than one final call-back"), Some(repeated), 0.0);
    }
    let sample = vec![("messages", f64::from(messages)), ("receipts refused", far.smsc.refused() as f64)];
    report.columns = vec![Column { name: "waypost".to_owned(), runs: vec![sample] }];
    Ok(report)
}

/// Messages of a habit with the right last state, and final call-backs too many.
fn count(far: &Far, messages: u32, habit: Habit) -> (f64, f64) {
    let ours = (FIRST..FIRST + messages).filter(|number| Habit::of(*number) == habit);
    let (mut right, mut repeated) = (0, 0);
    for number in ours {
        right += u32::from(is_right(habit, far.board.code(number)));
        repeated += far.board.tally(number..number + 1).finished_again;
    }
    (f64::from(right), repeated as f64)
}

fn is_right(habit: Habit, code: Option<u32>) -> bool {
    match habit {
        Habit::UnknownId => code.is_none(),
        Habit::Undelivered => code.is_some_and(|code| code != DELIVERED),
        _ => code == Some(DELIVERED),
    }
}
